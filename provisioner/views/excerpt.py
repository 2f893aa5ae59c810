"""The line that a diagnostic is about, with a mark below it."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.diagnostics import Position
from provisioner.source import Sources
from provisioner.views import escape
from provisioner.views.style import Paint

_TAB = " " * 4
"""How a tab is shown: where its stop would be depends on what stands before the line."""
_CUT = "…"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A line, or as much of it as fits; offsets count its characters from 0."""

    code: str
    start: int
    """Where what the diagnostic is about begins."""
    end: int
    """Just behind it, on this line."""
    cut_before: bool
    cut_after: bool


def excerpt(position: Position | None, sources: Sources, width: int) -> Excerpt | None:
    """Cut `width` columns of a terminal out of the line; None where there is nothing to show."""
    if position is None or position.path not in sources:
        return None
    line = sources[position.path].line(position.line)
    if not line.strip():
        return None
    start, end = marked(position, line)
    low, high = _window(line, start, width)
    # A mark behind the line's last character is no part of it.
    last = max(high, start + 1) if high == len(line) else high
    return Excerpt(line[low:high], start - low, min(end, last) - low, low > 0, high < len(line))


def marked(position: Position, line: str) -> tuple[int, int]:
    """Tell where on a line a mark begins and ends: at least one character wide."""
    start = min(position.column - 1, len(line))
    row, column = position.end or (position.line, position.column)
    end = column - 1 if row == position.line else len(line.rstrip())
    return start, max(end, start + 1)


def rows(found: Excerpt, number: int, role: str, paint: Paint) -> list[str]:
    """Show an excerpt of the line with this number, and a row with the mark."""
    lead = _CUT if found.cut_before else ""
    before = lead + _shown(found.code[: found.start])
    under = _shown(found.code[found.start : found.end])
    after = _shown(found.code[found.end :]) + (_CUT if found.cut_after else "")
    carets = "^" * max(1, cells(before + under) - cells(before))
    gutter, empty = f"{number} |", f"{' ' * len(str(number))} |"
    return [
        f"  {paint('faint', gutter)} {before}{under}{after}".rstrip(),
        f"  {paint('faint', empty)} {' ' * cells(before)}{paint(role, carets)}",
    ]


def cells(text: str) -> int:
    """Count the columns of a terminal that a text without control characters takes."""
    if text.isascii():
        return len(text)
    from wcwidth import wcswidth  # here: only who has something to show pays for its tables

    width: int = wcswidth(text)
    return width if width >= 0 else len(text)


def _shown(text: str) -> str:
    return _TAB.join(escape.line(part) for part in text.split("\t"))


def _window(line: str, start: int, width: int) -> tuple[int, int]:
    """Choose which part of a line to show, so that the mark begins in it."""
    if len(line) <= width and cells(_shown(line)) <= width:
        return 0, len(line)
    low, left = start, width // 2
    while low > 0 and (size := _size(line[low - 1])) <= left:
        low, left = low - 1, left - size
    high, left = start, width - width // 2 + left
    while high < len(line) and (size := _size(line[high])) <= left:
        high, left = high + 1, left - size
    return low, high


def _size(character: str) -> int:
    """Count columns; what takes none counts too, or a line of such characters had no end."""
    return max(1, cells(_shown(character)))
