"""Documents checked against their JSON Schemas: every problem, each where it stands."""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from functools import cache, partial
from importlib.resources import files
from itertools import islice
from typing import TYPE_CHECKING, Any

from provisioner.diagnostics import Diagnostic, error
from provisioner.manifest import function_schemas
from provisioner.manifest.document import Document
from provisioner.manifest.remainder import remainder
from provisioner.manifest.schema_messages import VARIABLE, explain
from provisioner.manifest.variables import references
from provisioner.manifest.yaml_nodes import MAX_PROBLEMS

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

SCHEMA_KINDS = ("project", "assistant", "instructions", "tool", "file", "vectorstore", "check")

_FILLED = (("spec",), ("metadata", "labels"))
_FILLED_OF_A_PROJECT = (("spec", "environments"), ("spec", "defaults"))
"""Where a text may ask for variables."""


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
    """Split documents into those that their schema accepts, and what is wrong with the others.

    Of some that have problems a part is accepted: what it refers to is checked in the same run.
    """
    accepted: list[Document] = []
    problems: list[Diagnostic] = []
    for document in documents:
        if document.refused:
            continue
        validator = _validator(document.kind.lower())
        troubles = _troubles(validator, document)
        told = explain(document, troubles, _whole(validator))
        problems.extend(_first(list(_once(document, told))))
        problems.extend(_once(document, function_schemas.check(document, keywords())))
        find = partial(_troubles, validator)
        rest = remainder(document, troubles, find) if troubles else document
        if rest:
            accepted.append(rest)
    return accepted, problems


def _whole(validator: Draft202012Validator) -> dict[str, Any]:
    whole: dict[str, Any] = validator.schema  # type: ignore[assignment]
    return whole


def _troubles(validator: Draft202012Validator, document: Document) -> list[ValidationError]:
    """Find what is wrong, except in texts that will be filled with variables' values."""
    found = (
        each
        for each in validator.iter_errors(document.data)
        if not (_waits(each) and _is_filled(document.kind, each))
    )
    return list(islice(found, MAX_PROBLEMS + 1))


def _is_filled(kind: str, trouble: ValidationError) -> bool:
    path = tuple(trouble.absolute_path)
    places = _FILLED_OF_A_PROJECT if kind == "Project" else _FILLED
    is_key = "propertyNames" in trouble.absolute_schema_path
    return not is_key and any(path[: len(each)] == each for each in places)


def check_filled(
    document: Document, absent: Container[str], written: Mapping[str, Any]
) -> tuple[list[Diagnostic], bool]:
    """Check a document as it holds in one environment, its variables filled in.

    `written` is what it said before.
    Says too whether something asks for an absent variable, so that it can't be judged.
    """
    validator = _strict_validator(document.kind.lower())
    found = list(validator.iter_errors(document.data))
    troubles = [each for each in found if not any(name in absent for name in _waits(each))]
    problems = [
        *explain(document, troubles, _whole(validator), written),
        *function_schemas.check(document, keywords()),
    ]
    return list(_once(document, problems)), len(troubles) < len(found)


def _first(found: list[Diagnostic]) -> list[Diagnostic]:
    """Keep so many problems as people read, and say that there are more."""
    if len(found) <= MAX_PROBLEMS:
        return found
    detail = f"The document has more than {MAX_PROBLEMS} problems. Mend those before first."
    where = found[MAX_PROBLEMS].position
    return [*found[:MAX_PROBLEMS], error("M153", "More problems", detail, where)]


def _waits(trouble: ValidationError) -> list[str]:
    """List the variables whose values may mend a trouble: none is a map or a list."""
    wanted = trouble.validator_value if trouble.validator == "type" else "string"
    return [] if set(_listed(wanted)) <= {"object", "array"} else _asks(trouble.instance)


def _listed(types: Any) -> list[str]:
    return [types] if isinstance(types, str) else types


def _asks(value: object) -> list[str]:
    return references(value) if isinstance(value, str) else []


def _once(document: Document, found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    for diagnostic in dict.fromkeys(found):
        if diagnostic.position not in document.reported:
            yield diagnostic
