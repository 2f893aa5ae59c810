"""Markdown cut to the length that a comment may have, between its sections only."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LIMIT = 65_000
"""UTF-16 units. GitHub takes 65,536 characters in the body of a pull request, and 262,144 bytes of
UTF-8 in a comment; however it counts, and whatever is written, this is less.
"""
_BETWEEN = len("\n\n")


@dataclass(frozen=True, slots=True)
class Section:
    """Something that is shown whole, or only mentioned."""

    text: str
    note: str
    """One line that stands for it."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """As much as there was room for."""

    texts: tuple[str, ...]
    cut: int
    """How many sections aren't shown whole."""


def fit(sections: Sequence[Section], room: int) -> Fitted:
    """Mention the largest sections only, until all fit; then leave out the last of these notes."""
    used = sum(length(each.text) for each in sections)
    noted: set[int] = set()
    for at in sorted(range(len(sections)), key=lambda at: (-length(sections[at].text), at)):
        if used <= room:
            break
        noted.add(at)
        used -= length(sections[at].text) - length(sections[at].note)
    texts = [each.note if at in noted else each.text for at, each in enumerate(sections)]
    return Fitted(tuple(first(texts, room)), len(noted))


def first(texts: Iterable[str], room: int) -> list[str]:
    """Take texts from the beginning, as many as there is room for."""
    taken = []
    for each in texts:
        room -= length(each)
        if room < 0:
            break
        taken.append(each)
    return taken


def length(text: str) -> int:
    """Count UTF-16 units, and what stands between this text and the next."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2 + _BETWEEN
