"""YAML text read into nodes, within bounds that the parser itself doesn't set."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from provisioner.manifest.yaml_scalars import Loader

MAX_DEPTH = 100
"""So deep may maps and lists lie in each other: far deeper, libyaml would end the process."""
MAX_NODES = 60_000
"""So many nodes may a file have, its aliases written out: what is checked within a second."""

_OPENS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_CLOSES = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
_NODES = (*_OPENS, yaml.ScalarEvent, yaml.AliasEvent, yaml.DocumentStartEvent)
_INDENTATION = re.compile(r"^[ ?-]+", re.MULTILINE)

_CURES: Mapping[str, str] = {
    "mapping values are not allowed": " Put a text that holds `: ` in quotes.",
    "did not find expected key": " Look at the indentation, and at quotes, of this line and the"
    " one before.",
    "could not find expected ':'": " A key is followed by a colon and a blank; a text of"
    " several lines is indented below its key.",
    "undefined alias": " Anchors hold for one document.",
    "control characters": " Remove it, or write it as an escape in double quotes.",
    "cannot start any token": " Put a text that begins with `@`, `%` or a backtick in quotes.",
    "alphabetic or numeric": " Put a text that begins with `*` or `&` in quotes.",
    "unexpected end of stream": " The quote that opens here is never closed.",
    "unknown escape": " Write `\\\\` for a backslash, or use single quotes.",
    "node content": " A value or a closing bracket is missing.",
    "',' or ']'": " A bracket isn't closed, or a comma is missing.",
    "',' or '}'": " A brace isn't closed, or a comma is missing.",
}

_AT_THEIR_BEGINNING = ("unexpected end of stream", "alphabetic or numeric", "expected ':'")
"""What shows only after the place where one would look: there it began."""
_DEPTH = "nesting depth"
"""In what newer libyaml says of a bound of its own, which it meets while it looks ahead."""
_CONFLICT = re.compile(r"^<{7} ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the YAML that can't be taken as it stands."""

    code: str
    summary: str
    detail: str
    line: int
    column: int
    end: tuple[int, int] | None = None
    """Line and column just behind it, where that is known."""


def compose(text: str) -> tuple[list[yaml.Node], Problem | None]:
    """Read the nodes of every document up to the first syntax error."""
    nodes: list[yaml.Node] = []
    try:
        problem = _out_of_bounds(text)
        if problem:
            return [], problem
        nodes.extend(node for node in yaml.compose_all(text, Loader=Loader) if node is not None)
    except yaml.YAMLError as trouble:
        return nodes, _syntax(text, trouble)
    return nodes, None


def _out_of_bounds(text: str) -> Problem | None:
    depth = nodes = 0
    for event in _events(text):
        depth += isinstance(event, _OPENS) - isinstance(event, _CLOSES)
        nodes += isinstance(event, _NODES)
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            return (too_deep if depth > MAX_DEPTH else too_large)(*_place(event.start_mark))
    return None


def too_deep(line: int, column: int) -> Problem:
    """Say that maps and lists lie too deep in each other."""
    detail = f"Here lie more than {MAX_DEPTH} maps and lists in each other. Flatten them."
    return Problem("M022", "Nested too deeply", detail, line, column)


def too_large(line: int, column: int) -> Problem:
    """Say that a file has too many nodes."""
    detail = f"Its aliases written out, the file has more than {MAX_NODES:,} nodes. Split it."
    return Problem("M021", "Document is too large", detail, line, column)


def _events(text: str) -> Iterator[yaml.Event]:
    """Go through the parser's events, unless the text is too small to break a bound."""
    blocks = 2 * max(map(len, _INDENTATION.findall(text)), default=0) + 2
    flat = text.count("[") + text.count("{") + blocks <= MAX_DEPTH
    if flat and len(text) < MAX_NODES:
        return iter(())
    events: Iterator[yaml.Event] = yaml.parse(text, Loader=Loader)
    return events


def _syntax(text: str, trouble: yaml.YAMLError) -> Problem:
    if isinstance(trouble, yaml.reader.ReaderError):
        return _syntax_error(str(trouble.reason), *place(text.encode()[: trouble.position]))
    mark = getattr(trouble, "problem_mark", None)
    what = getattr(trouble, "problem", None) or str(trouble)
    if _DEPTH in what:
        return too_deep(*_place(mark))
    context = getattr(trouble, "context", None)
    began = getattr(trouble, "context_mark", None)
    conflict = _CONFLICT.search(text)
    if conflict:
        what = "a conflict of a merge stands here. Resolve it, and remove its markers"
        return _syntax_error(what, *place(text[: conflict.start()].encode()))
    if any(words in what for words in _AT_THEIR_BEGINNING):
        mark = began or mark
    if mark and _is_tab(text, mark):
        what, context = "a tab stands where YAML wants blanks. Indent with blanks", None
    elif "',' or" in what and began:
        context = f"{context}, which begins at line {began.line + 1}"
    return _syntax_error(f"{context}: {what}" if context else what, *_place(mark))


def _is_tab(text: str, mark: Any) -> bool:
    line = text.split("\n")[mark.line : mark.line + 1]
    return bool(line) and line[0][mark.column : mark.column + 1] == "\t"


def _place(mark: Any) -> tuple[int, int]:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _syntax_error(what: str, line: int, column: int) -> Problem:
    cure = next((cure for words, cure in _CURES.items() if words in what), "")
    detail = f"{what[0].upper()}{what[1:]}.{cure}"
    return Problem("M002", "YAML syntax error", detail, line, column)


def place(before: bytes) -> tuple[int, int]:
    """Tell line and column of what follows these bytes of UTF-8."""
    text = before.decode("utf-8", errors="replace")
    return text.count("\n") + 1, len(text) - text.rfind("\n")
