"""What people write by mistake, and what to write instead."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.manifest.document import Path

LONGEST_SHOWN = 60

_FIELDS: Mapping[str, str] = {
    "file_ids": " Files are attached to the tool, or to the VectorStore: write them under its"
    " `files`.",
    "tool_resources": " Files and vector stores are written into the tool itself, as `files` and"
    " `vector_store`.",
    "vector_store_ids": " Write the one store as `vector_store`.",
}
"""Fields of the API that manifests write elsewhere."""

_RETRIEVAL = (
    " Azure replaced `retrieval` by file_search (v2); on v1, attach files to code_interpreter."
)
_JSON_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
_BUILT_IN = ("code_interpreter", "file_search")


def field_hint(name: str) -> str:
    """Say where a field of the API is written instead; "" of others."""
    return _FIELDS.get(name, "")


def hint(path: Path, found: object) -> str:
    """Say what was probably meant at a path; "" where there is nothing to say."""
    if not isinstance(found, str):
        return ""
    meant = ""
    match path:
        case (_, "tools", int()) | (_, "tools", int(), "type") if found == "retrieval":
            meant = _RETRIEVAL
        case (_, "tools", int()):
            meant = f" Write {{{'type' if found in _BUILT_IN else 'ref'}: {shown(found)[1:-1]}}}."
        case (*_, "files", int()) if found.startswith(("assistant-", "file-")):
            meant = f" Write {{id: {found}}} for a live file."
        case (*_, "files", int()) if "/" in found or "." in found:
            meant = f" Write {{path: {found}}} for a file of this project."
        case (*_, "properties", str()) | (*_, "items") if found in _JSON_TYPES:
            meant = f" Write {{type: {found}}}."
        case (*_, "vector_store") if found.startswith("vs_"):
            meant = f" Write {{id: {found}}} for a live store."
    return meant


def shown(value: object) -> str:
    """Write a value so that it fits into a sentence."""
    if isinstance(value, (dict, list)):
        return "a map" if isinstance(value, dict) else "a list"
    text = str(value)
    return repr(value if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…")
