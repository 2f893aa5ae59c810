"""Requests to Azure OpenAI, through the openai SDK; the only module that imports it.

Every body goes in and out as plain JSON: the SDK's typed models know one generation of the API
only, and lose fields of the other.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx2
import openai

from provisioner.errors import ProviderError
from provisioner.providers.heads import origin, request_id, status_and_id
from provisioner.providers.limiter import LONGEST_WAIT, GaveUpError, Limiter, StoppedError, Turn
from provisioner.providers.patience import guess, seconds_to_wait
from provisioner.providers.refusals import (
    CONFLICT,
    SERVER_ERROR,
    TIMED_OUT,
    no_json,
    refusal,
    stopped,
    too_many,
    unreachable,
    unsendable,
    unusable_proxy,
)
from provisioner.providers.signing import Credential, Signing

TIMEOUT = httpx2.Timeout(60.0, connect=10.0)
UPLOAD_TIMEOUT = httpx2.Timeout(600.0, connect=10.0)
RETRIES = 2
"""For requests that may safely be repeated. A create is never repeated: the SDK sends no
idempotency key, and a lost answer would make a second object. Only what was refused with 429 was
certainly not carried out, and is sent again whatever it is, as the limiter allows it.
"""

REQUESTS = logging.getLogger("provisioner.requests")
"""Told at the level DEBUG of every request: never of headers or bodies."""

# What the SDK logs when it is asked to (OPENAI_LOG) is not ours to vouch for.
logging.getLogger("openai").setLevel(logging.WARNING)


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
        self._signing = Signing(credential)
        self._client = openai.AzureOpenAI(
            azure_endpoint=endpoint,
            api_version=api_version,
            api_key=self._signing.api_key,
            azure_ad_token_provider=self._signing.token,
            # The SDK would send creates twice, and refused requests without asking the limiter.
            max_retries=0,
            timeout=TIMEOUT,
            http_client=_http_client(direct=direct),
        )
        self._limiter = limiter
        self._ahead = time.time() - time.monotonic()

    def now(self) -> float:
        """Tell the service's clock, by its last answer: whoever may set this machine's."""
        return time.monotonic() + self._ahead

    def get(self, path: str, params: Mapping[str, object] | None = None) -> Any:
        """Read; repeated where that may help."""
        return self.traced(path, params)[0]

    def traced(
        self, path: str, params: Mapping[str, object] | None = None
    ) -> tuple[Any, str | None]:
        """Read, and give the request's id too: for what has failed with HTTP 200."""
        options: openai.RequestOptions = {"params": dict(params or {})}

        def send() -> httpx2.Response:
            return self._client.get(path, cast_to=httpx2.Response, options=options)

        with self._signing.covering():
            answer = self._send("GET", path, send, RETRIES)
            return _body("GET", path, answer), request_id(answer.headers)

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

        return self._json("POST", path, send, RETRIES if repeatable else 0)

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

        return self._json("POST", path, send, 0)

    def delete(self, path: str) -> None:
        """Delete; repeated where that may help. A success has a body of JSON, or none."""

        def send() -> httpx2.Response:
            return self._client.delete(path, cast_to=httpx2.Response)

        _body("DELETE", path, self._send("DELETE", path, send, RETRIES))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _json(
        self, method: str, path: str, send: Callable[[], httpx2.Response], retries: int
    ) -> Any:
        with self._signing.covering():
            return _body(method, path, self._send(method, path, send, retries))

    def _send(
        self, method: str, path: str, send: Callable[[], httpx2.Response], retries: int
    ) -> httpx2.Response:
        with self._signing.covering():
            try:
                answer = self._patiently(method, path, send, retries)
            except (OSError, UnicodeEncodeError) as trouble:
                raise unsendable(method, path, trouble) from None
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
            return self._told(method, path, send)
        except openai.RateLimitError as trouble:
            self._wait_refused(turn, method, path, trouble)
        except openai.APIError as trouble:
            if turn.failures == retries or not _may_pass(trouble):
                raise
            with suppress(StoppedError):
                self._limiter.pause(_pause(trouble, turn.failures))
            turn.failures += 1
        return None

    def _told(self, method: str, path: str, send: Callable[[], httpx2.Response]) -> httpx2.Response:
        """Send a request once, and tell whoever listens what came of it and when."""
        began = time.monotonic()
        came = "no answer"
        try:
            answer = send()
            came = status_and_id(answer.status_code, answer.headers)
        except openai.APIStatusError as trouble:
            came = status_and_id(trouble.response.status_code, trouble.response.headers)
            raise
        except openai.APIConnectionError as trouble:
            came = type(trouble.__cause__ or trouble).__name__
            raise
        finally:
            milliseconds = round((time.monotonic() - began) * 1000)
            told = self._signing.covered(f"{method} {path}: {came}, {milliseconds} ms")
            REQUESTS.debug("%s", told)
        return answer

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


def _http_client(*, direct: bool) -> httpx2.Client:
    try:
        # A redirected create would be sent twice, and the credential elsewhere.
        return openai.DefaultHttpx2Client(trust_env=not direct, follow_redirects=False)
    except (ValueError, httpx2.InvalidURL, ImportError):
        # Their messages may quote the address, which may hold a password.
        raise unusable_proxy() from None


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
    except (ValueError, RecursionError):
        kind = answer.headers.get("content-type")
        raise no_json(method, path, answer.status_code, kind) from None


def _pause(trouble: openai.APIError, failures: int) -> float:
    """Tell how long to wait after a failure; a service that is down may say for how long."""
    if isinstance(trouble, openai.APIStatusError):
        return min(seconds_to_wait(trouble.response.headers, "", failures), LONGEST_WAIT)
    return guess(failures)


def _refused(method: str, path: str, trouble: openai.APIStatusError) -> ProviderError:
    answer = trouble.response
    elsewhere = origin(answer.headers.get("location", ""))
    return refusal(method, path, answer.status_code, *_body_and_id(answer), elsewhere)


def _body_and_id(answer: httpx2.Response) -> tuple[Any, str | None]:
    """Read an error's body, None where it is no JSON, and the id of its request."""
    body = None
    with suppress(ValueError, RecursionError):
        body = answer.json()
    return body, request_id(answer.headers)


def _lost(method: str, path: str, trouble: openai.APIConnectionError) -> ProviderError:
    cause = trouble.__cause__ or trouble
    if isinstance(cause, httpx2.LocalProtocolError):
        # Its message quotes the header that could not be sent, which may be the key.
        return unreachable(method, path, "LocalProtocolError", "not a request", never_sent=True)
    never_sent = isinstance(cause, (httpx2.ConnectError, httpx2.ConnectTimeout))
    return unreachable(method, path, type(cause).__name__, str(cause), never_sent=never_sent)
