"""YAML read strictly: plain data and a position for every node.

Scalars follow YAML 1.2's core schema, as editors' language servers do: `yes`, `on` and `1:30` are
texts, dates too. The text is parsed by libyaml.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

MAX_NODES = 200_000
"""So many nodes may a document have when its aliases are written out."""

MERGE = "<<"


class _Loader(yaml.CSafeLoader):
    """Resolves plain scalars by the core schema instead of YAML 1.1's rules."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


_NULL, _BOOL, _INT, _FLOAT, _STR = (
    f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float", "str")
)
for _tag, _pattern, _first in (
    (_NULL, r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
    (_BOOL, r"^(?:true|True|TRUE|false|False|FALSE)$", list("tTfF")),
    (_INT, r"^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$", list("-+0123456789")),
    (
        _FLOAT,
        r"^(?:[-+]?(?:\.[0-9]+|[0-9]+\.?[0-9]*)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?i:inf)|\.(?i:nan))$",
        list("-+0123456789."),
    ),
):
    _Loader.add_implicit_resolver(_tag, re.compile(_pattern), _first)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the YAML that can't be taken as it stands."""

    code: str
    summary: str
    detail: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """One YAML document."""

    node: yaml.Node
    data: Any
    """JSON values only."""


def parse(text: str) -> tuple[list[Parsed], list[Problem]]:
    """Read every document of a text, and every problem; a syntax error ends the reading."""
    documents: list[Parsed] = []
    problems: list[Problem] = []
    try:
        for node in yaml.compose_all(text, Loader=_Loader):
            if node is not None:
                construction = _Construction(problems)
                data = construction.whole(node)
                documents.append(Parsed(node, data))
    except yaml.YAMLError as trouble:
        problems.append(_syntax(trouble))
    return documents, problems


def _syntax(trouble: yaml.YAMLError) -> Problem:
    mark = getattr(trouble, "problem_mark", None)
    what = getattr(trouble, "problem", None) or getattr(trouble, "reason", None) or str(trouble)
    context = getattr(trouble, "context", None)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    detail = f"{context}: {what}." if context else f"{what}."
    return Problem("M002", "YAML syntax error", detail[0].upper() + detail[1:], line, column)


@dataclass
class _Construction:
    """Makes plain data of one document's nodes."""

    problems: list[Problem]
    done: dict[int, Any] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    under_way: set[int] = field(default_factory=set)

    def whole(self, node: yaml.Node) -> Any:
        data = self.value(node)
        if self.sizes.get(id(node), 0) > MAX_NODES:
            self._problem(
                node,
                "M004",
                "Document is too large",
                f"Its aliases written out, it has more than {MAX_NODES:,} nodes. Split it.",
            )
            return None
        return data

    def value(self, node: yaml.Node) -> Any:
        key = id(node)
        if key in self.under_way:
            self._problem(
                node,
                "M004",
                "Anchor contains itself",
                "An alias inside this node refers to the node itself. Write the value out.",
            )
            return None
        if key not in self.done:
            self.under_way.add(key)
            self.done[key] = self._make(node)
            self.under_way.discard(key)
            self.sizes[key] = 1 + sum(self.sizes.get(id(each), 1) for each in _children(node))
        return self.done[key]

    def _make(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each) for each in node.value]
        return self._scalar(node)

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        made: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        seen: dict[str, yaml.Node] = {}
        for key_node, value_node in node.value:
            if _is_merge(key_node):
                merged.update(self._merge(value_node))
                continue
            key = self._key(key_node, seen)
            if key is not None:
                made[key] = self.value(value_node)
        return {**merged, **made}

    def _key(self, node: yaml.Node, seen: dict[str, yaml.Node]) -> str | None:
        key = self.value(node)
        if not isinstance(key, str):
            self._problem(
                node, "M004", "Key is no text", "Write the key in quotes: keys must be texts."
            )
            return None
        if key in seen:
            self._duplicate(key, seen[key], node)
        seen[key] = node
        return key

    def _duplicate(self, key: str, first: yaml.Node, second: yaml.Node) -> None:
        for here, there in ((first, second), (second, first)):
            other = there.start_mark
            self._problem(
                here,
                "M003",
                "Duplicate key",
                f"The key {key!r} stands here and again at line {other.line + 1}, column"
                f" {other.column + 1}. Remove one of the two.",
            )

    def _merge(self, node: yaml.Node) -> Mapping[str, Any]:
        value = self.value(node)
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, dict) for part in parts):
            self._problem(node, "M004", "Merge of no map", f"After `{MERGE}:` only maps can stand.")
            return {}
        return {key: each for part in reversed(parts) for key, each in part.items()}

    def _scalar(self, node: yaml.Node) -> Any:
        read = _SCALARS.get(node.tag)
        if read is None:
            self._problem(
                node,
                "M004",
                "Unknown tag",
                f"The tag {node.tag} has no meaning here. Leave it out.",
            )
            return None
        try:
            value = read(node.value)
        except ValueError:
            self._problem(
                node, "M004", "Value doesn't fit its tag", f"{node.value!r} is no {node.tag}."
            )
            return None
        if isinstance(value, float) and not math.isfinite(value):
            self._problem(
                node, "M004", "Number is not finite", "JSON knows no infinity and no NaN."
            )
            return None
        return value

    def _problem(self, node: yaml.Node, code: str, summary: str, detail: str) -> None:
        mark = node.start_mark
        self.problems.append(Problem(code, summary, detail, mark.line + 1, mark.column + 1))


def _int(text: str) -> int:
    if text.startswith(("0o", "0x")):
        return int(text, 0)
    return int(text)


_SCALARS: Mapping[str, Callable[[str], Any]] = {
    _NULL: lambda _: None,
    _BOOL: lambda text: text.lower() == "true",
    _INT: _int,
    _FLOAT: float,
    _STR: str,
}


def _is_merge(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.value == MERGE and node.style is None


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def find(node: yaml.Node, path: tuple[str | int, ...], *, key: bool = False) -> tuple[int, int]:
    """Tell line and column of the value at a path, or of its key.

    Where the path leads on to nothing, that is the last node on the way.
    """
    mark = node.start_mark
    for part in path:
        step = _step(node, part)
        if step is None:
            break
        name, node = step
        mark = name.start_mark if key else node.start_mark
    return mark.line + 1, mark.column + 1


def _step(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part], node.value[part]
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == part:
                return name, value
        for name, value in node.value:
            found = _step(value, part) if _is_merge(name) else None
            if found:
                return found
    return None
