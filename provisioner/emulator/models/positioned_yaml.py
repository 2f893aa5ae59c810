"""YAML as JSON values, with the place of each: line and column, both from 1."""

import re
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import yaml

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")

Path = tuple[str | int, ...]
Place = tuple[int, int]


@dataclass(frozen=True)
class Trouble:
    """What is wrong in a file, and where."""

    place: Place
    message: str


class UnreadableError(Exception):
    """YAML that can't be read any further than to `trouble`."""

    def __init__(self, place: Place, message: str) -> None:
        super().__init__(message)
        self.trouble = Trouble(place, message)


@dataclass(frozen=True)
class Document:
    """A value and the places within it: of elements and values by path, of keys by path too."""

    value: Any
    places: dict[Path, Place]
    keys: dict[Path, Place]

    def place(self, path: Path) -> Place:
        """Tell where a value stands; of one that is missing, where that stands which lacks it."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, (1, 1))


class _Loader(yaml.SafeLoader):
    """Reads what JSON can hold: no dates, no aliases, no key twice."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
            raise UnreadableError(_place(event.start_mark), "an alias; write the value out instead")
        return super().compose_node(parent, index)

    def compose_scalar_node(self, anchor: dict[str, yaml.Node]) -> yaml.ScalarNode:
        node = super().compose_scalar_node(anchor)
        if _LONE_SURROGATE.search(node.value):
            raise UnreadableError(_place(node.start_mark), "half of a surrogate pair is no text")
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag != "tag:yaml.org,2002:str":
                raise UnreadableError(_place(key.start_mark), "a key that is not a text; quote it")
            if key.value in seen:
                raise UnreadableError(
                    _place(key.start_mark), f"the key '{key.value}' stands here twice"
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


# A date in the arguments of a function is the text that it looks like.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str) -> Document:
    """Read one document, or raise UnreadableError."""
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        value = loader.construct_document(node) if node else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise UnreadableError(_place(mark), error.problem or "no YAML") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise UnreadableError((1, 1), f"no YAML: {str(error).splitlines()[0]}") from error
    document = Document(value, {}, {})
    if node:
        _note(document, node, ())
    return document


def _note(document: Document, node: yaml.Node, path: Path) -> None:
    document.places[path] = _place(node.start_mark)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            document.keys[(*path, key.value)] = _place(key.start_mark)
            _note(document, value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, element in enumerate(node.value):
            _note(document, element, (*path, index))


def _place(mark: Any) -> Place:
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
