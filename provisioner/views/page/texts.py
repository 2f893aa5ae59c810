"""How one text becomes another, side by side: numbered lines, their changed words marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, zip_longest

from provisioner.kinds.assistant import is_respaced
from provisioner.views.alignment import LinePair, Stretch, aligned, last_newline
from provisioner.views.page.spans import Span, spans
from provisioner.views.words import only_whitespace, segments

_CONTEXT = 3
"""Unchanged lines that are shown on both sides of a change."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of one of the texts; they count from 1."""

    number: int
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line before and after; None where there is none."""

    mark: str
    """`same`, `changed`, or `folded` for many lines that stay."""
    before: Line | None = None
    after: Line | None = None
    note: str | None = None
    folded: tuple[Span, ...] = ()
    """The lines that stay, which begin with `before` and `after`."""
    count: int = 1


@dataclass(frozen=True, slots=True)
class TextDiff:
    """How one text becomes another."""

    rows: tuple[Row, ...]
    note: str | None
    """What can't be seen in a single line."""


def text_diff(before: str, after: str) -> TextDiff:
    """Set two texts side by side."""
    note = "only whitespace differs" if is_respaced(before, after) else None
    return TextDiff(tuple(_rows(before, after)), last_newline(before, after) or note)


def _rows(before: str, after: str) -> Iterator[Row]:
    stretches = aligned(before, after)
    old = new = 1
    for at, each in enumerate(stretches):
        if each.stays:
            last = at == len(stretches) - 1
            yield from _unchanged(each, old, new, first=at == 0, last=last)
        else:
            yield from _numbered(_beside(each.pairs), old, new)
        old += sum(one is not None for one, _ in each.pairs)
        new += sum(other is not None for _, other in each.pairs)


def _numbered(pairs: Iterable[LinePair], old: int, new: int) -> Iterator[Row]:
    """Show lines one by one, the first with these numbers."""
    for before, after in pairs:
        yield _row(before, after, old, new)
        old += before is not None
        new += after is not None


def _beside(pairs: Iterable[LinePair]) -> Iterator[LinePair]:
    """Put lines that come beside those that go: they stand in the same place."""
    for is_pair, group in groupby(pairs, key=lambda pair: None not in pair):
        found = list(group)
        if is_pair:
            yield from found
            continue
        gone = (old for old, _ in found if old is not None)
        come = (new for _, new in found if new is not None)
        yield from zip_longest(gone, come)


def _row(before: str | None, after: str | None, old: int, new: int) -> Row:
    if before is None or after is None:
        gone = None if before is None else Line(old, tuple(spans(before)))
        come = None if after is None else Line(new, tuple(spans(after)))
        return Row("changed", gone, come)
    if before == after:
        same = tuple(spans(before))
        return Row("same", Line(old, same), Line(new, same))
    left, right = marked(before, after)
    note = "only whitespace differs" if only_whitespace(before, after) else None
    return Row("changed", Line(old, left), Line(new, right), note)


def marked(before: str, after: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """Mark the words that go in one line, and those that come in the other."""
    found = segments(before, after)
    if found is None:
        return tuple(spans(before)), tuple(spans(after))
    left = (spans(each.before, "" if each.same else "del") for each in found)
    right = (spans(each.after, "" if each.same else "ins") for each in found)
    return tuple(one for each in left for one in each), tuple(one for each in right for one in each)


def _unchanged(stretch: Stretch, old: int, new: int, *, first: bool, last: bool) -> Iterator[Row]:
    """Show what lies near to a change, and fold the rest."""
    head = 0 if first else _CONTEXT
    tail = 0 if last else _CONTEXT
    count = len(stretch.pairs) - head - tail
    if count <= 1:  # a fold would be no shorter
        yield from _numbered(stretch.pairs, old, new)
        return
    yield from _numbered(stretch.pairs[:head], old, new)
    hidden = "\n".join(each or "" for each, _ in stretch.pairs[head : head + count])
    start = Line(old + head, ()), Line(new + head, ())
    yield Row("folded", *start, folded=tuple(spans(hidden)), count=count)
    end = head + count
    yield from _numbered(stretch.pairs[end:], old + end, new + end)
