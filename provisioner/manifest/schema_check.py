"""Documents checked against their JSON Schemas: every problem, each where it stands."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from provisioner.diagnostics import Diagnostic
from provisioner.manifest import function_schemas
from provisioner.manifest.document import Document
from provisioner.manifest.schema_messages import VARIABLE, explain
from provisioner.manifest.variables import references

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

_SCALARS = ("string", "number", "integer", "boolean")
_DEPTH = 3
"""So many steps lead to an environment of a Project."""

SCHEMA_KINDS = ("project", "assistant", "instructions", "tool", "file", "vectorstore")


def schema(kind: str) -> dict[str, Any]:
    """Read the JSON Schema of a kind (lower-case), as shipped."""
    text = (files("provisioner_schemas") / f"{kind}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def bundle() -> dict[str, Any]:
    """Make one JSON Schema for all kinds, which `kind` chooses between.

    Every definition has its place in the one `$defs`: few editors follow a reference to an `$id`.
    """
    schemas = {kind: schema(kind) for kind in SCHEMA_KINDS}
    names = [each["title"] for each in schemas.values()]
    apart = ("$schema", "$id", "$defs", "examples")
    definitions = {name: each for kind in schemas.values() for name, each in kind["$defs"].items()}
    for each in schemas.values():
        definitions[each["title"]] = {key: each[key] for key in each if key not in apart}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:provisioner:v1",
        "title": "Manifest",
        "description": "One document of a provisioner manifest.",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {
            "apiVersion": schemas["project"]["properties"]["apiVersion"],
            "kind": {"description": "What this document declares.", "enum": names},
        },
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": name}}, "required": ["kind"]},
                "then": {"$ref": f"#/$defs/{name}"},
            }
            for name in names
        ],
        "$defs": definitions,
    }


@cache
def resolved(kind: str) -> Mapping[str, Any]:
    """Read the JSON Schema of a kind (lower-case), with definitions in the place of references.

    Definitions that refer to themselves stay what they are.
    """
    written = schema(kind)
    definitions = written.pop("$defs")
    recursive = {name: each for name, each in definitions.items() if _refers(each, name)}
    others = {name: definitions[name] for name in definitions if name not in recursive}
    written["$defs"] = recursive
    whole: Mapping[str, Any] = _inlined(written, others)
    return whole


def _refers(part: Any, name: str) -> bool:
    """Say whether a definition refers to itself."""
    if isinstance(part, dict):
        return part.get("$ref") == f"#/$defs/{name}" or _refers(list(part.values()), name)
    return isinstance(part, list) and any(_refers(each, name) for each in part)


@cache
def _validator(kind: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(resolved(kind))


@cache
def _strict_validator(kind: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(_without_variables(resolved(kind)))


def _without_variables(part: Any) -> Any:
    """Leave out that `${var.NAME}` may stand for a value that is no text."""
    if isinstance(part, list):
        return [_without_variables(each) for each in part]
    if not isinstance(part, dict):
        return part
    whole = {key: _without_variables(each) for key, each in part.items()}
    if whole.get("pattern") != VARIABLE:
        return whole
    del whole["pattern"]
    return {**whole, "type": [each for each in whole["type"] if each != "string"]}


def _inlined(part: Any, definitions: Mapping[str, Any]) -> Any:
    """Put definitions in the place of references to them, which take long to follow."""
    if isinstance(part, list):
        return [_inlined(each, definitions) for each in part]
    if not isinstance(part, dict):
        return part
    whole = {key: _inlined(each, definitions) for key, each in part.items()}
    name = str(whole.get("$ref")).removeprefix("#/$defs/")
    if name not in definitions:
        return whole
    del whole["$ref"]
    return {**whole, **_inlined(definitions[name], definitions)}


@cache
def keywords() -> tuple[str, ...]:
    """List the keywords of a JSON Schema, as a function's parameters are."""
    return tuple(schema("tool")["$defs"]["jsonSchema"]["properties"])


def check(documents: Iterable[Document]) -> tuple[list[Document], list[Diagnostic]]:
    """Split documents into those that their schema accepts, and what is wrong with the others."""
    accepted: list[Document] = []
    problems: list[Diagnostic] = []
    for document in documents:
        if document.refused:
            continue
        found = _validator(document.kind.lower()).iter_errors(document.data)
        troubles = [each for each in found if not _may_become(document, each)]
        problems.extend(_once(document, explain(document, troubles)))
        problems.extend(_once(document, function_schemas.check(document, keywords())))
        if not troubles:
            accepted.append(document)
    return accepted, problems


def check_filled(document: Document, absent: Container[str]) -> tuple[list[Diagnostic], bool]:
    """Check a document as it holds in one environment, its variables filled in.

    Says too whether something asks for an absent variable, so that it can't be judged.
    """
    found = list(_strict_validator(document.kind.lower()).iter_errors(document.data))
    troubles = [each for each in found if not any(name in absent for name in _asks(each.instance))]
    problems = [*explain(document, troubles), *function_schemas.check(document, keywords())]
    return list(_once(document, problems)), len(troubles) < len(found)


def _may_become(document: Document, trouble: ValidationError) -> bool:
    """Say whether what is wrong is a reference to a variable, whose value may be right.

    A value is never a map or a list.
    """
    if not _asks(trouble.instance) or not _is_filled(document, list(trouble.absolute_path)):
        return False
    types: Any = trouble.validator_value if trouble.validator == "type" else _SCALARS
    return any(each in types for each in _SCALARS)


def _is_filled(document: Document, path: list[str | int]) -> bool:
    """Say whether variables are filled in at a path."""
    if document.kind == "Project":
        inside = path[:2] == ["spec", "environments"] and len(path) > _DEPTH
        return inside and path[3] not in ("variables", "patches")
    return path[:1] == ["spec"] or path[:2] == ["metadata", "labels"]


def _asks(value: object) -> list[str]:
    return references(value) if isinstance(value, str) else []


def _once(document: Document, found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    for diagnostic in dict.fromkeys(found):
        if diagnostic.position not in document.reported:
            yield diagnostic
