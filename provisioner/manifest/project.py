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
from provisioner.manifest.catalog import no_variables
from provisioner.manifest.discovery import PROJECT_FILE
from provisioner.manifest.document import Document
from provisioner.manifest.refactoring import read_refactoring
from provisioner.manifest.suggestions import did_you_mean
from provisioner.manifest.variables import references, strings, unescape_all
from provisioner.refactoring import UNCHANGED, Refactoring

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
    refactoring: Refactoring = UNCHANGED

    def state_folder(self, environment: str) -> Path:
        """Tell where state, journal and lock of an environment are kept."""
        return self.folder / STATE_FOLDER / environment


def read_project(
    folder: Path, documents: Sequence[Document]
) -> tuple[Project | None, list[Diagnostic]]:
    """Make the Project of the documents that its schema accepted; say what is wrong with it.

    A Project with problems is made all the same, so that its manifests can be checked in the same
    run; nobody may connect to its endpoints.
    """
    found = [each for each in documents if each.kind == "Project"]
    problems = list(_misplaced(found))
    own = [each for each in found if each.file == PROJECT_FILE]
    if not own:
        return None, problems
    document = own[0]
    problems.extend(_check(document))
    metadata, spec = document.data["metadata"], document.spec
    declared = unescape_all(spec["environments"])
    environments = {name: _environment(name, each) for name, each in declared.items()}
    name, default = metadata["name"], spec.get("default_environment")
    uid = metadata.get("uid", name)
    blocks = read_refactoring(document)
    return Project(folder, name, uid, default, environments, document, blocks), problems


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
                "M008",
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
    for where, text in strings(spec["environments"], ("spec", "environments")):
        for variable in references(text):
            yield no_variables(document, where, variable)


def _check_provider(
    document: Document, path: tuple[str, ...], provider: Mapping[str, Any]
) -> Iterator[Diagnostic]:
    version = ApiVersion(provider.get("api_version", FIRST_V2))
    if not version.has_assistants:
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
    if not _is_safe(endpoint):
        yield document.error(
            path,
            "M502",
            "Endpoint is not safe",
            "The key and all instructions go there: it must be https://HOST (http only for"
            " 127.0.0.1 and localhost), like https://contoso.openai.azure.com.",
        )
    elif re.search(r"[@?#]|/openai(/|$)", endpoint):
        yield document.error(
            path,
            "M503",
            "Endpoint holds more than an address",
            "Write only https://HOST: `/openai` and the API version are added to it, and a key"
            " belongs into the variable that `auth` names.",
        )


def _is_safe(endpoint: str) -> bool:
    """Say whether nobody on the way can read what is sent to an endpoint."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if not re.fullmatch(r"[!-~]+", endpoint) or "\\" in endpoint or not host or port == 0:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(re.sub(r"^\[|\]$", "", host)).is_loopback
    except ValueError:
        return False
