"""Documents checked against their JSON Schemas: every problem, each where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeAlias

from provisioner.diagnostics import Diagnostic, error
from provisioner.manifest.document import Document, Path
from provisioner.manifest.suggestions import did_you_mean

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

Trouble: TypeAlias = Any
"""A jsonschema ValidationError; its type stubs say "or unset" of every field that is read here."""

SCHEMA_KINDS = ("project", "assistant", "instructions", "tool", "file")

_TYPES = {
    "string": "a text",
    "object": "a map",
    "array": "a list",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}
_HINTS: Mapping[tuple[str, str], str] = {
    ("type", "retrieval"): (
        " Azure replaced `retrieval` by file_search (v2); on v1, attach files to code_interpreter."
    ),
    ("file_ids", ""): " Files are attached to the tool: write them under its `files`.",
}


def schema(kind: str) -> dict[str, Any]:
    """Read the JSON Schema of a kind (lower-case), as shipped."""
    text = (files("provisioner_schemas") / f"{kind}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def bundle() -> dict[str, Any]:
    """Make one JSON Schema for all kinds, which `kind` chooses between."""
    schemas = {kind: schema(kind) for kind in SCHEMA_KINDS}
    names = {kind: each["properties"]["kind"]["const"] for kind, each in schemas.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:provisioner:v1",
        "title": "Manifest",
        "description": "One document of a provisioner manifest.",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {"kind": {"description": "What is declared.", "enum": list(names.values())}},
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
                "then": {"$ref": schemas[kind]["$id"]},
            }
            for kind, name in names.items()
        ],
        "$defs": schemas,
    }


@cache
def _validator(kind: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema(kind))


def check(documents: Iterable[Document]) -> tuple[list[Document], list[Diagnostic]]:
    """Split documents into those that their schema accepts, and what is wrong with the others."""
    accepted: list[Document] = []
    problems: list[Diagnostic] = []
    for document in documents:
        found = list(_check(document))
        problems.extend(found)
        if not found:
            accepted.append(document)
    return accepted, problems


def _check(document: Document) -> Iterator[Diagnostic]:
    validator = _validator(document.kind.lower())
    if validator.is_valid(document.data):
        return
    seen: set[tuple[object, ...]] = set()
    for trouble in validator.iter_errors(document.data):
        for diagnostic in _translate(document, trouble):
            key = (diagnostic.position, diagnostic.summary, diagnostic.detail)
            if key not in seen:
                seen.add(key)
                yield diagnostic


def _translate(document: Document, trouble: Trouble) -> Iterator[Diagnostic]:
    path: Path = tuple(trouble.absolute_path)
    keyword = str(trouble.validator)
    if keyword == "additionalProperties":
        yield from _unknown_fields(document, path, trouble)
        return
    if keyword == "propertyNames" or "propertyNames" in trouble.absolute_schema_path:
        yield _bad_key(document, path, trouble)
        return
    code, summary, detail = _explained(path, keyword, trouble)
    yield document.error(path, code, summary, detail)


def _unknown_fields(document: Document, path: Path, trouble: Trouble) -> Iterator[Diagnostic]:
    here: Mapping[str, Any] = trouble.schema
    known = here.get("properties", {})
    for name in (each for each in trouble.instance if each not in known):
        sentence = here.get("description", "") if _is_branch(trouble) else ""
        hint = _HINTS.get((str(name), ""), "") or did_you_mean(name, known)
        yield error(
            "M101",
            "Unknown field",
            f"{_place(path)} has no field {name!r}" + (f": {sentence}" if sentence else f".{hint}"),
            document.position(*path, name, key=True),
        )


def _is_branch(trouble: Trouble) -> bool:
    return any(part in ("then", "else") for part in list(trouble.absolute_schema_path)[-2:])


def _bad_key(document: Document, path: Path, trouble: Trouble) -> Diagnostic:
    name = str(trouble.instance)
    return error(
        "M104",
        "Key is not allowed",
        f"{_place(path)} can't have the key {name!r}: {_rule(trouble)}.",
        document.position(*path, name, key=True),
    )


def _explained(path: Path, keyword: str, trouble: Trouble) -> tuple[str, str, str]:
    place = _place(path)
    if keyword == "required":
        missing = [each for each in trouble.validator_value if each not in trouble.instance]
        what = ", ".join(f"`{each}`" for each in missing)
        sentence = trouble.schema.get("description", "") if _is_branch(trouble) else ""
        return "M102", "Field is missing", f"{place} needs {what}. {sentence}".rstrip()
    if keyword == "type":
        wanted = trouble.validator_value
        kinds = [wanted] if isinstance(wanted, str) else wanted
        expected = " or ".join(_TYPES[each] for each in kinds)
        found = _type_of(trouble.instance)
        return "M103", "Wrong type", f"{place} must be {expected}, and is {found}."
    if keyword in ("enum", "const"):
        return "M104", "Value is not allowed", _choice(path, trouble)
    if keyword in ("maxLength", "maxItems", "maxProperties", "minItems", "minProperties"):
        return "M105", "Wrong size", f"{place}: {_rule(trouble)}."
    return "M104", "Value is not allowed", f"{place}: {_rule(trouble)}.{_described(trouble)}"


def _choice(path: Path, trouble: Trouble) -> str:
    allowed = [trouble.validator_value] if trouble.validator == "const" else trouble.validator_value
    if _is_secret(path):
        return f"{_place(path)} is none of {', '.join(map(str, allowed))}."
    hint = _HINTS.get((str(path[-1]) if path else "", str(trouble.instance)), "")
    hint = hint or did_you_mean(trouble.instance, allowed)
    return f"{_place(path)} can't be {trouble.instance!r}.{hint}"


def _rule(trouble: Trouble) -> str:
    """Say the rule that was broken, never the value: it may be a secret."""
    limit = trouble.validator_value
    size = len(trouble.instance) if hasattr(trouble.instance, "__len__") else 0
    rules = {
        "maxLength": f"it has {size:,} characters, and {limit:,} is the most"
        if isinstance(limit, int)
        else "",
        "minLength": "it must not be empty",
        "maxItems": f"it has {size:,} members, and {limit} is the most",
        "minItems": "it must not be empty",
        "maxProperties": f"it has {size:,} pairs, and {limit} is the most",
        "minProperties": "it must not be empty",
        "minimum": f"it must be at least {limit}",
        "maximum": f"it must be at most {limit}",
        "pattern": "it has not the right form",
        "not": "it has not the right form",
    }
    return rules.get(str(trouble.validator), f"it breaks the rule {trouble.validator}")


def _described(trouble: Trouble) -> str:
    description = trouble.schema.get("description") if isinstance(trouble.schema, Mapping) else None
    return f" {description}" if description else ""


def _is_secret(path: Path) -> bool:
    return "auth" in path


def _type_of(value: object) -> str:
    if value is None:
        return "nothing"
    names = {bool: "true or false", str: "a text", int: "a number", float: "a number"}
    return names.get(type(value), "a list" if isinstance(value, list) else "a map")


def _place(path: Path) -> str:
    """Write a path as people do: `spec.tools[0].type`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return f"`{text.lstrip('.')}`" if text else "The document"
