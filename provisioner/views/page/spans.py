"""Stretches of text: what has changed in it, what is sensitive, and what leads elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provisioner.veil import VEILED

_SPACE = "␣"
_HASH = 6
"""How many of its digits are shown."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text that looks alike throughout."""

    text: str
    tag: str = ""
    """`del` for what goes, `ins` for what comes, or nothing."""
    is_sensitive: bool = False
    """The text says what is hidden, and as much of its hash as tells two values apart."""
    anchor: str | None = None
    """The card that the text leads to."""


def spans(text: str, tag: str = "") -> Iterator[Span]:
    """Divide a text at its placeholders."""
    at = 0
    for found in VEILED.finditer(text):
        if found.start() > at:
            yield Span(_visible(text[at : found.start()], tag), tag)
        yield Span(f"{found[1] or 'text'} {_short_hash(found[0])}", tag, is_sensitive=True)
        at = found.end()
    if at < len(text):
        yield Span(_visible(text[at:], tag), tag)


def _visible(text: str, tag: str) -> str:
    """Show spaces that are the whole of a change."""
    if not tag or not text.isspace():
        return text
    return "".join(_SPACE if each == " " else ascii(each)[1:-1] for each in text)


def _short_hash(placeholder: str) -> str:
    return placeholder.rpartition(":")[2][:_HASH]
