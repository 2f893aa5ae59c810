"""Sending: a request until it is answered, or sending it again may do harm or doesn't help."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from email.utils import parsedate_to_datetime
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
    refusal,
    stopped,
    too_many,
    unreachable,
    unsendable,
)
from provisioner.providers.signing import Signing

REQUESTS = logging.getLogger("provisioner.requests")
"""Told at the level DEBUG of every request: never of headers or bodies."""

Send = Callable[[], httpx2.Response]
"""Sends one request by the SDK, which raises for what is no success."""


class Sender:
    """Sends requests as the limiter allows it. Safe to use from several threads."""

    def __init__(self, endpoint: str, signing: Signing, limiter: Limiter) -> None:
        self._signing, self._limiter = signing, limiter
        self._service = origin(endpoint) or "the endpoint"
        self._ahead = time.time() - time.monotonic()

    def now(self) -> float:
        """Tell the service's clock, by its last answer: whoever may set this machine's."""
        return time.monotonic() + self._ahead

    def send(self, method: str, path: str, send: Send, retries: int) -> httpx2.Response:
        """Send a request, and after failures that may pass again; raises ProviderError.

        What was refused with 429 was certainly not carried out: that is no retry.
        """
        with self._signing.covering():
            try:
                answer = self._patiently(method, path, send, retries)
            except (OSError, UnicodeEncodeError) as trouble:
                raise unsendable(method, path, trouble) from None
            except openai.APIStatusError as trouble:
                self._read_clock(trouble.response)
                raise _refused(method, path, trouble) from None
            except openai.APIConnectionError as trouble:
                raise _lost(method, path, self._service, trouble) from None
        self._read_clock(answer)
        return answer

    def _patiently(self, method: str, path: str, send: Send, retries: int) -> httpx2.Response:
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
        send: Send,
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

    def _told(self, method: str, path: str, send: Send) -> httpx2.Response:
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


def _may_pass(trouble: openai.APIError) -> bool:
    """Say whether a failure may be over when the request is sent once more."""
    if isinstance(trouble, openai.APIStatusError):
        status = trouble.response.status_code
        return status in (TIMED_OUT, CONFLICT) or status >= SERVER_ERROR
    return isinstance(trouble, openai.APIConnectionError)


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


def _lost(
    method: str, path: str, service: str, trouble: openai.APIConnectionError
) -> ProviderError:
    cause = trouble.__cause__ or trouble
    never_sent = isinstance(
        cause, (httpx2.LocalProtocolError, httpx2.ConnectError, httpx2.ConnectTimeout)
    )
    # The message of the first quotes the header that could not be sent, which may be the key.
    quotes = isinstance(cause, httpx2.LocalProtocolError)
    message = "not a request" if quotes else str(cause)
    return unreachable(method, path, service, type(cause).__name__, message, never_sent=never_sent)
