"""Requests to Azure OpenAI, through the openai SDK; the only module that imports it.

Every body goes in and out as plain JSON: the SDK's typed models know one generation of the API
only, and lose fields of the other.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx2
import openai

from provisioner.errors import ProviderError
from provisioner.providers.patience import seconds_to_wait
from provisioner.providers.refusals import refusal, unreachable

TIMEOUT = httpx2.Timeout(60.0, connect=10.0)
UPLOAD_TIMEOUT = httpx2.Timeout(600.0, connect=10.0)
RETRIES = 2
"""For requests that may safely be repeated. A create is never repeated: the SDK sends no
idempotency key, and a lost answer would make a second object.
"""
PATIENCE, LONGEST_WAIT = 8, 120.0
"""How often, and for how many seconds at most, a request waits that was refused with 429."""


@dataclass(frozen=True, slots=True)
class Credential:
    """How requests are signed: one of a key and something that gives tokens."""

    api_key: str | None = field(default=None, repr=False)
    token: Callable[[], str] | None = field(default=None, repr=False)


class Transport:
    """Sends requests below `{endpoint}/openai`. Safe to use from several threads."""

    def __init__(
        self, endpoint: str, api_version: str, credential: Credential, *, direct: bool
    ) -> None:
        """`direct`: past any proxy of the environment, as for this very machine."""
        self._client = openai.AzureOpenAI(
            azure_endpoint=endpoint,
            api_version=api_version,
            api_key=credential.api_key,
            azure_ad_token_provider=credential.token,
            max_retries=RETRIES,
            timeout=TIMEOUT,
            # A redirected create would be sent twice, and elsewhere.
            http_client=openai.DefaultHttpx2Client(trust_env=not direct, follow_redirects=False),
        )
        self._ahead = 0.0

    def now(self) -> float:
        """Tell the service's clock, as its last answer has shown it."""
        return time.time() + self._ahead

    def get(self, path: str, params: Mapping[str, object] | None = None) -> Any:
        """Read; repeated where that may help."""
        options: openai.RequestOptions = {"params": dict(params or {})}

        def send() -> httpx2.Response:
            return self._client.get(path, cast_to=httpx2.Response, options=options)

        return _body("GET", path, self._send("GET", path, send))

    def download(self, path: str) -> bytes:
        """Read bytes as they stand; repeated where that may help."""
        options: openai.RequestOptions = {
            "timeout": UPLOAD_TIMEOUT,
            "headers": {"Accept": "application/octet-stream"},
        }

        def send() -> httpx2.Response:
            return self._client.get(path, cast_to=httpx2.Response, options=options)

        return self._send("GET", path, send).content

    def post(self, path: str, body: Mapping[str, Any], *, repeatable: bool) -> Any:
        """Send a JSON body; `repeatable` where sending it twice is the same as once."""
        options: openai.RequestOptions = {"max_retries": RETRIES if repeatable else 0}

        def send() -> httpx2.Response:
            return self._client.post(
                path, cast_to=httpx2.Response, body=dict(body), options=options
            )

        return _body("POST", path, self._send("POST", path, send))

    def upload(
        self, path: str, fields: Mapping[str, str], name: str, mime: str, source: Path
    ) -> Any:
        """Send a file as multipart form data; never repeated."""
        options: openai.RequestOptions = {
            "max_retries": 0,
            "timeout": UPLOAD_TIMEOUT,
            "headers": {"Content-Type": "multipart/form-data"},
        }

        def send() -> httpx2.Response:
            with source.open("rb") as stream:
                files = {"file": (name, stream, mime)}
                return self._client.post(
                    path, cast_to=httpx2.Response, body=dict(fields), files=files, options=options
                )

        return _body("POST", path, self._send("POST", path, send))

    def delete(self, path: str) -> None:
        """Delete; repeated where that may help. Any success is one, with or without a body."""

        def send() -> httpx2.Response:
            return self._client.delete(path, cast_to=httpx2.Response)

        self._send("DELETE", path, send)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _send(self, method: str, path: str, send: Callable[[], httpx2.Response]) -> httpx2.Response:
        try:
            answer = patiently(send)
        except OSError as trouble:
            raise ProviderError(
                "File vanished", f"{trouble}. Plan again.", code="R009"
            ) from trouble
        except openai.APIStatusError as trouble:
            self._read_clock(trouble.response)
            raise _refused(method, path, trouble) from None
        except openai.APIConnectionError as trouble:
            raise _lost(method, path, trouble) from None
        self._read_clock(answer)
        return answer

    def _read_clock(self, answer: httpx2.Response) -> None:
        try:
            date = parsedate_to_datetime(answer.headers["date"])
        except (KeyError, ValueError):
            return
        self._ahead = date.timestamp() - time.time()


def patiently(send: Callable[[], httpx2.Response]) -> httpx2.Response:
    """Send a request; wait and try again where it certainly was not carried out: on 429."""
    for attempt in range(PATIENCE):
        answer = _unless_refused(send, attempt)
        if answer is not None:
            return answer
    return send()


def _unless_refused(send: Callable[[], httpx2.Response], attempt: int) -> httpx2.Response | None:
    try:
        return send()
    except openai.RateLimitError as trouble:
        seconds = seconds_to_wait(trouble.response.headers, trouble.response.text, attempt)
        if seconds > LONGEST_WAIT:
            raise
        time.sleep(seconds)
        return None


def _body(method: str, path: str, answer: httpx2.Response) -> Any:
    if not answer.content:
        return None
    try:
        return answer.json()
    except ValueError:
        raise ProviderError(
            "Answer is no JSON",
            f"{method} {path}: HTTP {answer.status_code} with"
            f" {answer.headers.get('content-type')}. Is the endpoint that of an Azure OpenAI"
            " resource, and is there a proxy in between?",
            code="R004",
            status=answer.status_code,
            unsettled=method == "POST",
        ) from None


def _refused(method: str, path: str, trouble: openai.APIStatusError) -> ProviderError:
    answer = trouble.response
    try:
        body = answer.json()
    except (ValueError, json.JSONDecodeError):
        body = None
    headers = answer.headers
    request_id = headers.get("x-request-id") or headers.get("apim-request-id")
    return refusal(method, path, answer.status_code, body, request_id)


def _lost(method: str, path: str, trouble: openai.APIConnectionError) -> ProviderError:
    cause = trouble.__cause__
    if isinstance(cause, httpx2.LocalProtocolError):
        # Its message quotes the header that could not be sent, which may be the key.
        return unreachable(method, path, "LocalProtocolError", "not a request", never_sent=True)
    never_sent = isinstance(cause, (httpx2.ConnectError, httpx2.ConnectTimeout))
    return unreachable(
        method, path, type(cause or trouble).__name__, str(cause or trouble), never_sent=never_sent
    )
