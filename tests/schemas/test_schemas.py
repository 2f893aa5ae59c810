"""The JSON Schemas: sound in themselves, and clear about what they refuse."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("Project", "Assistant", "Instructions", "Tool", "File", "VectorStore", "Check")
SCHEMAS: Mapping[str, Any] = {
    kind: json.loads((ROOT / f"schemas/{kind.lower()}.schema.json").read_text(encoding="utf-8"))
    for kind in KINDS
}
MANIFESTS = sorted((ROOT / "examples").rglob("*.yaml"))

Steps = tuple[str | int, ...]
FREE_MAPS = {
    "labels",
    "models",
    "parameters",
    "schema",
    "foundry",
    "environments",
    "variables",
    "assistant",
    "patches",
    "tool_outputs",
    "arguments",
}
"""Fields whose keys are the user's own; an assistant's `spec.metadata` is one more, and the
`json_schema` that an answer is held against.
"""


EXPECTED_SCHEMA = (("expect",), "json_schema")


def documents(manifest: Path) -> list[Any]:
    """Read the documents of a manifest."""
    return list(yaml.safe_load_all(manifest.read_text(encoding="utf-8")))


EXAMPLES = [
    *((kind, example) for kind, schema in SCHEMAS.items() for example in schema["examples"]),
    *((document["kind"], document) for manifest in MANIFESTS for document in documents(manifest)),
]
"""Every document of the schemas' own examples and of the folder examples."""
NAMES = [f"{kind}-{document['metadata']['name']}" for kind, document in EXAMPLES]


def errors(kind: str, document: Any) -> list[tuple[Steps, str]]:
    """Validate; give each error's path in the document and the keyword that failed."""
    found = Draft202012Validator(SCHEMAS[kind]).iter_errors(document)
    return sorted((tuple(each.absolute_path), str(each.validator)) for each in found)


def subschemas(schema: Any, place: str = "#") -> Iterator[tuple[str, dict[str, Any]]]:
    """Walk the schemas inside a schema, but not its data (examples, enums) and conditions."""
    if not isinstance(schema, dict):
        return
    yield place, schema
    for keyword, value in schema.items():
        if keyword in {"properties", "$defs"}:
            for name, inner in value.items():
                yield from subschemas(inner, f"{place}/{keyword}/{name}")
        elif keyword == "allOf":
            for index, inner in enumerate(value):
                yield from subschemas(inner, f"{place}/{keyword}/{index}")
        elif keyword in {"items", "additionalProperties", "propertyNames", "then", "else", "not"}:
            yield from subschemas(value, f"{place}/{keyword}")


@pytest.mark.parametrize("kind", KINDS)
def test_schema_is_valid(kind: str) -> None:
    """Each schema follows draft 2020-12 and says what it is."""
    schema = SCHEMAS[kind]
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:provisioner:v1:{kind.lower()}"
    assert schema["title"] == kind
    assert schema["properties"]["apiVersion"]["const"] == "provisioner/v1"
    assert schema["properties"]["kind"]["const"] == kind


@pytest.mark.parametrize("kind", KINDS)
def test_schema_is_self_contained(kind: str) -> None:
    """References lead to definitions of the same file, and each definition is used."""
    schema = SCHEMAS[kind]
    used = {inner["$ref"] for _, inner in subschemas(schema) if "$ref" in inner}
    assert used == {f"#/$defs/{name}" for name in schema["$defs"]}


def test_shared_definitions_are_the_same() -> None:
    """A definition that stands in several schemas is the same in all of them."""
    first: dict[str, Any] = {}
    for schema in SCHEMAS.values():
        for name, definition in schema["$defs"].items():
            assert first.setdefault(name, definition) == definition, name


@pytest.mark.parametrize("kind", KINDS)
def test_every_property_has_a_description(kind: str) -> None:
    """An editor has something to say about every field, definition and branch."""
    schema = SCHEMAS[kind]
    for place, inner in subschemas(schema):
        *_, keyword, name = ("", *place.split("/"))
        if keyword != "properties" and name not in {"then", "else"}:
            continue
        described = inner
        if "description" not in inner:
            described = schema["$defs"][inner["$ref"].rpartition("/")[2]]
        assert described["description"].endswith((".", "}")), place
    for name, definition in schema["$defs"].items():
        assert definition["description"], name


@pytest.mark.parametrize(("kind", "document"), EXAMPLES, ids=NAMES)
def test_examples_validate(kind: str, document: Any) -> None:
    """The schemas' examples and the manifests of the example projects are right."""
    assert errors(kind, document) == []


def test_examples_use_every_field() -> None:
    """Each field that stands in a schema stands in one of its examples."""
    for kind, schema in SCHEMAS.items():
        text = json.dumps(schema["examples"])
        fields = {
            place.rpartition("/")[2]
            for place, _ in subschemas(schema)
            if place.split("/")[-2:-1] == ["properties"]
            # Those of a JSON Schema are compared with its own metaschema.
            and not place.startswith("#/$defs/jsonSchema/")
        }
        assert {field for field in fields if f'"{field}":' not in text} == set(), kind


def objects(value: Any, path: Steps = ()) -> Iterator[tuple[Steps, dict[str, Any]]]:
    """Give every object of a document whose fields are the schema's to name."""
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from objects(inner, (*path, index))
    elif isinstance(value, dict):
        if path[-1:] != ("environments",) and path != ("spec", "metadata"):
            yield path, value
        for name, inner in value.items():
            free = name in FREE_MAPS - {"environments"} or (path[-1:], name) == EXPECTED_SCHEMA
            if not free:
                yield from objects(inner, (*path, name))


@pytest.mark.parametrize(("kind", "document"), EXAMPLES, ids=NAMES)
def test_unknown_fields_are_errors_everywhere(kind: str, document: Any) -> None:
    """An unknown field is one error, at the object that it stands in."""
    for path, _ in objects(document):
        broken = copy.deepcopy(document)
        inner = broken
        for step in path:
            inner = inner[step]
        inner["surprise"] = True
        assert errors(kind, broken) == [(path, "additionalProperties")]


ASSISTANT = {
    "apiVersion": "provisioner/v1",
    "kind": "Assistant",
    "metadata": {"name": "bot"},
    "spec": {"model": "chat"},
}
PROJECT = {
    "apiVersion": "provisioner/v1",
    "kind": "Project",
    "metadata": {"name": "shop"},
    "spec": {
        "environments": {
            "prod": {
                "provider": {
                    "type": "azure-openai",
                    "endpoint": "https://contoso.openai.azure.com",
                    "api_version": "2024-05-01-preview",
                    "auth": {"type": "api_key", "env": "AZURE_OPENAI_API_KEY"},
                }
            }
        }
    },
}
INSTRUCTIONS = {
    "apiVersion": "provisioner/v1",
    "kind": "Instructions",
    "metadata": {"name": "tone"},
    "spec": {"text": "Be brief."},
}
TOOL = {
    "apiVersion": "provisioner/v1",
    "kind": "Tool",
    "metadata": {"name": "get-order"},
    "spec": {"type": "function", "function": {"name": "get_order"}},
}
FILE = {
    "apiVersion": "provisioner/v1",
    "kind": "File",
    "metadata": {"name": "sales"},
    "spec": {"path": "data/sales.csv"},
}
CHECK: dict[str, Any] = {
    "apiVersion": "provisioner/v1",
    "kind": "Check",
    "metadata": {"name": "greets"},
    "spec": {"assistant": "bot", "turns": [{"user": "Hello"}]},
}
PROD = "spec/environments/prod"
CODE = {"type": "code_interpreter"}
FUNCTION = {"type": "function", "function": {"name": "f"}}
KEY_32 = "abcdef0123456789" * 2
KEY_84 = "Ab3" * 28


def altered(base: Mapping[str, Any], place: str, value: Any) -> dict[str, Any]:
    """Copy a document and set the field at `place`; an ellipsis takes it away."""
    document = copy.deepcopy(dict(base))
    inner: Any = document
    *above, last = place.split("/")
    for step in above:
        inner = inner.setdefault(step, {})
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return document


def tools(*entries: Any) -> dict[str, Any]:
    """Make an assistant with these tools."""
    return altered(ASSISTANT, "spec/tools", list(entries))


def spec(field: str, value: Any) -> dict[str, Any]:
    """Make an assistant with this field in its spec."""
    return altered(ASSISTANT, f"spec/{field}", value)


def provider(field: str, value: Any) -> dict[str, Any]:
    """Make a project with this field in the provider of its environment."""
    return altered(PROJECT, f"{PROD}/provider/{field}", value)


STORE: dict[str, Any] = {
    "apiVersion": "provisioner/v1",
    "kind": "VectorStore",
    "metadata": {"name": "handbook"},
    "spec": {},
}
CHUNKS, EXPIRES = "spec/chunking_strategy/static", "spec/expires_after"


EXPECT = "spec/turns/0/expect"


def turn(**fields: Any) -> dict[str, Any]:
    """Make a check whose one turn has these fields; an ellipsis takes one away."""
    written = {"user": "Hello", **fields}
    kept = {name: value for name, value in written.items() if value is not ...}
    return altered(CHECK, "spec/turns", [kept])


def expecting(**fields: Any) -> dict[str, Any]:
    """Make a check that expects this of its one turn."""
    return turn(expect=fields)


def pairs(count: int) -> dict[str, str]:
    """Make so many pairs of metadata."""
    return {f"key{number}": "value" for number in range(count)}


def schema_format(**fields: Any) -> dict[str, Any]:
    """Make an assistant whose answers follow a JSON Schema."""
    return spec("response_format", {"type": "json_schema", "json_schema": fields})


def static(size: int, overlap: int) -> dict[str, Any]:
    """Make a store whose files are cut up in a way of its own."""
    sizes = {"max_chunk_size_tokens": size, "chunk_overlap_tokens": overlap}
    return altered(STORE, "spec/chunking_strategy", {"type": "static", "static": sizes})


def expiring(**fields: Any) -> dict[str, Any]:
    """Make a store that expires."""
    return altered(STORE, "spec/expires_after", fields)


ALLOWED: dict[str, dict[str, Any]] = {
    "128 tools": tools(*[FUNCTION] * 128),
    "20 files": tools({**CODE, "files": ["sales"] * 20}),
    "14 pairs": spec("metadata", pairs(14)),
    "pair at its limits": spec("metadata", {"k" * 64: "v" * 512}),
    "name of 256": spec("name", "n" * 256),
    "description of 512": spec("description", "d" * 512),
    "temperature 0": spec("temperature", 0),
    "temperature 2": spec("temperature", 2),
    "top_p 0": spec("top_p", 0),
    "top_p 1": spec("top_p", 1.0),
    "50 results": tools({"type": "file_search", "max_num_results": 50}),
    "bare file_search": tools({"type": "file_search"}),
    "store by id": tools({"type": "file_search", "vector_store": {"id": "vs_1"}}),
    "no tools": tools(),
    "text instructions": spec("instructions", "Be brief."),
    "empty instructions": spec("instructions", ""),
    "instructions by ref": spec("instructions", {"ref": "tone"}),
    "literal file": spec("instructions", {"file": "a.md", "literal": True}),
    "list of one": spec("instructions", [{"ref": "tone"}]),
    "json_object": spec("response_format", {"type": "json_object"}),
    "text format": spec("response_format", {"type": "text"}),
    "schema format": schema_format(name="n" * 64, schema={}),
    "name of one": altered(ASSISTANT, "metadata/name", "a"),
    "name of 63": altered(ASSISTANT, "metadata/name", "a" * 63),
    "function of 64": altered(TOOL, "spec/function/name", "f" * 64),
    "function text of 1024": altered(TOOL, "spec/function/description", "d" * 1024),
    "strict function": altered(TOOL, "spec/function/strict", value=True),
    "bearer": provider("auth", {"type": "bearer", "env": "_TOKEN"}),
    "entra": provider("auth", {"type": "entra"}),
    "entra in full": provider(
        "auth", {"type": "entra", "client_id": "c", "tenant_id": "t", "scope": "s"}
    ),
    "API version without preview": provider("api_version", "2024-10-21"),
    "capital environment": altered(
        PROJECT, "spec/environments/QA_2", {"provider": {"type": "emulator"}}
    ),
    "empty text": altered(INSTRUCTIONS, "spec/text", ""),
    "literal Instructions": altered(INSTRUCTIONS, "spec", {"file": "a.md", "literal": False}),
    "filename": altered(FILE, "spec/filename", "売上 2024.csv"),
    "empty store": STORE,
    "many files": altered(
        STORE, "spec/files", ["faq", {"path": "a.md"}, {"id": "assistant-1"}] * 20
    ),
    "smallest chunks": static(100, 0),
    "largest chunks": static(4096, 2048),
    "automatic chunks": altered(STORE, "spec/chunking_strategy", {"type": "auto"}),
    "a day": expiring(anchor="last_active_at", days=1),
    "a year": expiring(anchor="last_active_at", days=365),
    "14 pairs of a store": altered(STORE, "spec/metadata", pairs(14)),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_allowed(name: str) -> None:
    """What stands exactly at a limit, or in each of the allowed forms, is right."""
    document = ALLOWED[name]
    assert errors(document["kind"], document) == []


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    # The document as a whole
    "other apiVersion": (
        altered(ASSISTANT, "apiVersion", "provisioner/v2"),
        "apiVersion",
        "const",
    ),
    "no metadata": (altered(ASSISTANT, "metadata", ...), "", "required"),
    "no spec": (altered(FILE, "spec", ...), "", "required"),
    "empty spec": (altered(FILE, "spec", None), "spec", "type"),
    "unknown field on top": (altered(TOOL, "status", {}), "", "additionalProperties"),
    # metadata
    "no name": (altered(ASSISTANT, "metadata/name", ...), "metadata", "required"),
    "number as name": (altered(FILE, "metadata/name", 2024), "metadata/name", "type"),
    "capital name": (altered(ASSISTANT, "metadata/name", "Bot"), "metadata/name", "pattern"),
    "underscore": (altered(TOOL, "metadata/name", "get_order"), "metadata/name", "pattern"),
    "last hyphen": (altered(FILE, "metadata/name", "sales-"), "metadata/name", "pattern"),
    "name of 64": (altered(FILE, "metadata/name", "a" * 64), "metadata/name", "pattern"),
    "newline in name": (altered(FILE, "metadata/name", "a\n"), "metadata/name", "pattern"),
    "empty name": (altered(FILE, "metadata/name", ""), "metadata/name", "pattern"),
    "number as label": (
        altered(ASSISTANT, "metadata/labels/tier", 1),
        "metadata/labels/tier",
        "type",
    ),
    "number as label's key": (
        altered(ASSISTANT, "metadata/labels", {1: "first"}),
        "metadata/labels",
        "type",
    ),
    "environments as text": (
        altered(ASSISTANT, "metadata/environments", "prod"),
        "metadata/environments",
        "type",
    ),
    "no environment": (
        altered(ASSISTANT, "metadata/environments", []),
        "metadata/environments",
        "minItems",
    ),
    "lifecycle of a File": (
        altered(FILE, "metadata/lifecycle", {}),
        "metadata",
        "additionalProperties",
    ),
    "prevent_destroy as text": (
        altered(ASSISTANT, "metadata/lifecycle/prevent_destroy", "yes"),
        "metadata/lifecycle/prevent_destroy",
        "type",
    ),
    "ignore_changes as text": (
        altered(ASSISTANT, "metadata/lifecycle/ignore_changes", "instructions"),
        "metadata/lifecycle/ignore_changes",
        "type",
    ),
    # Assistant
    "empty model": (spec("model", ""), "spec/model", "minLength"),
    "name of 257": (spec("name", "n" * 257), "spec/name", "maxLength"),
    "description of 513": (spec("description", "d" * 513), "spec/description", "maxLength"),
    "empty description": (spec("description", None), "spec/description", "type"),
    "warm": (spec("temperature", 2.1), "spec/temperature", "maximum"),
    "cold": (spec("temperature", -0.1), "spec/temperature", "minimum"),
    "temperature as text": (spec("temperature", "0.2"), "spec/temperature", "pattern"),
    "temperature as boolean": (spec("temperature", value=True), "spec/temperature", "type"),
    "top_p": (spec("top_p", 1.5), "spec/top_p", "maximum"),
    "15 pairs": (spec("metadata", pairs(15)), "spec/metadata", "maxProperties"),
    "key of 65": (spec("metadata", {"k" * 65: "v"}), "spec/metadata", "maxLength"),
    "value of 513": (spec("metadata", {"k": "v" * 513}), "spec/metadata/k", "maxLength"),
    "number as value": (
        spec("metadata", {"cost_center": 4711}),
        "spec/metadata/cost_center",
        "type",
    ),
    "reserved key": (spec("metadata", {"provisioner-files": "x"}), "spec/metadata", "pattern"),
    "number as key": (spec("metadata", {4711: "x"}), "spec/metadata", "type"),
    "raw of another": (spec("raw", {"azure": {}}), "spec/raw", "additionalProperties"),
    "file_ids": (spec("file_ids", ["assistant-1"]), "spec", "additionalProperties"),
    # instructions
    "number as instructions": (spec("instructions", 1), "spec/instructions", "type"),
    "no instructions in list": (spec("instructions", []), "spec/instructions", "minItems"),
    "nested list": (spec("instructions", [["a"]]), "spec/instructions/0", "type"),
    "empty reference": (spec("instructions", {}), "spec/instructions", "required"),
    "ref and file": (
        spec("instructions", {"ref": "tone", "file": "a.md"}),
        "spec/instructions",
        "additionalProperties",
    ),
    "ref and literal": (
        spec("instructions", [{"ref": "tone", "literal": True}]),
        "spec/instructions/0",
        "additionalProperties",
    ),
    "empty path": (spec("instructions", {"file": ""}), "spec/instructions/file", "minLength"),
    "literal as text": (
        spec("instructions", {"file": "a.md", "literal": "no"}),
        "spec/instructions/literal",
        "pattern",
    ),
    # vector stores
    "chunks too small": (static(99, 0), f"{CHUNKS}/max_chunk_size_tokens", "minimum"),
    "chunks too large": (static(4097, 0), f"{CHUNKS}/max_chunk_size_tokens", "maximum"),
    "negative overlap": (static(100, -1), f"{CHUNKS}/chunk_overlap_tokens", "minimum"),
    "static without sizes": (
        altered(STORE, "spec/chunking_strategy", {"type": "static"}),
        "spec/chunking_strategy",
        "required",
    ),
    "auto with sizes": (
        altered(static(100, 0), "spec/chunking_strategy/type", "auto"),
        "spec/chunking_strategy",
        "additionalProperties",
    ),
    "no days": (expiring(anchor="last_active_at"), "spec/expires_after", "required"),
    "day nought": (expiring(anchor="last_active_at", days=0), f"{EXPIRES}/days", "minimum"),
    "366 days": (expiring(anchor="last_active_at", days=366), f"{EXPIRES}/days", "maximum"),
    "other anchor": (expiring(anchor="created_at", days=1), f"{EXPIRES}/anchor", "const"),
    "15 pairs of a store": (
        altered(STORE, "spec/metadata", pairs(15)),
        "spec/metadata",
        "maxProperties",
    ),
    "store's file_ids": (altered(STORE, "spec/file_ids", []), "spec", "additionalProperties"),
    # checks
    "check of nobody": (altered(CHECK, "spec/assistant", ...), "spec", "required"),
    "nothing said": (altered(CHECK, "spec/turns", []), "spec/turns", "minItems"),
    "turn without user": (turn(user=...), "spec/turns/0", "required"),
    "turn as text": (altered(CHECK, "spec/turns", ["Hello"]), "spec/turns/0", "type"),
    "no time": (
        altered(CHECK, "spec/timeout_seconds", 0),
        "spec/timeout_seconds",
        "exclusiveMinimum",
    ),
    "held never": (altered(CHECK, "spec/repeat", 0), "spec/repeat", "minimum"),
    "held 101 times": (altered(CHECK, "spec/repeat", 101), "spec/repeat", "maximum"),
    "half a success": (altered(CHECK, "spec/at_least", 1.5), "spec/at_least", "type"),
    "status of no end": (expecting(status="queued"), f"{EXPECT}/status", "enum"),
    "contains nothing": (expecting(contains=[]), f"{EXPECT}/contains", "minItems"),
    "contains an empty text": (expecting(contains=""), f"{EXPECT}/contains", "minLength"),
    "pattern as number": (expecting(matches=[5]), f"{EXPECT}/matches/0", "type"),
    "schema as text": (expecting(json_schema="object"), f"{EXPECT}/json_schema", "type"),
    "schema of no type": (
        expecting(json_schema={"type": "objet"}),
        f"{EXPECT}/json_schema/type",
        "enum",
    ),
    "file of no type": (expecting(files=[{"type": "png"}]), f"{EXPECT}/files/0/type", "pattern"),
    "no files": (expecting(files=[{"min": 0}]), f"{EXPECT}/files/0/min", "minimum"),
    "call of nothing": (expecting(tool_calls=[{}]), f"{EXPECT}/tool_calls/0", "required"),
    "arguments as text": (
        expecting(tool_calls=[{"name": "f", "arguments": "{}"}]),
        f"{EXPECT}/tool_calls/0/arguments",
        "type",
    ),
    "output of a blank name": (
        turn(tool_outputs={"a b": 1}),
        "spec/turns/0/tool_outputs",
        "pattern",
    ),
    # tools
    "tools as object": (spec("tools", {}), "spec/tools", "type"),
    "129 tools": (tools(*[FUNCTION] * 129), "spec/tools", "maxItems"),
    "name as tool": (tools("code_interpreter"), "spec/tools/0", "type"),
    "tool without type": (tools(CODE, {}), "spec/tools/1", "required"),
    "retrieval": (tools({"type": "retrieval"}), "spec/tools/0/type", "enum"),
    "near miss": (tools({"type": "code-interpreter", "files": []}), "spec/tools/0/type", "enum"),
    "ref and type": (
        tools({"ref": "get-order", "type": "function"}),
        "spec/tools/0",
        "additionalProperties",
    ),
    "bad ref": (tools({"ref": "get_order"}), "spec/tools/0/ref", "pattern"),
    "code with a store": (
        tools({**CODE, "vector_store": "handbook"}),
        "spec/tools/0",
        "additionalProperties",
    ),
    "search with files": (
        tools({"type": "file_search", "files": ["faq"]}),
        "spec/tools/0",
        "additionalProperties",
    ),
    "function without function": (tools({"type": "function"}), "spec/tools/0", "required"),
    "function with files": (
        tools({**FUNCTION, "files": []}),
        "spec/tools/0",
        "additionalProperties",
    ),
    "21 files": (tools({**CODE, "files": ["sales"] * 21}), "spec/tools/0/files", "maxItems"),
    "path as name": (
        tools({**CODE, "files": ["data/sales.csv"]}),
        "spec/tools/0/files/0",
        "pattern",
    ),
    "glob": (
        tools({**CODE, "files": [{"path": "a.csv", "glob": "*.csv"}]}),
        "spec/tools/0/files/0",
        "additionalProperties",
    ),
    "path and id": (
        tools({**CODE, "files": [{"path": "a.csv", "id": "assistant-1"}]}),
        "spec/tools/0/files/0",
        "additionalProperties",
    ),
    "empty file": (tools({**CODE, "files": [{}]}), "spec/tools/0/files/0", "required"),
    "store without id": (
        tools({"type": "file_search", "vector_store": {}}),
        "spec/tools/0/vector_store",
        "required",
    ),
    "store with an assistant's id": (
        tools({"type": "file_search", "vector_store": {"id": "asst_1"}}),
        "spec/tools/0/vector_store/id",
        "pattern",
    ),
    "no results": (
        tools({"type": "file_search", "max_num_results": 0}),
        "spec/tools/0/max_num_results",
        "minimum",
    ),
    "51 results": (
        tools({"type": "file_search", "max_num_results": 51}),
        "spec/tools/0/max_num_results",
        "maximum",
    ),
    "half a result": (
        tools({"type": "file_search", "max_num_results": 1.5}),
        "spec/tools/0/max_num_results",
        "type",
    ),
    "ranking_options": (
        tools({"type": "file_search", "ranking_options": {}}),
        "spec/tools/0",
        "additionalProperties",
    ),
    # response_format
    "none": (spec("response_format", "none"), "spec/response_format", "enum"),
    "format without type": (spec("response_format", {}), "spec/response_format", "required"),
    "other format": (spec("response_format", {"type": "xml"}), "spec/response_format/type", "enum"),
    "schema missing": (
        spec("response_format", {"type": "json_schema"}),
        "spec/response_format",
        "required",
    ),
    "schema not asked for": (
        spec("response_format", {"type": "text", "json_schema": {"name": "a", "schema": {}}}),
        "spec/response_format",
        "additionalProperties",
    ),
    "format's name of 65": (
        schema_format(name="n" * 65, schema={}),
        "spec/response_format/json_schema/name",
        "pattern",
    ),
    "format without schema": (
        schema_format(name="answer"),
        "spec/response_format/json_schema",
        "required",
    ),
    # Instructions, Tool and File
    "no text": (altered(INSTRUCTIONS, "spec", {}), "spec", "required"),
    "text and file": (altered(INSTRUCTIONS, "spec/file", "a.md"), "spec", "additionalProperties"),
    "literal text": (
        altered(INSTRUCTIONS, "spec/literal", value=True),
        "spec",
        "additionalProperties",
    ),
    "list as text": (altered(INSTRUCTIONS, "spec/text", ["a"]), "spec/text", "type"),
    "shared code_interpreter": (
        altered(TOOL, "spec/type", "code_interpreter"),
        "spec/type",
        "enum",
    ),
    "tool without function": (altered(TOOL, "spec/function", ...), "spec", "required"),
    "nameless function": (altered(TOOL, "spec/function", {}), "spec/function", "required"),
    "dot in function's name": (
        altered(TOOL, "spec/function/name", "get.order"),
        "spec/function/name",
        "pattern",
    ),
    "function of 65": (
        altered(TOOL, "spec/function/name", "f" * 65),
        "spec/function/name",
        "pattern",
    ),
    "newline in function's name": (
        altered(TOOL, "spec/function/name", "get_order\n"),
        "spec/function/name",
        "pattern",
    ),
    "function text of 1025": (
        altered(TOOL, "spec/function/description", "d" * 1025),
        "spec/function/description",
        "maxLength",
    ),
    "parameters as list": (
        altered(TOOL, "spec/function/parameters", []),
        "spec/function/parameters",
        "type",
    ),
    "file without path": (altered(FILE, "spec/path", ...), "spec", "required"),
    "folder in filename": (altered(FILE, "spec/filename", "a/b.csv"), "spec/filename", "pattern"),
    "newline in filename": (altered(FILE, "spec/filename", "a\n"), "spec/filename", "pattern"),
    # Project
    "labels of a Project": (
        altered(PROJECT, "metadata/labels", {}),
        "metadata",
        "additionalProperties",
    ),
    "slash in uid": (altered(PROJECT, "metadata/uid", "a/b"), "metadata/uid", "pattern"),
    "no environments": (
        altered(PROJECT, "spec/environments", {}),
        "spec/environments",
        "minProperties",
    ),
    "environments left out": (altered(PROJECT, "spec/environments", ...), "spec", "required"),
    "environment that leaves its folder": (
        altered(PROJECT, "spec/environments/..", {"provider": {"type": "emulator"}}),
        "spec/environments",
        "pattern",
    ),
    "empty environment": (altered(PROJECT, PROD, None), PROD, "type"),
    "no provider": (altered(PROJECT, PROD, {}), PROD, "required"),
    "hyphen in a variable's name": (
        altered(PROJECT, "spec/variables", {"a-b": {}}),
        "spec/variables",
        "pattern",
    ),
    "variable as text": (
        altered(PROJECT, "spec/variables", {"a": "x"}),
        "spec/variables/a",
        "type",
    ),
    "other type of variable": (
        altered(PROJECT, "spec/variables", {"a": {"type": "list"}}),
        "spec/variables/a/type",
        "enum",
    ),
    "list as value": (
        altered(PROJECT, f"{PROD}/variables", {"a": ["x"]}),
        f"{PROD}/variables/a",
        "type",
    ),
    "defaults of another kind": (
        altered(PROJECT, "spec/defaults", {"file": {}}),
        "spec/defaults",
        "additionalProperties",
    ),
    "patch of no address": (
        altered(PROJECT, f"{PROD}/patches", {"Assistant": {}}),
        f"{PROD}/patches",
        "pattern",
    ),
    "patch of the kind": (
        altered(PROJECT, f"{PROD}/patches", {"assistant.a": {"kind": "File"}}),
        f"{PROD}/patches/assistant.a",
        "additionalProperties",
    ),
    "patch of the name": (
        altered(PROJECT, f"{PROD}/patches", {"assistant.a": {"metadata": {"name": "b"}}}),
        f"{PROD}/patches/assistant.a/metadata",
        "additionalProperties",
    ),
    "empty deployment": (
        altered(PROJECT, f"{PROD}/models", {"chat": ""}),
        f"{PROD}/models/chat",
        "minLength",
    ),
    "manifests as text": (altered(PROJECT, "spec/manifests", "*.yaml"), "spec/manifests", "type"),
    "other provider": (provider("type", "azure"), f"{PROD}/provider/type", "enum"),
    "no type of provider": (provider("type", ...), f"{PROD}/provider", "required"),
    "no endpoint": (provider("endpoint", ...), f"{PROD}/provider", "required"),
    "no API version": (provider("api_version", ...), f"{PROD}/provider", "required"),
    "no auth": (provider("auth", ...), f"{PROD}/provider", "required"),
    "word as API version": (
        provider("api_version", "latest"),
        f"{PROD}/provider/api_version",
        "pattern",
    ),
    "emulates with azure-openai": (
        provider("emulates", "azure-openai"),
        f"{PROD}/provider",
        "additionalProperties",
    ),
    "emulator with auth": (
        altered(PROJECT, f"{PROD}/provider", {"type": "emulator", "auth": {"type": "entra"}}),
        f"{PROD}/provider",
        "additionalProperties",
    ),
    "emulates foundry": (
        altered(PROJECT, f"{PROD}/provider", {"type": "emulator", "emulates": "foundry"}),
        f"{PROD}/provider/emulates",
        "enum",
    ),
    # auth
    "auth as text": (provider("auth", "api_key"), f"{PROD}/provider/auth", "type"),
    "auth without type": (provider("auth", {}), f"{PROD}/provider/auth", "required"),
    "other auth": (provider("auth", {"type": "key"}), f"{PROD}/provider/auth/type", "enum"),
    "key in auth": (
        provider("auth", {"type": "api_key", "env": "KEY", "key": KEY_32}),
        f"{PROD}/provider/auth",
        "additionalProperties",
    ),
    "no env": (provider("auth", {"type": "bearer"}), f"{PROD}/provider/auth", "required"),
    "env of entra": (
        provider("auth", {"type": "entra", "env": "TOKEN"}),
        f"{PROD}/provider/auth",
        "additionalProperties",
    ),
    "hyphen in env": (
        provider("auth", {"type": "api_key", "env": "AZURE-KEY"}),
        f"{PROD}/provider/auth/env",
        "pattern",
    ),
    "key as env": (
        provider("auth", {"type": "api_key", "env": KEY_32}),
        f"{PROD}/provider/auth/env",
        "not",
    ),
    "long key as env": (
        provider("auth", {"type": "bearer", "env": KEY_84}),
        f"{PROD}/provider/auth/env",
        "not",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    """One mistake is one error, at the place where a reader would look for it."""
    document, place, keyword = REFUSED[name]
    path = tuple(int(step) if step.isdigit() else step for step in place.split("/") if step)
    assert errors(document["kind"], document) == [(path, keyword)]


@pytest.mark.parametrize("kind", KINDS)
def test_other_kinds_are_refused(kind: str) -> None:
    """A schema knows its own kind only."""
    document = {**copy.deepcopy(SCHEMAS[kind]["examples"][0]), "kind": kind.lower()}
    assert errors(kind, document) == [(("kind",), "const")]


def test_the_tool_types_are_a_plain_list() -> None:
    """The error of a mistyped tool carries the types, so that the nearest can be named."""
    validator = Draft202012Validator(SCHEMAS["Assistant"])
    (found,) = validator.iter_errors(tools({"type": "code_interpeter"}))
    assert found.validator_value == ["code_interpreter", "file_search", "function"]


def test_a_branch_says_what_it_wants() -> None:
    """The error of a `then` or `else` carries a sentence for the reader."""
    validator = Draft202012Validator(SCHEMAS["Assistant"])
    (found,) = validator.iter_errors(tools({**CODE, "max_num_results": 3}))
    assert isinstance(found.schema, dict)
    assert found.schema["description"] == "A code_interpreter tool takes `files` and nothing else."
