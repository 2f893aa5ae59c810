"""The kind `assistant`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner.kinds.kind import ONE_VALUE, Kind
from provisioner.plan import ChangeSeverity, Difference
from provisioner.resource import Attributes

DEFAULTS: Mapping[str, Any] = {"temperature": 1, "top_p": 1, "response_format": "auto"}
"""What v2 echoes where nothing was sent (recorded 2024-05-01-preview to 2025-03-01-preview)."""

UPDATABLE_INSTRUCTIONS = 32_768
"""The most characters that Azure's documents allow in an update, up to 2025-03-01-preview; a create
may have 256,000. OpenAI's document allows these in an update too: nobody knows what Azure does.
"""

COSMETIC = frozenset({"name", "description", "metadata"})
"""What is shown to people and programs only."""

PLAIN_TEXT = {"type": "text"}
"""The response format that `auto` stands for, written out."""

NO_PARAMETERS = {"type": "object", "properties": {}}


def normal_form(attributes: Attributes) -> Attributes:
    """Leave out what says nothing, and bring tools and ids into one order."""
    form = {key: value for key, value in attributes.items() if not _says_nothing(key, value)}
    if "tools" in form:
        tools = [_tool(tool) for tool in form["tools"]]
        once = [tool for place, tool in enumerate(tools) if tool not in tools[:place]]
        form["tools"] = sorted(once, key=_tool_key)
    if "response_format" in form:
        form["response_format"] = _response_format(form["response_format"])
    resources = _tool_resources(form.pop("tool_resources", {}))
    return {**form, "tool_resources": resources} if resources else form


def _says_nothing(key: str, value: object) -> bool:
    is_text = key == "response_format" and value == PLAIN_TEXT
    return is_text or value in (None, "", [], {}) or (key in DEFAULTS and value == DEFAULTS[key])


def _tool(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    options = tool.get(tool["type"])
    rest = {key: value for key, value in tool.items() if key != tool["type"]}
    kept = _function(options) if tool["type"] == "function" and options else options
    return {**rest, tool["type"]: kept} if kept else rest


def _function(function: Mapping[str, Any]) -> Mapping[str, Any]:
    """Drop what Azure adds to a function by itself.

    Recorded: a missing description comes back as null; from 2025 `strict: false` is added, and an
    empty object schema where parameters were missing.
    """
    form = dict(function)
    if form.get("parameters") in (None, {}, NO_PARAMETERS):
        form.pop("parameters", None)
    return _saying(form)


def _saying(members: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out a description and `strict` that say nothing."""
    return {key: value for key, value in members.items() if value not in (None, "", False)}


def _response_format(written: Any) -> Any:
    """Drop what says nothing in `json_schema`, as in a function; its `schema` may say null."""
    options = written.get("json_schema") if isinstance(written, Mapping) else None
    if not isinstance(options, Mapping):
        return written
    return {**written, "json_schema": _saying(options)}


def _tool_key(tool: Mapping[str, Any]) -> tuple[str, str]:
    function = tool.get("function") or {}
    return str(tool["type"]), str(function.get("name", ""))


def _tool_resources(resources: Mapping[str, Any]) -> dict[str, Any]:
    """Ids are a set to the service: v1 orders them by creation date, whatever was sent."""
    form: dict[str, Any] = {}
    for tool, members in resources.items():
        kept = {key: sorted(set(ids), key=str) for key, ids in (members or {}).items() if ids}
        if kept:
            form[tool] = kept
    return form


def keyed_form(form: Attributes) -> Attributes:
    """Key tools by type and function name, and ids by themselves."""
    keyed = dict(form)
    if "tools" in form:
        keyed["tools"] = _keyed_tools(form["tools"])
    if "tool_resources" in form:
        keyed["tool_resources"] = {
            tool: {key: {str(each): each for each in ids} for key, ids in members.items()}
            for tool, members in form["tool_resources"].items()
        }
    return keyed


def _keyed_tools(tools: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    keyed: dict[str, Any] = {}
    for tool in tools:
        key = " ".join(_tool_key(tool)).strip()
        # Two functions of one name can only come from elsewhere: manifests may not have them.
        keyed[f"{key} #{len(keyed)}" if key in keyed else key] = tool
    return keyed


def unkeyed_form(keyed: Attributes) -> Attributes:
    """Turn a keyed form back into the normal form."""
    form = dict(keyed)
    if "tools" in form:
        form["tools"] = list(form["tools"].values())
    if "tool_resources" in form:
        form["tool_resources"] = {
            tool: {key: list(ids.values()) for key, ids in members.items()}
            for tool, members in form["tool_resources"].items()
        }
    return normal_form(form)


def references(attributes: Attributes) -> Iterator[object]:
    """Go through the ids of files and vector stores that the assistant's tools may use."""
    for members in (attributes.get("tool_resources") or {}).values():
        for ids in (members or {}).values():
            yield from ids or ()


def severity(difference: Difference) -> ChangeSeverity:
    """Tell what the model, and so the person who talks to it, notices of a difference."""
    first, *inside = difference.path
    if first in COSMETIC or is_respaced(difference.before, difference.after):
        return ChangeSeverity.COSMETIC
    if first == "tool_resources" or (first == "tools" and len(inside) <= 1):
        return ChangeSeverity.CAPABILITY
    return ChangeSeverity.BEHAVIOURAL


def is_respaced(before: object, after: object) -> bool:
    """Say whether two texts differ in nothing but whitespace."""
    both_texts = isinstance(before, str) and isinstance(after, str)
    return both_texts and str(before).split() == str(after).split()


ASSISTANT = Kind(
    name="assistant",
    normal_form=normal_form,
    keyed_form=keyed_form,
    unkeyed_form=unkeyed_form,
    references=references,
    severity=severity,
    members={
        **dict.fromkeys(("name", "description", "model", "instructions"), ONE_VALUE),
        **dict.fromkeys(("temperature", "top_p"), ONE_VALUE),
        "response_format": frozenset({"type", "json_schema"}),
        "tools": frozenset({"code_interpreter", "file_search", "function"}),
        "tool_resources": frozenset({"code_interpreter", "file_search"}),
        "metadata": None,
    },
    service_filled=frozenset(DEFAULTS),
)
