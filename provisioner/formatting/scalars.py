"""Scalars as written: nothing of what they say is touched."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from provisioner.formatting.reader import Reader, Unformattable
from provisioner.formatting.tree import BlockText, Text

_PROPERTY = r"[&!][^\s,\[\]{}]*"
_PROPERTIES = re.compile(rf"{_PROPERTY}(?:[ \t]+{_PROPERTY})?")
_HEADER = re.compile(rf"((?:{_PROPERTY}[ \t]+)*[|>])([-+1-9]*)([ \t]*|[ \t]+#.*)")
_ESCAPED = re.compile(r"(?<!\\)(?:\\\\)*\\[ \t]+$")
"""In double quotes: a blank at the end of a line that counts."""


def properties(reader: Reader, event: Any) -> str:
    """Take the anchor and tag that stand before a map or a list."""
    if not (event.anchor or event.tag):
        return ""
    match = _PROPERTIES.match(reader.text, reader.at)
    if not match:
        raise Unformattable("This anchor or tag isn't written in a usual way", reader.at)
    reader.at = match.end()
    return match[0]


def text(written: str) -> Text:
    """Make a text of what is written; lines lose the blanks around them, which mean nothing."""
    lines = written.split("\n")
    return Text(
        tuple(line.lstrip(" \t") if _ESCAPED.search(line) else line.strip(" \t") for line in lines)
    )


def block_text(reader: Reader, column: int, end: int) -> BlockText:
    """Take the block scalar that stands here, in a block at a column.

    It and the blank lines behind it go up to `end`.
    """
    header, *lines = reader.text[reader.at : end].split("\n")
    match = _HEADER.fullmatch(header)
    if not match:
        raise Unformattable("An anchor or tag stands in another line than its text", reader.at)
    start, indicators, comment = match.groups()
    unfinished = bool(lines and lines[-1])
    lines = lines if unfinished else lines[:-1]
    indentation = _indentation(lines, indicators, column)
    taken = _how_many(lines, indentation, keeps="+" in indicators)
    ending = reader.at + sum(len(line) + 1 for line in (header, *lines[:taken]))
    reader.at = min(ending, len(reader.text))
    if unfinished and taken == len(lines):
        # The newline that the file lacks, and will get, isn't part of this text.
        indicators = re.sub(r"[-+]", "", indicators) + "-"
    header = start + re.sub(r"[1-9]", "2", indicators) + comment.rstrip(" \t")
    return BlockText(header, tuple(line[indentation:] for line in lines[:taken]), "+" in indicators)


def _indentation(lines: Sequence[str], indicators: str, column: int) -> int:
    digits = re.findall(r"[1-9]", indicators)
    if digits:
        return max(column, 0) + int(digits[0])
    blanks = list(takewhile(lambda line: not line.strip(" "), lines))
    first = next(iter(lines[len(blanks) :]), "")
    # Where no text follows, blank lines are as wide as they like.
    return max(len(first) - len(first.lstrip(" ")), *map(len, blanks), column + 1)


def _how_many(lines: Sequence[str], indentation: int, *, keeps: bool) -> int:
    """Count the lines of a block scalar."""
    taken = 0
    for index, line in enumerate(lines):
        blank = not line.strip(" ")
        if not blank and not line.startswith(" " * indentation):
            break
        taken = index + 1 if keeps or len(line) > indentation or not blank else taken
    return taken
