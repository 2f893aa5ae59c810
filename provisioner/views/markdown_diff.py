"""A change as the lines of a diff: with its sign first, as highlighters know them."""

from __future__ import annotations

from collections.abc import Iterator

_EDGE = "\x00"
"""Stands around marks until they are found again: text that was escaped doesn't hold it."""
_SIGNS = {"+": "+", "-": "-", "~": "!", "+/-": "!"}
_GOES_ON = "↳"


def edged(role: str, text: str) -> str:
    """Paint nothing, but let `diff` tell marks from texts that look like them."""
    return f"{_EDGE}{text}{_EDGE}" if role == text else text


def diff(block: str) -> Iterator[str]:
    """Bring the marks of a block that was painted with `edged` to the front of its lines."""
    sign = " "
    for line in block.split("\n"):
        before, _, rest = line.partition(_EDGE)
        mark, _, after = rest.partition(_EDGE)
        sign = sign if mark == _GOES_ON else _SIGNS.get(mark, " ")
        shown = " " * len(mark) if mark in ("+", "-", "~") else mark
        yield f"{sign} {before}{shown}{after}".replace(_EDGE, "")
