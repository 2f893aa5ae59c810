"""Two texts set against each other: which lines stay, go and come, and which became which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeAlias

from provisioner.views.words import similar

_WINDOW = 8
"""How many lines ahead the counterpart of a changed line is looked for."""

LinePair: TypeAlias = "tuple[str | None, str | None]"
"""A line before and after; None where it has no counterpart."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive lines that all stay as they are, or of which none does."""

    stays: bool
    pairs: tuple[LinePair, ...]


def lines(text: str) -> list[str]:
    """Split a text at its newlines; one at the end begins no line."""
    return text.removesuffix("\n").split("\n") if text else []


def aligned(before: str, after: str) -> list[Stretch]:
    """Set the lines of two texts against each other, in their order."""
    old, new = lines(before), lines(after)
    opcodes = SequenceMatcher(None, old, new).get_opcodes()
    return [_stretch(verb, old[i:j], new[k:m]) for verb, i, j, k, m in opcodes]


def _stretch(verb: str, before: list[str], after: list[str]) -> Stretch:
    if verb == "equal":
        return Stretch(True, tuple(zip(before, after, strict=True)))
    return Stretch(False, tuple(_exchange(before, after)))


def last_newline(before: str, after: str) -> str | None:
    """Say when only one of the texts ends with a newline."""
    if not before or not after or before.endswith("\n") == after.endswith("\n"):
        return None
    if after.endswith("\n"):
        return "a newline is added at the end"
    return "no newline at the end any more"


def _exchange(before: list[str], after: list[str]) -> Iterator[LinePair]:
    """Pair the lines that are alike; the others go or come."""
    cursor = 0
    for line in before:
        ahead = range(cursor, min(cursor + _WINDOW, len(after)))
        found = next((at for at in ahead if similar(line, after[at])), None)
        if found is None:
            yield line, None
            continue
        yield from ((None, each) for each in after[cursor:found])
        yield line, after[found]
        cursor = found + 1
    yield from ((None, line) for line in after[cursor:])
