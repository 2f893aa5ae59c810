"""YAML read strictly: plain data and a position for every node."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from provisioner.manifest.quoting import LONGEST_SHOWN, shown
from provisioner.manifest.yaml_scalars import (
    MAP,
    MERGE,
    READERS,
    SEQ,
    is_merge,
    written,
)
from provisioner.manifest.yaml_syntax import (
    MAX_DEPTH,
    MAX_NODES,
    Problem,
    compose,
    too_deep,
    too_large,
)

_NO_MAP = f"After `{MERGE}:` only maps can stand: `*NAME` for one with the anchor `&NAME`."
CHARACTERS = 250
"""So many characters of a text count as a node, so that aliases of long texts are bounded too."""
MAX_PROBLEMS = 100
"""Of a document so many problems of one sort are told."""
_BOUNDS = ("M021", "M022", "M023")


@dataclass(frozen=True, slots=True)
class Parsed:
    """One YAML document."""

    node: yaml.Node
    data: Any
    """JSON values only. Where there is a problem, what would stand there without it."""
    problems: tuple[Problem, ...]
    bounded: bool
    """False: too large, too deep or endless; nothing but the outermost keys may be looked at."""


def parse(text: str) -> tuple[list[Parsed], Problem | None]:
    """Read every document of a text; a syntax error ends the reading."""
    nodes, problem = compose(text)
    documents: list[Parsed] = []
    left = MAX_NODES
    for node in nodes:
        construction = _Construction(left)
        documents.append(construction.whole(node))
        left -= construction.size(node)
    return documents, problem


@dataclass
class _Construction:
    """Makes plain data of one document's nodes."""

    most: int
    """So many nodes may it have, written out."""
    problems: list[Problem] = field(default_factory=list)
    done: dict[int, Any] = field(default_factory=dict)
    sizes: dict[int, int] = field(default_factory=dict)
    depths: dict[int, int] = field(default_factory=dict)
    under_way: set[int] = field(default_factory=set)
    copied: int = 0
    """So many pairs have merges copied."""

    def whole(self, node: yaml.Node) -> Parsed:
        data = self.value(node)
        self._measure(node)
        bounded = not any(each.code in _BOUNDS for each in self.problems)
        return Parsed(node, data, _first(tuple(dict.fromkeys(self.problems))), bounded)

    def _measure(self, node: yaml.Node) -> None:
        mark = node.start_mark
        if self.size(node) > self.most:
            self.problems.append(too_large(mark.line + 1, mark.column + 1))
        elif self.depths.get(id(node), 0) > MAX_DEPTH:
            self.problems.append(too_deep(mark.line + 1, mark.column + 1))

    def size(self, node: yaml.Node) -> int:
        """Count the nodes below a node, written out; a long text counts as several."""
        if isinstance(node, yaml.ScalarNode):
            return 1 + len(node.value) // CHARACTERS
        return self.sizes.get(id(node), 1)

    def value(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node)
        key = id(node)
        if key in self.under_way:
            self._problem(
                node,
                "M023",
                "Anchor contains itself",
                "An alias inside this node refers to the node itself. Write the value out.",
            )
            return None
        if key not in self.done:
            self.under_way.add(key)
            self.done[key] = self._make(node)
            self.under_way.discard(key)
            inside = list(_children(node))
            self.sizes[key] = 1 + sum(self.size(each) for each in inside)
            depths = (self.depths.get(id(each), 0) for each in inside)
            self.depths[key] = 1 + max(depths, default=-1)
        return self.done[key]

    def _make(self, node: yaml.Node) -> Any:
        if node.tag != (MAP if isinstance(node, yaml.MappingNode) else SEQ):
            self._unknown_tag(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node)
        return [self.value(each) for each in node.value]

    def _mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        made: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        places: dict[str, list[yaml.Node]] = {}
        for key_node, value_node in node.value:
            key = self._key(key_node, node)
            if key is None:
                continue
            places.setdefault(key, []).append(key_node)
            if is_merge(key_node):
                merged.update(self._merge(value_node))
            else:
                made[key] = self.value(value_node)
        self._duplicates(places)
        return {**merged, **made}

    def _key(self, node: yaml.Node, around: yaml.Node) -> str | None:
        key = self.value(node)
        if isinstance(key, str):
            return key
        if not isinstance(node, yaml.ScalarNode):
            detail = "A map or list is no key. Put a text that begins with `{` or `[` in quotes."
            self._problem(around, "M024", "Key is no text", detail)
            return None
        self._problem(
            node, "M024", "Key is no text", "Write the key in quotes: keys must be texts."
        )
        return None

    def _duplicates(self, places: Mapping[str, list[yaml.Node]]) -> None:
        for key, nodes in places.items():
            for index, node in enumerate(nodes if len(nodes) > 1 else ()):
                other = nodes[1 if index == 0 else 0].start_mark
                cure = (
                    "Write a blank after the hyphen" if key[:1] == "-" else "Remove one of the two"
                )
                self._problem(
                    node,
                    "M003",
                    "Duplicate key",
                    f"The key {shown(key)} stands here and again at line {other.line + 1}, column"
                    f" {other.column + 1}. {cure}.",
                )

    def _merge(self, node: yaml.Node) -> Mapping[str, Any]:
        value = self.value(node)
        parts = value if isinstance(value, list) else [value]
        if not all(isinstance(part, dict) for part in parts):
            self._problem(node, "M025", "Merge of no map", _NO_MAP)
            return {}
        self.copied += sum(map(len, parts))
        if self.copied > self.most:
            return {}  # the document will be refused as too large
        return {key: each for part in reversed(parts) for key, each in part.items()}

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        if node.tag not in READERS:
            self._unknown_tag(node)
            return node.value
        try:
            value = READERS[node.tag](node.value)
        except (LookupError, ValueError):
            self._problem(
                node,
                "M026",
                "Value doesn't fit its tag",
                f"It can't be read as {written(node.tag)}. Correct it, or leave the tag out.",
            )
            return node.value
        if isinstance(value, float) and not math.isfinite(value):
            self._problem(
                node,
                "M027",
                "Number is not finite",
                "JSON knows no infinity and no NaN. Write a number, or put the text in quotes.",
            )
            return 0
        return value

    def _unknown_tag(self, node: yaml.Node) -> None:
        tag = written(node.tag)[:LONGEST_SHOWN]
        cure = "Leave it out, or put a text that begins with `!` in quotes."
        self._problem(node, "M004", "Unknown tag", f"{tag} has no meaning here. {cure}")

    def _problem(self, node: yaml.Node, code: str, summary: str, detail: str) -> None:
        self.problems.append(Problem(code, summary, detail, *span(node)))


def _first(problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Keep so many problems as people read; those of bounds come last, and always stay."""
    if len(problems) <= MAX_PROBLEMS:
        return problems
    bounds = tuple(each for each in problems if each.code in _BOUNDS)
    last = problems[MAX_PROBLEMS]
    detail = f"The document has {len(problems):,} problems like those before. Mend them first."
    more = Problem("M153", "More problems", detail, last.line, last.column)
    return (*(each for each in problems[:MAX_PROBLEMS] if each not in bounds), more, *bounds)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


def find(node: yaml.Node, path: tuple[str | int, ...], *, key: bool = False) -> yaml.Node:
    """Find the value at a path, or its key.

    Where the path leads on to nothing, that is the last node on the way.
    """
    found = node
    for part in path:
        step = _step(node, part)
        if step is None:
            break
        name, node = step
        found = name if key else node
    return found


def span(node: yaml.Node) -> tuple[int, int, tuple[int, int] | None]:
    """Tell the line and column of a node, and those just behind it where they are known.

    The parser ends what is written in block style where the next node begins, blank lines and
    comments included: of a block text only the `|` or `>` counts, and a block of keys or members
    has no end.
    """
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        return line, column, (line, column + 1)
    if isinstance(node, yaml.CollectionNode) and not node.flow_style:
        return line, column, None
    return line, column, (node.end_mark.line + 1, node.end_mark.column + 1)


def _step(node: yaml.Node, part: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode):
        here = isinstance(part, int) and part < len(node.value)
        return (node.value[part], node.value[part]) if here else None
    maps = [node] if isinstance(node, yaml.MappingNode) else []
    for each in maps:
        for name, value in each.value:
            if name.value == part:
                return name, value
        maps.extend(merged for merged in _merged(each) if merged not in maps)
    return None


def _merged(node: yaml.MappingNode) -> Iterator[yaml.MappingNode]:
    for name, value in node.value:
        if is_merge(name):
            parts = value.value if isinstance(value, yaml.SequenceNode) else [value]
            yield from (part for part in parts if isinstance(part, yaml.MappingNode))
