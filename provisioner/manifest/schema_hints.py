"""What people write by mistake, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Mapping

from provisioner.manifest.document import Path
from provisioner.manifest.quoting import shown

LONGEST_NAME = 64

_BELOW_INSTRUCTIONS = " Write it as `instructions`."
_OF_A_RUN = " It belongs to a run of the assistant, which your application starts."
_FIELDS: Mapping[str, str] = {
    "file_ids": " Files are attached to the tool, or to the VectorStore: write them under its"
    " `files`.",
    "tool_resources": " Files and vector stores are written into the tool itself, as `files` and"
    " `vector_store`.",
    "vector_store_ids": " Write the one store as `vector_store`.",
    **dict.fromkeys(("system_prompt", "system", "prompt"), _BELOW_INSTRUCTIONS),
    **dict.fromkeys(("deployment", "engine"), " Write it as `model`."),
    **dict.fromkeys(("max_tokens", "max_completion_tokens", "tool_choice", "stream"), _OF_A_RUN),
    **dict.fromkeys(("id", "assistant_id"), " Ids are kept in the state, never in manifests."),
    "functions": " A function is a tool: write {type: function, function: {…}} under `tools`.",
    "namespace": " Environments take the place of namespaces.",
    "annotations": " Write `labels`, or the `metadata` below an Assistant's `spec`.",
    "purpose": " It is always `assistants`.",
}
"""Fields of the API, and of other tools, that manifests write elsewhere or not at all."""

_RETRIEVAL = (
    " Azure replaced `retrieval` by file_search (v2); on v1, attach files to code_interpreter."
)
_JSON_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
BUILT_IN = ("code_interpreter", "file_search")
_TYPES: Mapping[str, str] = {
    **dict.fromkeys(("int", "integer", "float"), "number"),
    **dict.fromkeys(("str", "text"), "string"),
    "bool": "boolean",
}
"""Types of other languages, as variables call them here."""


_SAID = ("prompt", "message", "content", "text", "question")
"""What other programs call the words of a user."""


def field_hint(path: Path, name: str) -> str:
    """Say where a field of the API is written instead; "" of others."""
    meant = ""
    match path:
        case ("spec", "tools", int()) if name in BUILT_IN:
            meant = f" Write {{type: {name}}}."
        case ("spec", "tools", int()) if name == "name":
            meant = " It belongs below `function`; the name of a Tool document is written as `ref`."
        case ("spec",) if name == "files":
            meant = " Files belong to a tool: write {type: code_interpreter, files: […]}."
        case ("spec",) if name == "spec":
            meant = " Write its fields here, without `spec`."
        case ("spec", "turns", int()) if name in _SAID:
            meant = " Write it as `user`."
        case ("spec", "defaults"):
            meant = " Defaults of an Assistant's spec stand below `assistant`."
        case ("spec", "environments", _, "patches", _):
            meant = " What a patch changes of the spec stands below `spec`."
        case ("spec", "variables", _) if name == "value":
            meant = " Write it as `default`."
    snake = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower()
    return meant or _FIELDS.get(snake, "")


def hint(path: Path, found: object) -> str:
    """Say what was probably meant at a path; "" where there is nothing to say."""
    if not isinstance(found, str):
        return ""
    return _check_hint(path, found) or _member_hint(path, found) or _name_hint(path, found)


def _check_hint(path: Path, found: str) -> str:
    """Say what was meant in a Check."""
    match path:
        case ("spec", "assistant") if _ADDRESS.fullmatch(found):
            return f" Write only the name: {found.partition('.')[2]}."
        case ("spec", "turns", int()):
            return " Write {user: …}."
        case (*_, "expect", "files", int()):
            return f" Write {{type: {shown(found)[1:-1]}}}."
        case (*_, "expect", "tool_calls", int()):
            return f" Write {{name: {shown(found)[1:-1]}}}."
    return ""


def _member_hint(path: Path, found: str) -> str:
    meant = ""
    match path:
        case (_, "tools", int()) | (_, "tools", int(), "type") if found == "retrieval":
            meant = _RETRIEVAL
        case (_, "tools", int()):
            meant = f" Write {{{'type' if found in BUILT_IN else 'ref'}: {shown(found)[1:-1]}}}."
        case (*_, "files", int()) if found.startswith(("assistant-", "file-")):
            meant = f" Write {{id: {found}}} for a live file."
        case (*_, "files", int()) | (*_, "ref") if _ADDRESS.fullmatch(found):
            meant = f" Write only the name: {found.partition('.')[2]}."
        case (*_, "files", int()) if "/" in found or "." in found:
            meant = f" Write {{path: {found}}} for a file of this project."
        case (*_, "properties", str()) | (*_, "items") if found in _JSON_TYPES:
            meant = f" Write {{type: {found}}}."
        case (*_, "vector_store") if found.startswith("vs_"):
            meant = f" Write {{id: {found}}} for a live store."
    return meant


def _name_hint(path: Path, found: str) -> str:
    meant = ""
    match path:
        case (*_, "function", "name"):
            meant = _instead(found, re.sub(r"[^A-Za-z0-9_-]+", "_", found))
        case ("metadata", "name") if "${" in found:
            meant = " A name is the same in every environment: it holds no variables."
        case ("metadata", "name") | (*_, "ref") | ("spec", "assistant"):
            meant = _instead(found, re.sub(r"[^a-z0-9]+", "-", found.lower()).strip("-"))
        case (*_, "auth", "env") if found.startswith("$"):
            meant = " Write the name alone, without `$` and braces."
        case ("spec", "variables", _, "type") if found in _TYPES:
            meant = f" Write {_TYPES[found]}."
    return meant


_ADDRESS = re.compile(r"(?:assistant|instructions|tool|file)\.[a-z0-9-]+")


def _instead(found: str, meant: str) -> str:
    return f" Write {meant}." if 0 < len(meant) < LONGEST_NAME and meant != found else ""
