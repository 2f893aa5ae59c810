"""What stands before the service: keys, api-versions, rate limit, latency, headers."""

import asyncio
import math
import secrets
import time
import uuid
from collections import deque
from collections.abc import Awaitable
from contextlib import suppress
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from provisioner.emulator.errors import (
    ServiceError,
    access_denied,
    no_such_route,
    too_many_requests,
)
from provisioner.emulator.routing import json_response, read_to_end
from provisioner.emulator.settings import EmulatorSettings
from provisioner.emulator.versions import ApiVersion, find_version


class Gateway:
    """An ASGI application before another one, which it calls for requests that may pass."""

    def __init__(self, service: ASGIApp, settings: EmulatorSettings) -> None:
        self._service = service
        self._settings = settings
        self._passed: deque[float] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let it pass."""
        if scope["type"] != "http":
            await self._service(scope, receive, send)
            return
        started = time.monotonic()
        if self._settings.latency_ms:
            await asyncio.sleep(self._settings.latency_ms / 1000)
        try:
            version = self._admit(scope)
        except ServiceError as error:
            await read_to_end(receive)
            response = json_response(error.body, error.status, error.headers)
            await response(scope, receive, _with_headers(send, scope, None, started))
            return
        passed = {**scope, "api_version": version}
        # Nobody waits for the answer any more, and the request was not whole: nothing is done.
        with suppress(ClientDisconnect):
            await self._service(passed, receive, _with_headers(send, scope, version, started))

    def _admit(self, scope: Scope) -> ApiVersion:
        self._check_key(Headers(scope=scope))
        self._count()
        query = parse_qs(scope["query_string"].decode("latin-1"))
        version = find_version(query.get("api-version", [None])[-1])
        # Azure's management layer knows operations, not paths: a wrong method is a wrong route.
        if version is None or scope["method"] not in ("GET", "POST", "DELETE"):
            raise no_such_route()
        return version

    def _check_key(self, headers: Headers) -> None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        given = headers.get("api-key", "") or (token if scheme.lower() == "bearer" else "")
        wanted = self._settings.api_key
        right = wanted is None or secrets.compare_digest(given.encode(), wanted.encode())
        if not given or not right:
            raise access_denied()

    def _count(self) -> None:
        if self._settings.rate is None:
            return
        now = time.monotonic()
        while self._passed and self._passed[0] <= now - 1:
            self._passed.popleft()
        if len(self._passed) >= self._settings.rate:
            wait = self._passed[0] + 1 - now if self._passed else 1
            raise too_many_requests(max(1, math.ceil(wait)))
        self._passed.append(now)


def _with_headers(send: Send, scope: Scope, version: ApiVersion | None, started: float) -> Send:
    def send_on(message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            milliseconds = math.ceil((time.monotonic() - started) * 1000)
            added = {
                **_always(),
                **_applications(version, message["status"]),
                **_of_2025(version, scope["path"], milliseconds),
                **({"Access-Control-Allow-Origin": "*"} if _is_files(scope["path"]) else {}),
            }
            headers.update(added)
        return send(message)

    return send_on


def _always() -> dict[str, str]:
    return {
        "apim-request-id": str(uuid.uuid4()),
        "x-ms-region": "East US",
        "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
        "X-Content-Type-Options": "nosniff",
    }


def _applications(version: ApiVersion | None, status: int) -> dict[str, str]:
    # Recorded: v1 sends X-Request-ID always; v2 adds x-ms-middleware-request-id, but a 404 of
    # 2024-07-01-preview has neither. What the gateway answers itself never reached the service.
    if version is None or (version.generation == 2 and status == 404):  # noqa: PLR2004 - as said
        return {}
    headers = {"x-request-id": str(uuid.uuid4())}
    if version.generation == 1:
        return headers
    return {**headers, "x-ms-middleware-request-id": str(uuid.uuid4())}


def _of_2025(version: ApiVersion | None, path: str, milliseconds: int) -> dict[str, str]:
    if version is None or not version.since("2025"):
        return {}
    headers = {"openai-version": "2020-10-01", "openai-processing-ms": str(milliseconds)}
    if _is_files(path):
        return headers
    return {**headers, "openai-organization": "emulator"}


def _is_files(path: str) -> bool:
    return path == "/openai/files" or path.startswith("/openai/files/")
