"""Documents checked against their JSON Schemas: every problem, each where it stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from provisioner.diagnostics import Diagnostic
from provisioner.manifest import function_schemas
from provisioner.manifest.document import Document
from provisioner.manifest.schema_messages import explain

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

SCHEMA_KINDS = ("project", "assistant", "instructions", "tool", "file")


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
def _validator(kind: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    written = schema(kind)
    definitions = written.pop("$defs")
    recursive = {name: each for name, each in definitions.items() if _refers(each, name)}
    others = {name: definitions[name] for name in definitions if name not in recursive}
    written["$defs"] = recursive
    return Draft202012Validator(_inlined(written, others))


def _refers(part: Any, name: str) -> bool:
    """Say whether a definition refers to itself."""
    if isinstance(part, dict):
        return part.get("$ref") == f"#/$defs/{name}" or _refers(list(part.values()), name)
    return isinstance(part, list) and any(_refers(each, name) for each in part)


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
        troubles = list(_validator(document.kind.lower()).iter_errors(document.data))
        problems.extend(_once(document, explain(document, troubles)))
        problems.extend(_once(document, function_schemas.check(document, keywords())))
        if not troubles:
            accepted.append(document)
    return accepted, problems


def _once(document: Document, found: Iterable[Diagnostic]) -> Iterator[Diagnostic]:
    for diagnostic in dict.fromkeys(found):
        if diagnostic.position not in document.reported:
            yield diagnostic
