"""Small projects on disk, and what is found wrong with them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic
from provisioner.operations.workspace import open_workspace, validate
from provisioner.resource import Attributes, Resource

V1 = "2024-02-15-preview"
V2 = "2024-05-01-preview"
LOCAL = {"provider": {"type": "emulator"}, "models": {"chat": "gpt-4o"}}
OLD = {"provider": {"type": "emulator", "api_version": V1}, "models": {"chat": "gpt-4o"}}

KEY = "0123456789abcdef0123456789abcdef"
"""The form of a key of Azure OpenAI."""


def document(kind: str, name: str, spec: Mapping[str, Any], **metadata: Any) -> str:
    """Write a document, as JSON: that is YAML too."""
    whole = {
        "apiVersion": "provisioner/v1",
        "kind": kind,
        "metadata": {"name": name, **metadata},
        "spec": spec,
    }
    return json.dumps(whole, ensure_ascii=False) + "\n"


def project(environments: Mapping[str, Any] | None = None, **spec: Any) -> str:
    """Write a Project, by default with the one environment `local` on the emulator."""
    declared = environments if environments is not None else {"local": LOCAL}
    return document("Project", "demo", {"environments": declared, **spec})


def azure(**changes: Any) -> dict[str, Any]:
    """Make an environment on Azure."""
    provider = {
        "type": "azure-openai",
        "endpoint": "https://contoso.openai.azure.com",
        "api_version": V2,
        "auth": {"type": "api_key", "env": "AZURE_OPENAI_API_KEY"},
        **changes,
    }
    return {"provider": provider, "models": {"chat": "gpt-4o"}}


def assistant(
    address: str = "bot", /, *, about: Mapping[str, Any] | None = None, **spec: Any
) -> str:
    """Write an Assistant that needs nothing else; `about` goes into the document's metadata."""
    return document("Assistant", address, {"model": "chat", **spec}, **(about or {}))


def code_interpreter(*files: Any) -> dict[str, Any]:
    """Make a code_interpreter tool with files attached."""
    return {"type": "code_interpreter", "files": list(files)}


def function(name: str, **more: Any) -> dict[str, Any]:
    """Make a function tool."""
    return {"type": "function", "function": {"name": name, **more}}


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files below a folder, and a provisioner.yaml where there is none."""
    default = {} if (folder / "provisioner.yaml").exists() else {"provisioner.yaml": project()}
    for name, content in {**default, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def found(folder: Path, environment: str | None = None) -> list[Diagnostic]:
    """Validate; give what is found, ordered by place."""
    everything = validate(folder, environment).diagnostics
    return sorted(everything, key=lambda each: (str(each.position), each.code))


def places(folder: Path, environment: str | None = None) -> list[str]:
    """Validate; give place and code of what is found: `a.yaml:1:1 M001`."""
    return [f"{each.position} {each.code}" for each in found(folder, environment)]


def codes(folder: Path, environment: str | None = None) -> list[str]:
    """Validate; give the codes of what is found."""
    return [each.code for each in found(folder, environment)]


def only(folder: Path, code: str, environment: str | None = None) -> str:
    """Validate; give the detail of the one problem, which has this code."""
    [problem] = found(folder, environment)
    assert problem.code == code
    return problem.detail


def resources(folder: Path, environment: str | None = None) -> Mapping[Address, Resource]:
    """Compose an environment that has no errors."""
    return open_workspace(folder, environment).resources


def attributes(
    folder: Path, address: str = "assistant.bot", environment: str | None = None
) -> Attributes:
    """Compose one resource of an environment that has no errors."""
    return resources(folder, environment)[Address.parse(address)].attributes


def composed_instructions(folder: Path) -> str:
    """Compose the instructions of the assistant `bot`."""
    text = attributes(folder)["instructions"]
    assert isinstance(text, str)
    return text
