"""The Project: its environments, and the service that each is applied to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from provisioner.api_version import FIRST_V2, ApiVersion
from provisioner.diagnostics import Diagnostic, Position, error
from provisioner.manifest.discovery import PROJECT_FILE
from provisioner.manifest.document import Document
from provisioner.manifest.suggestions import did_you_mean

STATE_FOLDER = ".provisioner"


@dataclass(frozen=True, slots=True)
class Auth:
    """Where requests get their credential from; never a credential itself."""

    type: str
    """api_key, bearer or entra."""
    env: str | None = None
    client_id: str | None = None
    tenant_id: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """The service of an environment."""

    type: str
    """azure-openai or emulator."""
    api_version: ApiVersion
    endpoint: str | None = None
    """None: the embedded emulator."""
    auth: Auth | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """One place to apply the project to."""

    name: str
    provider: ProviderConfig
    models: Mapping[str, str]
    """Alias to deployment name."""


@dataclass(frozen=True, slots=True)
class Project:
    """A folder of manifests with its environments."""

    folder: Path
    name: str
    uid: str
    """Part of the ownership tag."""
    default_environment: str | None
    environments: Mapping[str, Environment]
    document: Document

    def state_folder(self, environment: str) -> Path:
        """Tell where state, journal and lock of an environment are kept."""
        return self.folder / STATE_FOLDER / environment


def read_project(
    folder: Path, documents: Sequence[Document]
) -> tuple[Project | None, list[Diagnostic]]:
    """Make the Project of the documents that its schema accepted."""
    found = [each for each in documents if each.kind == "Project"]
    problems = list(_misplaced(found))
    own = [each for each in found if each.file == PROJECT_FILE]
    if not own:
        return None, problems
    document = own[0]
    problems.extend(_check(document))
    if problems:
        return None, problems
    metadata, spec = document.data["metadata"], document.spec
    environments = {name: _environment(name, each) for name, each in spec["environments"].items()}
    name = metadata["name"]
    default = spec.get("default_environment")
    uid = metadata.get("uid", name)
    return Project(folder, name, uid, default, environments, document), []


def missing_project() -> Diagnostic:
    """Say that provisioner.yaml holds no Project."""
    return error(
        "M007",
        "Project is missing",
        f"{PROJECT_FILE} holds no document of kind Project. `provisioner init` writes one.",
        Position(PROJECT_FILE, 1, 1),
    )


def _misplaced(projects: Sequence[Document]) -> Iterator[Diagnostic]:
    first = True
    for each in projects:
        if each.file != PROJECT_FILE or not first:
            yield each.error(
                ("kind",),
                "M007",
                "Project in the wrong place",
                f"A project has one Project document, in its {PROJECT_FILE}. Remove this one.",
            )
        first = first and each.file != PROJECT_FILE


def _environment(name: str, data: Mapping[str, Any]) -> Environment:
    provider = data["provider"]
    auth = provider.get("auth")
    config = ProviderConfig(
        type=provider["type"],
        api_version=ApiVersion(str(provider.get("api_version", FIRST_V2))),
        endpoint=provider["endpoint"].rstrip("/") if "endpoint" in provider else None,
        auth=Auth(**auth) if auth else None,
    )
    return Environment(name, config, data.get("models", {}))


def _check(document: Document) -> Iterator[Diagnostic]:
    spec = document.spec
    default = spec.get("default_environment")
    if default is not None and default not in spec["environments"]:
        yield document.error(
            ("spec", "default_environment"),
            "M203",
            "Unknown environment",
            f"There is no environment {default!r}.{did_you_mean(default, spec['environments'])}",
        )
    for name, environment in spec["environments"].items():
        path = ("spec", "environments", name, "provider")
        yield from _check_provider(document, path, environment["provider"])


def _check_provider(
    document: Document, path: tuple[str, ...], provider: Mapping[str, Any]
) -> Iterator[Diagnostic]:
    version = str(provider.get("api_version", FIRST_V2))
    try:
        has_assistants = ApiVersion(version).has_assistants
    except ValueError as trouble:
        yield document.error((*path, "api_version"), "M501", "Wrong API version", f"{trouble}.")
        return
    if not has_assistants:
        yield document.error(
            (*path, "api_version"),
            "M501",
            "API version has no assistants",
            f"Azure had assistants in preview versions only, not in {version}. Write {FIRST_V2} or"
            " a later preview (v2), or an earlier one (v1).",
        )
    if "endpoint" in provider:
        yield from _check_endpoint(document, (*path, "endpoint"), provider["endpoint"])


def _check_endpoint(
    document: Document, path: tuple[str, ...], endpoint: str
) -> Iterator[Diagnostic]:
    try:
        parts = urlsplit(endpoint)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if (parts.scheme == "https" and host) or (parts.scheme == "http" and is_loopback(host)):
        if parts.username or parts.password or parts.query or parts.fragment:
            yield document.error(
                path,
                "M502",
                "Endpoint holds more than an address",
                "Write only https://HOST: a key belongs into the variable that `auth` names.",
            )
        return
    yield document.error(
        path,
        "M502",
        "Endpoint is not safe",
        "The key and all instructions go there: it must be https://HOST (http only for 127.0.0.1"
        " and localhost), like https://contoso.openai.azure.com.",
    )


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(re.sub(r"^\[|\]$", "", host)).is_loopback
    except ValueError:
        return False
