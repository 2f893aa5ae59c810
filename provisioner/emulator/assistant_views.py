"""Assistants as v1 and v2 show them."""

from collections.abc import Iterable, Mapping
from typing import Any

from provisioner.emulator.store import Row
from provisioner.emulator.versions import ApiVersion

# The tool was renamed between the generations. That an assistant of one is shown in the words of
# the other is OpenAI's migration guide; on Azure it is not known: don't mix versions.
_TO_V1 = {"file_search": "retrieval"}
_TO_V2 = {"retrieval": "file_search"}


def view(
    row: Row, attributes: Mapping[str, Any], file_ids: list[str], version: ApiVersion
) -> dict[str, Any]:
    """Show an assistant with the keys of the version, in their recorded order."""
    shared = {
        "id": row["id"],
        "object": "assistant",
        "created_at": row["created_at"],
        "name": attributes["name"],
        "description": attributes["description"],
        "model": attributes["model"],
        "instructions": attributes["instructions"],
        "tools": view_tools(attributes["tools"], version),
    }
    if version.generation == 1:
        return {**shared, "file_ids": file_ids, "metadata": attributes["metadata"]}
    return {
        **shared,
        "top_p": attributes["top_p"],
        "temperature": attributes["temperature"],
        "tool_resources": _resources(attributes, file_ids),
        "metadata": attributes["metadata"],
        "response_format": attributes["response_format"],
    }


def view_tools(tools: Iterable[Mapping[str, Any]], version: ApiVersion) -> list[dict[str, Any]]:
    """Show the tools of an assistant or of a run in the words of the version."""
    return [_tool(tool, version) for tool in tools]


def _tool(tool: Mapping[str, Any], version: ApiVersion) -> dict[str, Any]:
    if tool["type"] == "function":
        return {"type": "function", "function": _function(tool["function"], version)}
    if version.generation == 1:
        return {"type": _TO_V1.get(tool["type"], tool["type"])}
    return {**tool, "type": _TO_V2.get(tool["type"], tool["type"])}


def _function(function: Mapping[str, Any], version: ApiVersion) -> dict[str, Any]:
    # Recorded: keys in this order however sent, a missing description as null, and (2025) missing
    # parameters as an empty object. What 2024 showed for those is not known: the same is taken.
    shown = {
        "name": function["name"],
        "description": function.get("description"),
        "parameters": function.get("parameters", {"type": "object", "properties": {}}),
    }
    if not version.since("2025"):
        return shown
    # Recorded in 2025-03-01-preview, absent from 2024-05-01-preview.
    return {**shown, "strict": bool(function.get("strict"))}


def _resources(attributes: Mapping[str, Any], file_ids: list[str]) -> dict[str, Any]:
    types = {_TO_V2.get(tool["type"], tool["type"]) for tool in attributes["tools"]}
    stores = attributes["vector_store_ids"]
    searches_nothing = "file_search" in types and not stores
    shown: dict[str, Any] = {}
    if stores or searches_nothing:
        shown["file_search"] = {"vector_store_ids": stores}
    # Recorded (TestAPIToolChoiceUnion): with file_search and no store the member of the code
    # interpreter appears as well, though nobody asked for it.
    if file_ids or searches_nothing or "code_interpreter" in types:
        shown["code_interpreter"] = {"file_ids": file_ids}
    return shown
