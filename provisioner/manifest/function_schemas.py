"""JSON Schemas inside documents: what is no error of form, and yet not what was meant.

Their form is part of the manifests' own schemas. What holds beyond it, the service says only when
it refuses the whole assistant, or a model shows when it leaves out an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias
from urllib.parse import unquote

from provisioner.diagnostics import Diagnostic, warning
from provisioner.manifest.document import Document, Path
from provisioner.manifest.suggestions import closest
from provisioner.manifest.variables import references

Node: TypeAlias = Mapping[str, Any]

_SCHEMA = (
    *("additionalProperties", "items", "contains", "propertyNames", "not", "if", "then", "else"),
    *("unevaluatedItems", "unevaluatedProperties", "contentSchema"),
)
_SCHEMAS = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
"""Keywords whose value is a schema, a list of schemas, a map of schemas."""

_OTHER_TYPES = ("array", "boolean", "integer", "null", "number", "string")

_MISSPELLED = 0.85
"""So much like a keyword is a misspelled one; what is less so may be an annotation."""
_MEANT = 0.6
"""So much like a property is one that was meant."""


@dataclass(frozen=True, slots=True)
class _Schema:
    """One JSON Schema of a document."""

    document: Document
    path: Path
    whole: Node
    strict: bool
    what: str
    """How people call it."""
    is_sent: bool
    """A model reads it; else only a check, which holds an answer against it."""


def check(document: Document, keywords: Iterable[str]) -> Iterator[Diagnostic]:
    """Say what is wrong with the JSON Schemas of a document's functions and answer format.

    `keywords` are those that a JSON Schema has.
    """
    known = tuple(keywords)
    for schema in _schemas(document):
        yield from _outermost(schema)
        for path, node in nodes(schema.path, schema.whole):
            yield from _misspelled(schema, path, node, known)
            yield from _reference(schema, path, node)
            if schema.is_sent:
                yield from _required(schema, path, node)
                yield from _items(schema, path, node)
            if schema.strict:
                yield from _strict(schema, path, node)


def _schemas(document: Document) -> Iterator[_Schema]:
    """Find them, in a document that may have other problems."""
    function, answer = ("spec", "function"), ("spec", "response_format", "json_schema")
    tools, turns = (_count(document, field) for field in ("tools", "turns"))
    places: list[tuple[Path, str]] = [
        (function, "parameters"),
        *((("spec", "tools", index, "function"), "parameters") for index in range(tools)),
        (answer, "schema"),
        *((("spec", "turns", index, "expect"), "json_schema") for index in range(turns)),
    ]
    for path, field in places:
        whole = _at(document.data, (*path, field))
        if isinstance(whole, Mapping):
            strict = _at(document.data, (*path, "strict")) is True
            is_sent = field != "json_schema"
            yield _Schema(document, (*path, field), whole, strict, field, is_sent)


def _count(document: Document, field: str) -> int:
    listed = _at(document.data, ("spec", field))
    return len(listed) if isinstance(listed, list) else 0


def _at(value: Any, path: Path) -> Any:
    """Give the value at a path; None where there is none."""
    for part in path:
        if isinstance(value, Mapping):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def nodes(path: Path, schema: Any) -> Iterator[tuple[Path, Node]]:
    """Go through a schema and the schemas inside it."""
    if not isinstance(schema, Mapping):
        return
    yield path, schema
    for keyword in _SCHEMA:
        yield from nodes((*path, keyword), schema.get(keyword))
    for keyword in _SCHEMAS:
        inner = schema.get(keyword)
        for index, each in enumerate(inner if isinstance(inner, list) else ()):
            yield from nodes((*path, keyword, index), each)
    for keyword in _NAMED:
        inner = schema.get(keyword)
        for name, each in inner.items() if isinstance(inner, Mapping) else ():
            yield from nodes((*path, keyword, name), each)


def _outermost(schema: _Schema) -> Iterator[Diagnostic]:
    kind = schema.whole.get("type")
    if schema.what != "parameters" and not schema.strict:
        return
    forgotten = kind is None and "properties" in schema.whole
    if forgotten or kind in _OTHER_TYPES or isinstance(kind, list):
        say = schema.document.warning if forgotten else schema.document.error
        yield say(
            (*schema.path, "type"),
            "M130",
            "Schema is of no object",
            f"The outermost type of `{schema.what}` must be object: the model fills in names and"
            " values. Write `type: object`.",
        )


def _is_open(value: object) -> bool:
    """Say whether only a variable's value will tell."""
    return isinstance(value, str) and bool(references(value))


def _names(node: Node, keyword: str) -> list[str]:
    written = node.get(keyword)
    names = written if isinstance(written, (list, Mapping)) else ()
    return [each for each in names if isinstance(each, str)]


def _required(schema: _Schema, path: Path, node: Node) -> Iterator[Diagnostic]:
    known = _names(node, "properties")
    described_elsewhere = {"$ref", "allOf", "anyOf", "oneOf", "patternProperties"} & node.keys()
    if described_elsewhere or not isinstance(node.get("required"), list):
        return
    for index, name in enumerate(node["required"]):
        if isinstance(name, str) and name not in known and not references(name):
            meant = closest(name, known, _MEANT)
            yield schema.document.warning(
                (*path, "required", index),
                "M131",
                "Required property is not described",
                f"`properties` has no {name!r}, so the model is told nothing of it."
                f" {f'Did you mean {meant}?' if meant else 'Describe it there.'}",
            )


def _misspelled(
    schema: _Schema, path: Path, node: Node, known: tuple[str, ...]
) -> Iterator[Diagnostic]:
    for name in node:
        meant = None if name in known else closest(name, known, _MISSPELLED)
        if meant:
            yield warning(
                "M132",
                "Unknown keyword of JSON Schema",
                f"JSON Schema has no keyword {name!r}, and takes it for a note. Did you mean"
                f" {meant}?",
                schema.document.position(*path, name, key=True),
            )


def _reference(schema: _Schema, path: Path, node: Node) -> Iterator[Diagnostic]:
    written = node.get("$ref")
    if not isinstance(written, str) or not written.startswith("#/") or references(written):
        return
    parts = [unquote(each).replace("~1", "/").replace("~0", "~") for each in written[2:].split("/")]
    found: Any = schema.whole
    for part in parts:
        found = _at(found, (int(part) if isinstance(found, list) and part.isdigit() else part,))
    if found is None:
        yield schema.document.error(
            (*path, "$ref"),
            "M133",
            "Schema reference leads nowhere",
            f"{written!r} is no place in `{schema.what}`. Paths go from there on, such as"
            " `#/$defs/address`.",
        )


def _items(schema: _Schema, path: Path, node: Node) -> Iterator[Diagnostic]:
    if node.get("type") == "array" and not {"items", "prefixItems", "$ref"} & node.keys():
        yield schema.document.warning(
            (*path, "type"),
            "M134",
            "Array has no items",
            "Nothing says what its members are, and some models refuse such a schema. Write"
            " `items`.",
        )


def _strict(schema: _Schema, path: Path, node: Node) -> Iterator[Diagnostic]:
    """Check what the service demands of a strict schema (Azure: structured outputs)."""
    if node.get("type") != "object" and "properties" not in node:
        return
    closed = node.get("additionalProperties")
    if closed is not False and not _is_open(closed):
        yield schema.document.error(
            (*path, "additionalProperties") if "additionalProperties" in node else path,
            "M135",
            "Strict schema is open",
            "With `strict: true` the service wants `additionalProperties: false` in every object."
            " Write it, or leave `strict` out.",
        )
    missing = [each for each in _names(node, "properties") if each not in _names(node, "required")]
    if missing:
        yield schema.document.error(
            (*path, "required") if "required" in node else path,
            "M136",
            "Strict schema leaves properties out",
            f"With `strict: true` the service wants every property in `required`, and"
            f" {', '.join(missing)} is not. Add it; what may be missing has `type: [string,"
            ' "null"]`. Or leave `strict` out.',
        )
