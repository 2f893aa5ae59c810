"""Live assistants as Assistant documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.export.documents import Source, document, manifest
from provisioner.export.files import unmanaged
from provisioner.export.names import stem
from provisioner.export.subjects import Subject, Wording, metadata
from provisioner.export.tools import function_key
from provisioner.kinds.assistant import DEFAULTS
from provisioner.manifest.variables import escape, escape_all
from provisioner.resource import Attributes
from provisioner.veil import is_veiled

FOLDER, INSTRUCTIONS = "assistants", "instructions"

_SCALARS = ("temperature", "top_p", "response_format", "metadata")
"""Fields that a manifest writes as the service shows them."""

_NOTHING: Mapping[str, Any] = {**DEFAULTS, "description": "", "instructions": "", "tools": []}
"""What a manifest writes for a field that isn't set, where leaving it out would say more."""


def write(subject: Subject, wording: Wording) -> tuple[Source, list[str]]:
    """Write an assistant; tell in words what of it no manifest can say, and is left out."""
    problems: list[str] = []
    form, name = subject.form, stem("assistant", subject.name)
    text = str(form.get("instructions", ""))
    spec: dict[str, Any] = {
        "name": form.get("name", ""),
        **({"description": form["description"]} if "description" in form else {}),
        "model": _model(str(form.get("model", "")), wording, problems),
        **{key: form[key] for key in _SCALARS if key in form},
    }
    spec = escape_all(spec)
    if text:
        is_literal = escape(text) != text and not is_veiled(text)
        literal = {"literal": True} if is_literal else {}
        spec["instructions"] = {"file": f"../{INSTRUCTIONS}/{name}.md", **literal}
    tools = [each for each in _tools(form, wording, problems) if each]
    if tools:
        spec["tools"] = tools
    whole = _outspoken(spec, wording.defaults, problems)
    data = document("Assistant", metadata(subject, wording), whole)
    files = {f"{FOLDER}/{name}.yaml": manifest(data).encode()}
    if text:
        content = escape(text) if is_veiled(text) else text
        files[f"{INSTRUCTIONS}/{name}.md"] = content.encode()
    return Source(subject.address, f"{FOLDER}/{name}.yaml", files), problems


def _outspoken(
    spec: Mapping[str, Any], defaults: Mapping[str, Any], problems: list[str]
) -> Mapping[str, Any]:
    """Say of what the project's defaults would fill in that it isn't set."""
    pairs = spec.get("metadata", {})
    problems.extend(
        f"the project's `defaults` add metadata {key!r}, which it doesn't have"
        for key in defaults.get("metadata", {})
        if key not in pairs
    )
    return {**{key: each for key, each in _NOTHING.items() if key in defaults}, **spec}


def _model(deployment: str, wording: Wording, problems: list[str]) -> str:
    """Write the one alias that means the deployment, else the deployment's own name."""
    models = wording.environment.models
    meaning = sorted(alias for alias, each in models.items() if each == deployment)
    if len(meaning) == 1 or (meaning and deployment in wording.aliases):
        return meaning[0]
    if deployment in wording.aliases:
        problems.append(f"its deployment {deployment!r} has the name of an alias of this project")
    return deployment


def _tools(form: Attributes, wording: Wording, problems: list[str]) -> Iterator[Mapping[str, Any]]:
    resources = {tool: dict(each) for tool, each in form.get("tool_resources", {}).items()}
    for tool in form.get("tools", ()):
        kind, members = tool["type"], resources.pop(tool["type"], {})
        given = tool.get(kind, {})
        options = dict(given) if isinstance(given, Mapping) else {kind: given}
        written: dict[str, Any] = {"type": kind}
        if kind == "code_interpreter":
            written.update(_files(members.pop("file_ids", ()), wording))
        elif kind == "file_search":
            written.update(_store(members, wording, problems))
            if "max_num_results" in options:
                written["max_num_results"] = options.pop("max_num_results")
        elif kind == "function":
            shared = wording.tools.get(function_key(options))
            written = {"ref": shared} if shared else {**written, "function": escape_all(options)}
            options = {}
        else:
            problems.append(f"its tool of the type {kind!r} is none that a manifest can have")
            continue
        yield written
        unknown = [*options, *members, *(key for key in tool if key not in ("type", kind))]
        problems.extend(f"`{key}` of its {kind} has no field in a manifest" for key in unknown)
    problems.extend(f"it has files or stores of {kind}, but not the tool" for kind in resources)


def _files(ids: Any, wording: Wording) -> dict[str, Any]:
    files = [wording.files.get(each, unmanaged(each)).written for each in ids]
    return {"files": files} if files else {}


def _store(members: dict[str, Any], wording: Wording, problems: list[str]) -> dict[str, Any]:
    ids = members.pop("vector_store_ids", ())
    if len(ids) > 1:
        problems.append("its file_search has several vector stores, and a manifest names one")
    stores = [wording.stores.get(each, unmanaged(each)).written for each in ids[:1]]
    return {"vector_store": stores[0]} if stores else {}
