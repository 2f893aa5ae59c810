"""Live assistants as Assistant documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Address
from provisioner.export.documents import Source, document, manifest
from provisioner.export.files import Attached, unmanaged
from provisioner.export.names import stem
from provisioner.export.tools import function_key
from provisioner.manifest.environments import Environment
from provisioner.manifest.variables import escape, escape_all
from provisioner.resource import UNPROTECTED, Attributes, Lifecycle
from provisioner.veil import is_veiled

FOLDER, INSTRUCTIONS = "assistants", "instructions"

_SCALARS = ("temperature", "top_p", "response_format", "metadata")
"""Fields that a manifest writes as the service shows them."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A live assistant, and what its document says besides."""

    id: str
    name: str
    """`metadata.name`."""
    form: Attributes
    """In the normal form."""
    labels: Mapping[str, str] = field(default_factory=dict)
    lifecycle: Lifecycle = UNPROTECTED

    @property
    def address(self) -> Address:
        """Where it will be declared."""
        return Address("assistant", self.name)

    @property
    def shown(self) -> str:
        """Its name for people, and its id."""
        return f"{self.id} ({self.form.get('name') or 'without a name'!r})"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a project calls the things that assistants refer to."""

    environment: Environment
    aliases: frozenset[str]
    """The words that mean a model in any environment of the project."""
    only: tuple[str, ...] = ()
    """The environments that the documents are for; none: all."""
    files: Mapping[str, Attached] = field(default_factory=dict)
    """By id; left out: not managed."""
    tools: Mapping[str, str] = field(default_factory=dict)
    """By the key of a function, the name of its Tool document."""

    @classmethod
    def of(cls, environment: Environment, environments: Mapping[str, Environment]) -> Wording:
        """Tell what a project calls models; one of several environments is named in documents."""
        aliases = frozenset(alias for each in environments.values() for alias in each.models)
        return cls(environment, aliases, (environment.name,) if len(environments) > 1 else ())


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
    data = document("Assistant", _metadata(subject, wording), spec)
    files = {f"{FOLDER}/{name}.yaml": manifest(data).encode()}
    if text:
        content = escape(text) if is_veiled(text) else text
        files[f"{INSTRUCTIONS}/{name}.md"] = content.encode()
    return Source(subject.address, f"{FOLDER}/{name}.yaml", files), problems


def _metadata(subject: Subject, wording: Wording) -> dict[str, Any]:
    lifecycle: dict[str, Any] = {}
    if subject.lifecycle.prevent_destroy:
        lifecycle["prevent_destroy"] = True
    if subject.lifecycle.ignore_changes:
        lifecycle["ignore_changes"] = list(subject.lifecycle.ignore_changes)
    optional = {
        "labels": escape_all(subject.labels),
        "environments": list(wording.only),
        "lifecycle": lifecycle,
    }
    return {"name": subject.name, **{key: each for key, each in optional.items() if each}}


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
            written.update(_store(members, problems))
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


def _store(members: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    """Refer to the live store: managed stores are documents of a kind of their own."""
    ids = members.pop("vector_store_ids", ())
    if len(ids) > 1:
        problems.append("its file_search has several vector stores, and a manifest names one")
    return {"vector_store": {"id": ids[0]}} if ids else {}


def file_ids(attributes: Attributes) -> list[str]:
    """List the files of an assistant's code interpreter."""
    resources = attributes.get("tool_resources", {})
    return list(resources.get("code_interpreter", {}).get("file_ids", ()))
