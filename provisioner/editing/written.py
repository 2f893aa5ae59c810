"""Values written where others stood: in brackets, in quotes or in block style, as it was there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from provisioner.export.yaml_text import WORDS, dump, one_line, quoted
from provisioner.manifest.yaml_nodes import parse

_UNSAFE_IN_BRACKETS = re.compile(r"[,\[\]{}?:#]")
PLAIN = "plain"
"""The style of a text that stood there without quotes."""
STEP = 2
"""So many blanks is what is new indented."""


def in_one_line(value: Any, style: str = "", *, brackets: bool = False) -> str:
    """Write a scalar, quoted in the style of what stood there before."""
    if not isinstance(value, str):
        return _after_key(value)[0].lstrip(" ")
    if style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    if style == '"':
        return quoted(value)
    if style == PLAIN and _reads_plain(value, brackets=brackets):
        return value
    written = one_line(value)
    return quoted(value) if brackets and _UNSAFE_IN_BRACKETS.search(written) else written


def _reads_plain(value: str, *, brackets: bool) -> bool:
    """Say whether every reader takes a text without quotes for what it is."""
    if not value[:1].isalpha() or not value.isprintable() or value.lower() in WORDS:
        return False
    documents, problem = parse(f"[{value}]" if brackets else f"- {value}")
    return problem is None and [each.data for each in documents] == [[value]]


def in_brackets(value: Any, style: str = "") -> str:
    """Write any value in one line."""
    if isinstance(value, Mapping):
        pairs = (f"{in_brackets(key)}: {in_brackets(each)}" for key, each in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(in_brackets, value))}]"
    return in_one_line(value, style, brackets=True)


def as_block_text(value: str, column: int, indentation: int) -> list[str] | None:
    """Write a text below `|`, in a block whose keys or dashes stand in that column.

    None for a text that can't stand there as it is.
    """
    lines = value.split("\n")
    ending = "-" if lines[-1] else "+" if value.endswith("\n\n") else ""
    # The first line would else say how far the text is indented.
    digit = str(indentation - column) if value[:1].isspace() else ""
    body = lines if lines[-1] else lines[:-1]
    written = [f"|{digit}{ending}", *_shifted(body, indentation - column)]
    documents, problem = parse("k: " + "\n".join(written) + "\n")
    if problem or [each.data for each in documents] != [{"k": value}]:
        return None
    return [written[0], *_shifted(written[1:], column)]


def below_key(value: Any, column: int) -> list[str]:
    """Write a value behind a key in that column: the rest of the key's line, and those below."""
    if _is_short(value):
        return [in_brackets(value)]
    first, *below = _after_key(value)
    return [first, *_shifted(below, column)]


def as_pair(key: str, value: Any, column: int) -> list[str]:
    """Write a key with its value, in lines of their own."""
    if _is_short(value):
        return _shifted([f"{one_line(key)}: {in_brackets(value)}"], column)
    return _shifted(_lines({key: value}), column)


def as_member(value: Any, column: int) -> list[str]:
    """Write a member of a list whose dashes stand in that column, in lines of their own."""
    if _is_short(value):
        return _shifted([f"- {in_brackets(value)}"], column)
    return _shifted(_lines({"k": [value]})[1:], column - STEP)


def _is_short(value: Any) -> bool:
    """Say whether people write a map in brackets: `{id: assistant-abc}`."""
    if not isinstance(value, Mapping) or len(value) != 1:
        return False
    return not any(isinstance(each, (Mapping, list)) for each in value.values())


def _after_key(value: Any) -> list[str]:
    first, *below = _lines({"k": value})
    return [first.removeprefix("k:"), *below]


def _lines(value: Mapping[str, Any]) -> list[str]:
    return dump(value).removesuffix("\n").split("\n")


def _shifted(lines: list[str], by: int) -> list[str]:
    if by < 0:
        return [line[-by:] for line in lines]
    return [" " * by + line if line else "" for line in lines]
