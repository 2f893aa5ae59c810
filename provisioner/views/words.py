"""Lines word by word: which words changed, and how a long line is folded around them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby

from provisioner.veil import VEILED
from provisioner.views import escape

WIDTH = 88
"""Columns of text after which a row goes on below."""
_CONTEXT = 30
"""Columns of unchanged text that are shown on both sides of a change in a long line."""
_EFFORT = 4_000_000
"""Pairs of words beyond which two lines are just old and new."""
_ALIKE = 0.5
"""The share of text that two lines must have in common to be shown as one."""
_SHARED = 0.25
"""The share of different words below which it isn't worth a closer look."""

_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u9fff"  # written without spaces: each is a word
_WORD = re.compile(rf"{VEILED.pattern}|[{_IDEOGRAPHS}]|[^\W{_IDEOGRAPHS}]+|\s+|[^\w\s]")
_CHUNK = re.compile(r"\S+\s*|\s+")
_MARKERS = ("[-", "-]", "{+", "+}")


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text and the role in which it is painted."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a line that is the same on both sides, or that became another."""

    before: str
    after: str

    @property
    def same(self) -> bool:
        """Say whether nothing has changed in it."""
        return self.before == self.after


def similar(before: str, after: str) -> bool:
    """Say whether two lines are alike enough to be read as one that changed."""
    if only_whitespace(before, after):
        return True
    old, new = set(_words(before)), set(_words(after))
    if len(old & new) < _SHARED * max(len(old), len(new)):
        return False  # quickly, for whole texts are compared like this
    return segments(before, after) is not None


def only_whitespace(before: str, after: str) -> bool:
    """Say whether two lines differ in nothing but whitespace."""
    return "".join(before.split()) == "".join(after.split())


def segments(before: str, after: str) -> list[Segment] | None:
    """Divide two lines into what is the same and what changed; None when that wouldn't be clear."""
    found = _divided(before, after)
    if found is None:
        return None
    same = sum(_length(each.before.strip()) for each in found if each.same)
    alike = same >= _ALIKE * (_length(before) + _length(after)) / 2
    return found if alike or only_whitespace(before, after) else None


def _length(text: str) -> int:
    """Count characters; a placeholder counts as one, for its length says nothing."""
    return len(VEILED.sub("*", text))


def changed_words(before: str, after: str) -> list[tuple[Piece, ...]] | None:
    """Show both lines as one, `[-old-]{+new+}`, in rows; None when that wouldn't be clear."""
    if any(marker in before or marker in after for marker in _MARKERS):
        return None
    found = segments(before, after)
    return None if found is None else [row for pieces in _clip(found) for row in fold(pieces)]


def fold(pieces: tuple[Piece, ...]) -> list[tuple[Piece, ...]]:
    """Break a row between words where it gets too wide; nothing is lost."""
    rows: list[list[Piece]] = [[]]
    used = 0
    for chunk in _chunks(pieces):
        if used and used + len(chunk.text.rstrip()) > WIDTH:
            rows.append([])
            used = 0
        rows[-1].append(chunk)
        used += len(chunk.text)
    return [_joined(row) for row in rows]


def _joined(row: Iterable[Piece]) -> tuple[Piece, ...]:
    """Join neighbours of one role."""
    groups = groupby(row, key=lambda piece: piece.role)
    return tuple(Piece(role, "".join(each.text for each in group)) for role, group in groups)


def _chunks(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Cut pieces where a row may end: after spaces, or anywhere in an endless word."""
    for piece in pieces:
        for word in _CHUNK.findall(piece.text):
            for start in range(0, len(word), WIDTH):
                yield Piece(piece.role, word[start : start + WIDTH])


def _words(line: str) -> list[str]:
    """Divide a line into words; a placeholder is one, for parts of it say nothing."""
    return [found[0] for found in _WORD.finditer(line)]


def _divided(before: str, after: str) -> list[Segment] | None:
    """Compare two lines word by word; None when it takes too long."""
    old, new = _words(before), _words(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(old_middle) * len(new_middle) > _EFFORT:
        return None
    matcher = SequenceMatcher(None, old_middle, new_middle)
    found = [Segment("".join(old[:head]), "".join(old[:head]))]
    for _, low, high, start, end in matcher.get_opcodes():
        found.append(Segment("".join(old_middle[low:high]), "".join(new_middle[start:end])))
    rest = "".join(old[len(old) - tail :])
    return _merged([*found, Segment(rest, rest)])


def _common(old: list[str], new: list[str]) -> int:
    """Count the words that both begin with."""
    pairs = enumerate(zip(old, new, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(old), len(new)))


def _merged(parts: list[Segment]) -> list[Segment]:
    """Join changes that only a space or a sign keeps apart: they read as one."""
    result: list[Segment] = []
    for at, each in enumerate(parts):
        between = each.same and 0 < at < len(parts) - 1 and not parts[at + 1].same
        thin = between and len(each.before.strip()) <= 1
        if result and not result[-1].same and (thin or not each.same):
            last = result.pop()
            each = Segment(last.before + each.before, last.after + each.after)  # noqa: PLW2901
        if each.before or each.after:
            result.append(each)
    return result


def _clip(parts: list[Segment]) -> Iterator[tuple[Piece, ...]]:
    """Leave out, from a line that is too wide, what is far from its changes."""
    if sum(len(each.before) + len(each.after) * (not each.same) for each in parts) <= WIDTH:
        yield tuple(piece for each in parts for piece in _pieces(each))
        return
    row: list[Piece] = []
    for at, each in enumerate(parts):
        if not each.same or len(each.before) <= 2 * _CONTEXT:
            row += _pieces(each)
            continue
        if at:
            row.append(Piece("", f"{_head(escape.inside(each.before))} …"))
            yield tuple(row)
        row = [Piece("", f"… {_tail(escape.inside(each.before))}")]
        if at == len(parts) - 1:
            return
    yield tuple(row)


def _pieces(segment: Segment) -> tuple[Piece, ...]:
    """Write a segment: as it is, or old and new between their markers."""
    if segment.same:
        return (Piece("", escape.inside(segment.before)),)
    removed = Piece("removed", f"[-{_visible(segment.before)}-]")
    added = Piece("added", f"{{+{_visible(segment.after)}+}}")
    return tuple(
        piece for piece, text in ((removed, segment.before), (added, segment.after)) if text
    )


def _visible(text: str) -> str:
    """Show a lone tab as such: it might be the whole change."""
    return escape.line(text) if text.isspace() else escape.inside(text)


def _head(text: str) -> str:
    """Give the first words."""
    return text[:_CONTEXT].rsplit(" ", 1)[0].rstrip()


def _tail(text: str) -> str:
    """Give the last words."""
    return text[-_CONTEXT:].split(" ", 1)[-1].lstrip()
