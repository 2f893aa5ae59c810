"""Where the parts of a document begin and end in its text.

The parser ends what is in block style where the next node begins; here it ends with its last
character, so that blank lines and comments behind it are not part of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from provisioner.formatting.reader import Reader, Unformattable
from provisioner.formatting.scalars import block_text
from provisioner.manifest.document import Path

_ALIAS = re.compile(r"[ \t]*:?[ \t]*(\*[^\s,\[\]{}]+)")
_PROPERTIES = re.compile(r"(?:[&!][^\s,\[\]{}]*[ \t]+)*")


class Unplaceable(Exception):  # noqa: N818 — it never leaves the program
    """An edit that can't be made in place: says why, and at which offset of the text."""

    def __init__(self, why: str, offset: int) -> None:
        super().__init__(why)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Member:
    """One value in a map or list."""

    around: Any
    """The node of the map or list."""
    index: int
    start: int
    """Of the value, behind its anchor and tag."""
    end: int
    first: int
    """Of its key; of the value itself where it has none."""
    node: Any
    """What the value is, wherever it was written: an alias has the node of its anchor."""
    is_alias: bool
    in_brackets: bool
    """It stands in a map or list in brackets."""

    @property
    def key(self) -> Any:
        """The node of its key; None in a list."""
        entry = self.around.value[self.index]
        return entry[0] if isinstance(entry, tuple) else None


def members(text: str, node: Any, *, in_brackets: bool) -> list[Member]:
    """List what stands in a map or list, in its order."""
    found: list[Member] = []
    at = node.start_mark.index
    for index in range(len(node.value)):
        found.append(_member(text, node, index, at, in_brackets=in_brackets or node.flow_style))
        at = found[-1].end
    return found


def _member(text: str, around: Any, index: int, at: int, *, in_brackets: bool) -> Member:
    entry = around.value[index]
    key, node = entry if isinstance(entry, tuple) else (None, entry)
    first = key.start_mark.index if key else node.start_mark.index
    behind = key.end_mark.index if key else at
    if key and not at <= first <= around.end_mark.index:
        raise Unplaceable("A key is written by an alias", around.start_mark.index)
    if not behind <= node.start_mark.index <= around.end_mark.index:
        alias = _alias(text, around, behind if key else _next(text, at, list_=not in_brackets))
        start, end = alias.span(1)
        return Member(around, index, start, end, first if key else start, node, True, in_brackets)
    start = node.start_mark.index
    if not isinstance(node, yaml.CollectionNode) or node.flow_style:
        properties = _PROPERTIES.match(text, start)
        start = properties.end() if properties else start
    end = _end(text, around, node)
    return Member(around, index, start, end, first, node, False, in_brackets)


def _next(text: str, at: int, *, list_: bool) -> int:
    """Find where the next member of a list can begin, comments left out."""
    found = re.compile(r"(?:[\s,\[]|#[^\n]*)*" + (r"-?[ \t]*" if list_ else "")).match(text, at)
    return found.end() if found else at


def _alias(text: str, around: Any, at: int) -> re.Match[str]:
    found = _ALIAS.match(text, at)
    if not found:
        raise Unplaceable("An alias stands here in an unusual way", around.start_mark.index)
    return found


def _end(text: str, around: Any, node: Any) -> int:
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        return _end_of_block_text(text, around, node)
    if isinstance(node, yaml.ScalarNode) or node.flow_style:
        return int(node.end_mark.index)
    return members(text, node, in_brackets=False)[-1].end


def _end_of_block_text(text: str, around: Any, node: Any) -> int:
    start, end = node.start_mark.index, node.end_mark.index
    reader = Reader(text, start)
    try:
        block_text(reader, column_of(around), end)
    except Unformattable as trouble:
        raise Unplaceable(str(trouble), trouble.offset) from trouble
    return reader.at - 1 if text[reader.at - 1 : reader.at] == "\n" else reader.at


def column_of(node: Any) -> int:
    """Tell the column of a block's keys or dashes."""
    entry = node.value[0] if node.value else None
    inside = entry[0] if isinstance(entry, tuple) else node
    return int(inside.start_mark.column)


def find(text: str, root: Any, path: Path) -> Member | None:
    """Find the value at a path that isn't empty; None where the last step leads to nothing.

    Raises Unplaceable where the way leads through an alias, or what a merge brings in: what is
    written there is written for others too.
    """
    around, in_brackets = root, False
    for place, part in enumerate(path):
        found = _named(text, around, part, in_brackets=in_brackets)
        if place == len(path) - 1:
            return found
        if found is None or found.is_alias:
            where = found.start if found else around.start_mark.index
            raise Unplaceable("An alias or a merge brings in what would have to change", where)
        around, in_brackets = found.node, found.in_brackets or bool(found.node.flow_style)
    return None


def parent(text: str, root: Any, path: Path) -> tuple[Any, bool]:
    """Give the map or list that a path ends in, and whether that is in brackets."""
    if len(path) == 1:
        return root, bool(root.flow_style)
    found = find(text, root, path[:-1])
    if found is None or found.is_alias or not isinstance(found.node, yaml.CollectionNode):
        raise Unplaceable("An alias or a merge brings in what would have to change", root_at(root))
    return found.node, found.in_brackets or bool(found.node.flow_style)


def root_at(root: Any) -> int:
    """Tell where a document begins."""
    return int(root.start_mark.index)


def _named(text: str, around: Any, part: str | int, *, in_brackets: bool) -> Member | None:
    everything: Sequence[Member] = members(text, around, in_brackets=in_brackets)
    if isinstance(part, int):
        return everything[part] if part < len(everything) else None
    return next(_keyed(everything, part), None)


def _keyed(everything: Sequence[Member], part: str) -> Iterator[Member]:
    return (each for each in everything if each.key is not None and each.key.value == part)
