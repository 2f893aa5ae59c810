"""Requests to Azure OpenAI, through the openai SDK; the only module that imports it.

Every body goes in and out as plain JSON: the SDK's typed models know one generation of the API
only, and lose fields of the other.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx2
import openai

from provisioner.errors import ProviderError
from provisioner.providers.limiter import (
    LONGEST_WAIT,
    GaveUpError,
    Limiter,
    StoppedError,
    Turn,
)
from provisioner.providers.patience import guess, seconds_to_wait
from provisioner.providers.refusals import (
    CONFLICT,
    SERVER_ERROR,
    TIMED_OUT,
    refusal,
    stopped,
    too_many,
    unreachable,
)

TIMEOUT = httpx2.Timeout(60.0, connect=10.0)
UPLOAD_TIMEOUT = httpx2.Timeout(600.0, connect=10.0)
RETRIES = 2
"""For requests that may safely be repeated. A create is never repeated: the SDK sends no
idempotency key, and a lost answer would make a second object. Only what was refused with 429 was
certainly not carried out, and is sent again whatever it is, as the limiter allows it.
"""


@dataclass(frozen=True, slots=True)
class Credential:
    """How requests are signed: one of a key and something that gives tokens."""

    api_key: str | None = field(default=None, repr=False)
    token: Callable[[], str] | None = field(default=None, repr=False)


class Transport:
    """Sends requests below `{endpoint}/openai`. Safe to use from several threads."""

    def __init__(
        self,
        endpoint: str,
        api_version: str,
        credential: Credential,
        limiter: Limiter,
        *,
        direct: bool,
    ) -> None:
        """`direct`: past any proxy of the environment, as for this very machine."""
        self._client = openai.AzureOpenAI(
            azure_endpoint=endpoint,
            api_version=api_version,
            api_key=credential.api_key,
            azure_ad_token_provider=credential.token,
            # The SDK would send creates twice, and refused requests without asking the limiter.
            max_retries=0,
            timeout=TIMEOUT,
            # A redirected create would be sent twice, and elsewhere.
            http_client=openai.DefaultHttpx2Client(trust_env=not direct, follow_redirects=False),
        )
        self._limiter = limiter
        self._ahead = time.time() - time.monotonic()

    def now(self) -> float:
        """Tell the service's clock, as its last answer has shown it.

        This machine's clock may be set meanwhile: what has passed since is told by the other one.
        """
        return time.monotonic() + self._ahead

    def get(self, path: str, params: Mapping[str, object] | None = None) -> Any:
        """Read; repeated where that may help."""
        options: openai.RequestOptions = {"params": dict(params or {})}

        def send() -> httpx2.Response:
            return self._client.get(path, cast_to=httpx2.Response, options=options)

        return _body("GET", path, self._send("GET", path, send, RETRIES))

    def download(self, path: str) -> bytes:
        """Read bytes as they stand; repeated where that may help."""
        options: openai.RequestOptions = {
            "timeout": UPLOAD_TIMEOUT,
            "headers": {"Accept": "application/octet-stream"},
        }

        def send() -> httpx2.Response:
            return self._client.get(path, cast_to=httpx2.Response, options=options)

        return self._send("GET", path, send, RETRIES).content

    def post(self, path: str, body: Mapping[str, Any], *, repeatable: bool) -> Any:
        """Send a JSON body; `repeatable` where sending it twice is the same as once."""

        def send() -> httpx2.Response:
            return self._client.post(path, cast_to=httpx2.Response, body=dict(body))

        return _body("POST", path, self._send("POST", path, send, RETRIES if repeatable else 0))

    def upload(
        self, path: str, fields: Mapping[str, str], name: str, mime: str, source: Path
    ) -> Any:
        """Send a file as multipart form data; never repeated."""
        options: openai.RequestOptions = {
            "timeout": UPLOAD_TIMEOUT,
            "headers": {"Content-Type": "multipart/form-data"},
        }

        def send() -> httpx2.Response:
            with source.open("rb") as stream:
                files = {"file": (name, stream, mime)}
                return self._client.post(
                    path, cast_to=httpx2.Response, body=dict(fields), files=files, options=options
                )

        return _body("POST", path, self._send("POST", path, send, 0))

    def delete(self, path: str) -> None:
        """Delete; repeated where that may help. A success has a body of JSON, or none."""

        def send() -> httpx2.Response:
            return self._client.delete(path, cast_to=httpx2.Response)

        _body("DELETE", path, self._send("DELETE", path, send, RETRIES))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _send(
        self, method: str, path: str, send: Callable[[], httpx2.Response], retries: int
    ) -> httpx2.Response:
        try:
            answer = self._patiently(method, path, send, retries)
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

    def _patiently(
        self, method: str, path: str, send: Callable[[], httpx2.Response], retries: int
    ) -> httpx2.Response:
        """Send a request until it is answered, or sending it again may do harm or doesn't help."""
        with self._limiter.turn() as turn:
            answer = None
            while answer is None:
                answer = self._unless_failed(method, path, send, retries, turn)
            self._limiter.passed(turn)
            return answer

    def _unless_failed(
        self,
        method: str,
        path: str,
        send: Callable[[], httpx2.Response],
        retries: int,
        turn: Turn,
    ) -> httpx2.Response | None:
        """Send a request once; after a failure that may pass wait, and give None."""
        try:
            return send()
        except openai.RateLimitError as trouble:
            self._wait_refused(turn, method, path, trouble)
        except openai.APIError as trouble:
            if turn.failures == retries or not _may_pass(trouble):
                raise
            with suppress(StoppedError):
                self._limiter.pause(_pause(trouble, turn.failures))
            turn.failures += 1
        return None

    def _wait_refused(
        self, turn: Turn, method: str, path: str, trouble: openai.RateLimitError
    ) -> None:
        answer = trouble.response
        try:
            seconds = seconds_to_wait(answer.headers, answer.text, turn.refusals)
            self._limiter.refused(turn, seconds)
        except GaveUpError as why:
            raise too_many(method, path, *_body_and_id(answer), str(why)) from None
        except StoppedError:
            raise stopped(method, path, *_body_and_id(answer)) from None

    def _read_clock(self, answer: httpx2.Response) -> None:
        try:
            date = parsedate_to_datetime(answer.headers["date"])
        except (KeyError, ValueError):
            return
        self._ahead = date.timestamp() - time.monotonic()


def _may_pass(trouble: openai.APIError) -> bool:
    """Say whether a failure may be over when the request is sent once more."""
    if isinstance(trouble, openai.APIStatusError):
        status = trouble.response.status_code
        return status in (TIMED_OUT, CONFLICT) or status >= SERVER_ERROR
    return isinstance(trouble, openai.APIConnectionError)


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


def _pause(trouble: openai.APIError, failures: int) -> float:
    """Tell how long to wait after a failure; a service that is down may say for how long."""
    if isinstance(trouble, openai.APIStatusError):
        answer = trouble.response
        return min(seconds_to_wait(answer.headers, "", failures), LONGEST_WAIT)
    return guess(failures)


def _refused(method: str, path: str, trouble: openai.APIStatusError) -> ProviderError:
    answer = trouble.response
    return refusal(method, path, answer.status_code, *_body_and_id(answer))


def _body_and_id(answer: httpx2.Response) -> tuple[Any, str | None]:
    """Read an error's body, None where it is no JSON, and the id of its request."""
    try:
        body = answer.json()
    except (ValueError, json.JSONDecodeError):
        body = None
    return body, answer.headers.get("x-request-id") or answer.headers.get("apim-request-id")


def _lost(method: str, path: str, trouble: openai.APIConnectionError) -> ProviderError:
    cause = trouble.__cause__
    if isinstance(cause, httpx2.LocalProtocolError):
        # Its message quotes the header that could not be sent, which may be the key.
        return unreachable(method, path, "LocalProtocolError", "not a request", never_sent=True)
    never_sent = isinstance(cause, (httpx2.ConnectError, httpx2.ConnectTimeout))
    return unreachable(
        method, path, type(cause or trouble).__name__, str(cause or trouble), never_sent=never_sent
    )
