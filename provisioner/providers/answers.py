"""Answers that have another form than documented."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from provisioner.errors import ProviderError


@contextmanager
def as_documented(kind: str) -> Iterator[None]:
    """Turn what goes wrong while an answer is read into a ProviderError."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError) as trouble:
        raise ProviderError(
            "Answer has another form than documented",
            f"The service answered for a {kind} with something that can't be read"
            f" ({_what(trouble)}). Run the command again: it finds out first what was done.",
            code="R004",
            unsettled=True,
        ) from None


def _what(trouble: Exception) -> str:
    """Name what went wrong; a message may quote a value, but that of a KeyError is a field."""
    name = type(trouble).__name__
    return f"{name}: {trouble}" if isinstance(trouble, KeyError) else name
