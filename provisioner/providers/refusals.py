"""What the service's refusals mean, and what to do about each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioner.diagnostics import error
from provisioner.errors import ProviderError, ProvisionerError

UNAUTHORIZED, FORBIDDEN, NOT_FOUND, TIMED_OUT, CONFLICT = 401, 403, 404, 408, 409
TOO_MANY, SERVER_ERROR = 429, 500
REDIRECTS = range(300, 400)

GATEWAY_NOT_FOUND = "404"
"""`error.code` of the gateway's own 404 ("Resource not found"): wrong path, API version or host. A
404 that names an object carries null there (recorded 2024-07-01-preview, vector stores).
"""

_REMEDIES = {
    400: "Mend what the service names; plan again.",
    UNAUTHORIZED: "Check the key or token that `auth` of this environment names, and the endpoint.",
    FORBIDDEN: "The identity needs the role Cognitive Services OpenAI Contributor.",
    NOT_FOUND: (
        "The endpoint, the API version or the service itself is not there: Azure retired the"
        " Assistants API on 2026-08-26. Nothing is taken for deleted."
    ),
}

_ELSEWHERE = "What it names doesn't exist: mend the id in the manifest, or plan again."


def refusal(
    method: str,
    path: str,
    status: int,
    body: Any,
    request_id: str | None,
    leads_to: str | None = None,
) -> ProviderError:
    """Translate an answer that is an error, whatever its form.

    `leads_to` is the scheme and host that a redirect names; None where it names none.
    """
    service_code, message = _error(body)
    gone = (
        status == NOT_FOUND and service_code != GATEWAY_NOT_FOUND and _names_object(path, message)
    )
    # In a body that was sent, a 404 with a message of the service is about an id in that body.
    named = status == NOT_FOUND and method == "POST" and service_code is None and bool(body)
    other = _ELSEWHERE if named else _remedy(status, leads_to)
    remedy = "It is gone: plan again." if gone else other
    return ProviderError(
        "Service refused the request" if status < SERVER_ERROR else "Service failed",
        f"{_said(method, path, status, body, request_id)}. {remedy}",
        code="R001" if status < SERVER_ERROR else "R002",
        status=status,
        service_code=service_code,
        request_id=request_id,
        gone=gone,
        unsettled=status >= SERVER_ERROR or status == TIMED_OUT,
    )


def too_many(method: str, path: str, body: Any, request_id: str | None, why: str) -> ProviderError:
    """Translate a 429 after which the request isn't sent again; it was not carried out."""
    return ProviderError(
        "Rate limit is exceeded",
        f"{_said(method, path, TOO_MANY, body, request_id)}. {why}. Run the command again later, or"
        " ask for a higher limit; a smaller --parallelism sends fewer requests at once.",
        code="R020",
        status=TOO_MANY,
        request_id=request_id,
    )


def stopped(method: str, path: str, body: Any, request_id: str | None) -> ProviderError:
    """Translate a 429 after which the run ended; the request was not carried out."""
    return ProviderError(
        "Waiting was ended",
        f"{_said(method, path, TOO_MANY, body, request_id)}. It was not carried out. Run the"
        " command again.",
        code="R012",
        status=TOO_MANY,
        request_id=request_id,
    )


def unreachable(
    method: str, path: str, service: str, kind: str, message: str, *, never_sent: bool
) -> ProviderError:
    """Translate a request without an answer; `service` is scheme and host of the endpoint."""
    what = (
        "the request was not sent. Check the endpoint and the network."
        if never_sent
        else "nobody knows whether it was carried out. Run the command again: it finds out first."
    )
    return ProviderError(
        "Service can't be reached" if never_sent else "Answer was lost",
        f"{method} {path} at {service}: {kind}: {message}; {what}",
        code="R005",
        unsettled=not never_sent,
    )


def unsendable(method: str, path: str, trouble: OSError | UnicodeEncodeError) -> ProviderError:
    """Say why a request could not be made: its file is gone, or a text of it is no Unicode.

    What such a text holds is not repeated.
    """
    if isinstance(trouble, OSError):
        return ProviderError("File vanished", f"{trouble}. Plan again.", code="R009")
    return ProviderError(
        "Text can't be sent",
        f"{method} {path}: an argument, or a file's name, has bytes that are no UTF-8. Nothing was"
        " sent. Write it in UTF-8.",
        code="R029",
    )


def no_json(method: str, path: str, status: int, kind: str | None) -> ProviderError:
    """Translate a success whose body is none of the service's; `kind` is its media type."""
    return ProviderError(
        "Answer is no JSON",
        f"{method} {path}: HTTP {status} with {kind}. Is the endpoint that of an Azure OpenAI"
        " resource, and is there a proxy in between?",
        code="R004",
        status=status,
        unsettled=method == "POST",
    )


def unusable_proxy() -> ProvisionerError:
    """Say that the proxy of the environment can't be used, and don't repeat its address."""
    return ProvisionerError(
        error(
            "R021",
            "Proxy can't be used",
            "HTTPS_PROXY, HTTP_PROXY or ALL_PROXY holds no address of an HTTP proxy. Write it like"
            " http://HOST:PORT, or unset it; NO_PROXY names hosts that are reached without.",
        )
    )


def _said(method: str, path: str, status: int, body: Any, request_id: str | None) -> str:
    """Say what was asked and answered, with what Azure's support asks for."""
    service_code, message = _error(body)
    code = f", code {service_code}" if service_code else ""
    traced = f" (request id {request_id})" if request_id else ""
    return f"{method} {path}: HTTP {status}{code}: {message}{traced}"


def _remedy(status: int, leads_to: str | None) -> str:
    if status >= SERVER_ERROR:
        return "Run the command again: it finds out first what was done."
    if status in REDIRECTS:
        where = f"elsewhere, to {leads_to}" if leads_to else "elsewhere"
        return (
            f"The endpoint leads {where}. Nothing was sent there. If that is the right address,"
            " write it in `endpoint`."
        )
    return _REMEDIES.get(status, "Run the command again; if it stays, ask Azure with the id.")


def _error(body: Any) -> tuple[str | None, str]:
    """Take code and message out of any of the service's forms of an error.

    Seen: `{"error": {...}}`, the gateway's flat `{"statusCode", "message"}`, and no JSON at all.
    """
    inner = body.get("error", body) if isinstance(body, Mapping) else None
    if isinstance(inner, str):
        return None, inner.rstrip(".")
    if not isinstance(inner, Mapping):
        return None, "no explanation"
    code = inner.get("code") or inner.get("statusCode")
    return (str(code) if code is not None else None), str(
        inner.get("message") or "no explanation"
    ).rstrip(".")


def _names_object(path: str, message: str) -> bool:
    collection, _, id_ = path.strip("/").rpartition("/")
    return bool(collection) and id_ in message
