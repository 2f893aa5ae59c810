"""The state and its form on disk, version 1."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from provisioner import __version__
from provisioner.address import Address
from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.resource import Lifecycle, ResourceState

VERSION = 1


@dataclass(frozen=True, slots=True)
class ServiceIdentity:
    """The one service that a state belongs to."""

    type: str
    """The provider type."""
    endpoint: str
    api_version: str | None


@dataclass(frozen=True, slots=True)
class State:
    """What one environment of one project has at its service."""

    lineage: str
    """The identity of this history; given when the state is first made."""
    serial: int
    """Counts the writes that changed something."""
    project: str
    environment: str
    service: ServiceIdentity
    resources: Mapping[Address, ResourceState] = field(default_factory=dict)

    @classmethod
    def new(cls, project: str, environment: str, service: ServiceIdentity) -> State:
        """Begin a history: nothing is recorded yet."""
        return cls(str(uuid.uuid4()), 0, project, environment, service)

    def with_resource(self, resource: ResourceState) -> State:
        """Record a resource, in the place of what was recorded at its address."""
        return replace(self, resources={**self.resources, resource.address: resource})

    def without(self, address: Address) -> State:
        """Forget what is recorded at an address."""
        kept = {each: state for each, state in self.resources.items() if each != address}
        return replace(self, resources=kept)


def dump(state: State) -> str:
    """Write the state as JSON, the same text for the same state."""
    document = {
        "version": VERSION,
        "provisioner_version": __version__,
        "serial": state.serial,
        "lineage": state.lineage,
        "project": state.project,
        "environment": state.environment,
        "provider": {
            "type": state.service.type,
            "endpoint": state.service.endpoint,
            "api_version": state.service.api_version,
        },
        "resources": {
            str(address): resource_to_json(state.resources[address])
            for address in sorted(state.resources)
        },
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def load(text: str, path: str) -> State:
    """Read a state; raise StateError for what is damaged, empty or newer, never guess."""
    if not text.strip():
        raise _damaged(path, "it is empty")
    try:
        document = json.loads(text)
        if not isinstance(document, dict):
            raise _damaged(path, "it holds no JSON object")
        _refuse_newer(document.get("version"), path)
        return _state(document)
    except json.JSONDecodeError as trouble:
        raise _damaged(path, f"it is no JSON (line {trouble.lineno}: {trouble.msg})") from trouble
    except (KeyError, TypeError, ValueError, AttributeError) as trouble:
        raise _damaged(path, f"{type(trouble).__name__}: {trouble}") from trouble


def _state(document: Mapping[str, Any]) -> State:
    provider = document["provider"]
    resources = (
        resource_from_json(Address.parse(address), each)
        for address, each in document["resources"].items()
    )
    return State(
        lineage=document["lineage"],
        serial=int(document["serial"]),
        project=document["project"],
        environment=document["environment"],
        service=ServiceIdentity(
            provider["type"], provider["endpoint"], provider.get("api_version")
        ),
        resources={each.address: each for each in resources},
    )


def _refuse_newer(version: object, path: str) -> None:
    if version == VERSION:
        return
    if isinstance(version, int) and version > VERSION:
        raise StateError(
            error(
                "S002",
                "State is newer than this program",
                f"{path} has format version {version}; this program writes version {VERSION}."
                " Update provisioner; nothing was changed.",
            )
        )
    raise _damaged(path, f"its format version is {version!r}")


def _damaged(path: str, what: str) -> StateError:
    return StateError(
        error(
            "S001",
            "State can't be read",
            f"{path}: {what}. It is not taken for an empty one, because then everything would be"
            " created again. Put a good copy back in its place (from your backup or version"
            " control); only if nothing was ever applied, delete the file.",
        )
    )


def resource_to_json(resource: ResourceState) -> dict[str, Any]:
    """Write one recorded resource, without its address."""
    return {
        "id": resource.id,
        "attributes": resource.attributes,
        "dependencies": [str(each) for each in resource.depends_on],
        "labels": dict(resource.labels),
        "deposed": list(resource.deposed),
        "filled": dict(resource.filled),
        "lifecycle": {
            "prevent_destroy": resource.lifecycle.prevent_destroy,
            "ignore_changes": list(resource.lifecycle.ignore_changes),
        },
    }


def resource_from_json(address: Address, document: Mapping[str, Any]) -> ResourceState:
    """Read one recorded resource; raise KeyError, TypeError or ValueError if it is damaged."""
    if not isinstance(document["id"], str) or not isinstance(document["attributes"], dict):
        raise TypeError(f"{address} has no id or no attributes")
    lifecycle = document.get("lifecycle", {})
    return ResourceState(
        address=address,
        id=document["id"],
        attributes=document["attributes"],
        depends_on=tuple(Address.parse(each) for each in document.get("dependencies", ())),
        labels=document.get("labels", {}),
        deposed=tuple(document.get("deposed", ())),
        filled=document.get("filled", {}),
        lifecycle=Lifecycle(
            bool(lifecycle.get("prevent_destroy")), tuple(lifecycle.get("ignore_changes", ()))
        ),
    )
