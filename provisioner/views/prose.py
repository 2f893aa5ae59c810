"""Texts: as blocks of lines, and how one text becomes another, line by line and word by word.

Every row has a mark that stands apart from the text, so that no text can be taken for a remark:
`-` and `+` removed and added, `~` changed inside, `↳` the row before goes on, `…` a remark.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain

from provisioner.views import escape
from provisioner.views.style import Paint
from provisioner.views.words import Piece, changed_words, fold, only_whitespace, similar

_CONTEXT = 2
"""Unchanged lines that are shown on both sides of a change."""
_WINDOW = 8
"""How many lines ahead the counterpart of a changed line is looked for."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row on the screen."""

    mark: str
    pieces: tuple[Piece, ...]

    def paint(self, paint: Paint) -> str:
        """Write the row, its mark first."""
        if not any(piece.text.strip() for piece in self.pieces):
            return "" if self.mark == " " else f"  {paint(self.mark, self.mark)}"
        text = "".join(paint(piece.role, piece.text) for piece in self.pieces)
        return f"  {paint(self.mark, self.mark)} {text}"


def block(text: str) -> list[Row]:
    """Show a whole text."""
    return [row for line in _lines(text) for row in _rows(" ", line)]


def difference(before: str, after: str) -> list[Row]:
    """Show how a text becomes another; what is far from a change is counted only."""
    old, new = _lines(before), _lines(after)
    rows: list[Row] = []
    opcodes = SequenceMatcher(None, old, new).get_opcodes()
    for verb, low, high, start, end in opcodes:
        if verb == "equal":
            rows += _unchanged(old[low:high], first=low == 0, last=high == len(old))
        else:
            rows += _exchange(old[low:high], new[start:end])
    return [*rows, *_last_newline(before, after)]


def _lines(text: str) -> list[str]:
    """Split a text at its newlines; one at the end begins no line."""
    return text.removesuffix("\n").split("\n") if text else []


def _rows(mark: str, line: str) -> list[Row]:
    """Show one line, on several rows when it is long."""
    role = mark if mark in "+-" else ""
    folded = fold((Piece(role, escape.text(line)),))
    return _continued(mark, folded)


def _continued(mark: str, folded: list[tuple[Piece, ...]]) -> list[Row]:
    """Mark the first of some rows, and the others as going on."""
    return [Row("↳" if index else mark, pieces) for index, pieces in enumerate(folded)]


def _remark(text: str) -> Row:
    """Say something about the text, in a row that can't be part of it."""
    return Row("…", (Piece("faint", text),))


def _unchanged(lines: list[str], *, first: bool, last: bool) -> list[Row]:
    """Show what lies near to a change, and count the rest."""
    head = 0 if first else _CONTEXT
    tail = 0 if last else _CONTEXT
    hidden = len(lines) - head - tail
    if hidden <= 1:  # counting would be no shorter
        return [_glimpse(line) for line in lines]
    near = [_glimpse(line) for line in lines[:head]]
    far = [_glimpse(line) for line in lines[len(lines) - tail :]]
    return [*near, _remark(f"{hidden} unchanged lines"), *far]


def _glimpse(line: str) -> Row:
    """Show the beginning of a line that is there for orientation only."""
    first, *more = _rows(" ", line)
    return Row(" ", (*first.pieces, Piece("faint", " …"))) if more else first


def _exchange(before: list[str], after: list[str]) -> Iterator[Row]:
    """Show lines that give way to others; those that are alike are shown as one."""
    cursor = 0
    for line in before:
        ahead = range(cursor, min(cursor + _WINDOW, len(after)))
        found = next((at for at in ahead if similar(line, after[at])), None)
        if found is None:
            yield from _rows("-", line)
            continue
        yield from chain.from_iterable(_rows("+", each) for each in after[cursor:found])
        yield from _changed(line, after[found])
        cursor = found + 1
    yield from chain.from_iterable(_rows("+", line) for line in after[cursor:])


def _changed(before: str, after: str) -> list[Row]:
    """Show one line that changed inside."""
    pieces = changed_words(before, after)
    if pieces is None:
        return [*_rows("-", before), *_rows("+", after)]
    rows = _continued("~", pieces)
    if only_whitespace(before, after):
        rows.append(_remark("only whitespace differs in this line"))
    return rows


def _last_newline(before: str, after: str) -> list[Row]:
    """Say when only one of the texts ends with a newline."""
    if not before or not after or before.endswith("\n") == after.endswith("\n"):
        return []
    if after.endswith("\n"):
        return [_remark("a newline is added at the end")]
    return [_remark("no newline at the end any more")]
