"""What a manifest writes for what is live, with as much as can be of what it says already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from provisioner.accepting.edits import is_same
from provisioner.manifest.variables import (
    Scalar,
    escape,
    escape_all,
    fill,
    fill_all,
    fill_text,
    has_special,
    pieces,
)


class UnwordableError(Exception):
    """What is live would change what a variable has filled in."""


def worded(written: Any, live: Any, values: Mapping[str, Scalar]) -> Any:
    """Say what is live in the words of what is written now (None: nothing); both are JSON values.

    Variables and parts that haven't changed stay as they are written. Raises UnwordableError where
    a variable has filled in what has changed.
    """
    if not has_special(written):
        return _kept(written, escape_all(live))
    if is_same(fill_all(written, values), live):
        return written
    if isinstance(written, Mapping) and isinstance(live, Mapping):
        return {key: worded(written.get(key), each, values) for key, each in live.items()}
    if isinstance(written, list) and isinstance(live, list):
        return _members(written, live, values)
    if (
        isinstance(written, str)
        and isinstance(live, str)
        and isinstance(fill(written, values), str)
    ):
        return worded_text(written, live, values)
    raise UnwordableError


def _kept(written: Any, said: Any) -> Any:
    """Keep what means the same as it is written: 1.0 for 1."""
    if is_same(written, said):
        return written
    if isinstance(written, Mapping) and isinstance(said, Mapping):
        return {key: _kept(written.get(key), each) for key, each in said.items()}
    return said


def _members(
    written: Sequence[Any], live: Sequence[Any], values: Mapping[str, Scalar]
) -> list[Any]:
    """Take the members one by one where none came or went; else only those that are the same."""
    if len(written) == len(live):
        return [worded(*pair, values) for pair in zip(written, live, strict=True)]
    filled = [fill_all(each, values) for each in written]
    found = []
    for each in live:
        same = next((at for at, said in enumerate(filled) if is_same(said, each)), None)
        found.append(escape_all(each) if same is None else written[same])
    if any(has_special(each) and each not in found for each in written):
        raise UnwordableError
    return found


def worded_text(
    written: str, live: str, values: Mapping[str, Scalar], *, literal: bool = False
) -> str:
    """Say a live text in the words of one that may ask for variables.

    Raises UnwordableError where a change touches what a variable filled in, or where it can't be
    told on which side of a variable it stands.
    """
    if literal:
        return live
    parts = list(pieces(written, values))
    if all(said == filled for said, filled in parts):
        return escape(live)
    if not all(filled for _, filled in parts):
        raise UnwordableError  # nobody can tell where an empty value stands
    one, other = (_placed(parts, live, prefix_first=each) for each in (True, False))
    if one is None or one != other or fill_text(one, values) != live:
        raise UnwordableError
    return one


def _placed(parts: Sequence[tuple[str, str]], live: str, *, prefix_first: bool) -> str | None:
    """Put the changed stretches of a live text between what stays.

    None where they touch what stands for a variable, or for an escape.
    """
    filled = "".join(each for _, each in parts)
    made, at = "", 0
    for start, end, becomes in _stretches(filled, live, prefix_first=prefix_first):
        if _asks(parts, start, end):
            return None
        kept = _slice(parts, at, start)
        if kept is None:
            return None
        made, at = made + kept + escape(becomes), end
    kept = _slice(parts, at, len(filled))
    return None if kept is None else made + kept


def _stretches(before: str, after: str, *, prefix_first: bool) -> list[tuple[int, int, str]]:
    """Find what changed, line by line: where it stood, and what stands there now."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    found, at = [], 0
    for verb, low, high, start, end in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        gone, come = "".join(old[low:high]), "".join(new[start:end])
        if verb != "equal":
            head, tail = _common(gone, come, prefix_first=prefix_first)
            found.append((at + head, at + len(gone) - tail, come[head : len(come) - tail]))
        at += len(gone)
    return found


def _common(one: str, other: str, *, prefix_first: bool) -> tuple[int, int]:
    """Count the characters at the beginnings and at the ends that are the same."""
    shorter = min(len(one), len(other))
    head, tail = _alike(one, other), _alike(one[::-1], other[::-1])
    if prefix_first:
        return head, min(tail, shorter - head)
    return min(head, shorter - tail), tail


def _alike(one: str, other: str) -> int:
    """Count the characters with which both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (mine, theirs) in pairs if mine != theirs), min(len(one), len(other)))


def _asks(parts: Sequence[tuple[str, str]], start: int, end: int) -> bool:
    """Say whether a variable has filled in any of a stretch."""
    at = 0
    for said, filled in parts:
        is_reference = said != filled and not said.startswith("$$")
        if is_reference and max(start, at) < min(end, at + len(filled)):
            return True
        at += len(filled)
    return False


def _slice(parts: Sequence[tuple[str, str]], start: int, end: int) -> str | None:
    """Give what is written for a stretch of the filled text; None where it cuts a piece in two."""
    made, at = "", 0
    for said, filled in parts:
        low, high = max(start, at), min(end, at + len(filled))
        if said == filled:
            made += said[max(low - at, 0) : max(high - at, 0)]
        elif low == at and high == at + len(filled):
            made += said
        elif low < high:
            return None
        at += len(filled)
    return made
