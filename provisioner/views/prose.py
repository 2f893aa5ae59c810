"""Texts: as blocks of lines, and how one text becomes another, line by line and word by word.

Every row has a mark that stands apart from the text, so that no text can be taken for a remark:
`-` and `+` removed and added, `~` changed inside, `↳` the row before goes on, `…` a remark.
"""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.views import escape
from provisioner.views.alignment import LinePair, aligned, last_newline, lines
from provisioner.views.style import Paint
from provisioner.views.words import Piece, changed_words, fold, only_whitespace

_CONTEXT = 2
"""Unchanged lines that are shown on both sides of a change."""


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
    return [row for line in lines(text) for row in _rows(" ", line)]


def difference(before: str, after: str) -> list[Row]:
    """Show how a text becomes another; what is far from a change is counted only."""
    stretches = aligned(before, after)
    rows: list[Row] = []
    for at, each in enumerate(stretches):
        if each.stays:
            same = [new or "" for _, new in each.pairs]
            rows += _unchanged(same, first=at == 0, last=at == len(stretches) - 1)
        else:
            rows += (row for pair in each.pairs for row in _exchanged(pair))
    remark = last_newline(before, after)
    return [*rows, _remark(remark)] if remark else rows


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


def _exchanged(pair: LinePair) -> list[Row]:
    """Show a line that goes, comes or has changed inside."""
    before, after = pair
    if before is not None and after is not None:
        return _changed(before, after)
    return _rows("-", before or "") if after is None else _rows("+", after)


def _changed(before: str, after: str) -> list[Row]:
    """Show one line that changed inside."""
    pieces = changed_words(before, after)
    if pieces is None:
        return [*_rows("-", before), *_rows("+", after)]
    rows = _continued("~", pieces)
    if only_whitespace(before, after):
        rows.append(_remark("only whitespace differs in this line"))
    return rows
