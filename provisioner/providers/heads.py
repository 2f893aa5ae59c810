"""The heads of answers: what they tell beside a body."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit


def request_id(headers: Mapping[str, str]) -> str | None:
    """Give what Azure's support asks for."""
    return headers.get("x-request-id") or headers.get("apim-request-id")


def status_and_id(status: int, headers: Mapping[str, str]) -> str:
    """Say in short what was answered."""
    id_ = request_id(headers)
    return f"HTTP {status}{f' (request id {id_})' if id_ else ''}"


def origin(location: str) -> str | None:
    """Tell where an address leads, without what may be secret in it; None for nowhere else."""
    try:
        parts = urlsplit(location)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme or 'https'}://{host}{port}" if host else None
