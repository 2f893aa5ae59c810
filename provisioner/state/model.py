"""The state and its form on disk, version 1."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeVar

from provisioner import __version__
from provisioner.address import Address
from provisioner.api_version import ApiVersion
from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.json_reading import read_json
from provisioner.kinds import KINDS
from provisioner.kinds.forms import check_form
from provisioner.kinds.ids import is_id
from provisioner.lost_create import LostCreate
from provisioner.resource import Lifecycle, ResourceState

VERSION = 1

Value = TypeVar("Value")

_UPLOADED: Mapping[str, type] = {"filename": str, "bytes": int, "sha256": str}
"""What is kept of a lost upload besides."""

PUT_BACK = "Put a good copy back in its place; only if nothing was ever applied, delete the file."


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
    """The project's name, for people."""
    uid: str
    """The project's uid: with the environment it says whose state this is."""
    environment: str
    service: ServiceIdentity
    resources: Mapping[Address, ResourceState] = field(default_factory=dict)
    lost_creates: tuple[LostCreate, ...] = ()
    """Whose objects may still arrive, although others stand in their place."""

    @classmethod
    def new(cls, project: str, uid: str, environment: str, service: ServiceIdentity) -> State:
        """Begin a history: nothing is recorded yet."""
        return cls(str(uuid.uuid4()), 0, project, uid, environment, service)


def dump(state: State) -> str:
    """Write the state as JSON, the same text for the same state."""
    document = {
        "version": VERSION,
        "provisioner_version": __version__,
        "serial": state.serial,
        "lineage": state.lineage,
        "project": state.project,
        "uid": state.uid,
        "environment": state.environment,
        "provider": asdict(state.service),
        "resources": {
            str(address): resource_to_json(state.resources[address])
            for address in sorted(state.resources)
        },
        **lost_to_json(state.lost_creates),
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def load(text: str, path: str, cure: Callable[[], str] = lambda: PUT_BACK) -> State:
    """Read a state; raise StateError for what is damaged, empty or newer, never guess.

    `cure` says, where it is damaged, what to do.
    """
    try:
        document = _document(text)
        _refuse_newer(document.get("version"), path)
        return _state(document)
    except json.JSONDecodeError as trouble:
        what = f"it is no JSON (line {trouble.lineno}: {trouble.msg})"
        raise damaged(path, what, cure()) from trouble
    except UnknownKindError as trouble:
        raise newer(path, str(trouble)) from trouble
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as trouble:
        raise damaged(path, str(trouble), cure()) from trouble


def _document(text: str) -> Mapping[str, Any]:
    if not text.strip():
        raise ValueError("it is empty")
    document = read_json(text)
    if not isinstance(document, dict):
        raise TypeError("it holds no JSON object")
    return document


def _state(document: Mapping[str, Any]) -> State:
    provider = typed(document, "provider", dict)
    resources = [
        resource_from_json(Address.parse(address), each)
        for address, each in typed(document, "resources", dict).items()
    ]
    return State(
        lineage=typed(document, "lineage", str),
        serial=typed(document, "serial", int),
        project=typed(document, "project", str),
        uid=typed(document, "uid", str),
        environment=typed(document, "environment", str),
        service=service_from_json(provider),
        resources={each.address: each for each in resources},
        lost_creates=tuple(map(_lost_from_json, typed(document, "lost_creates", list, []))),
    )


def service_from_json(document: Mapping[str, Any]) -> ServiceIdentity:
    """Read the identity of a service; raise KeyError or TypeError if it is damaged."""
    version = document.get("api_version")
    if version is not None:
        version = str(ApiVersion(typed(document, "api_version", str)))
    return ServiceIdentity(typed(document, "type", str), typed(document, "endpoint", str), version)


def typed(document: Mapping[str, Any], key: str, kind: type[Value], default: Any = None) -> Value:
    """Read a member that must be there, or have a default, and be of a type."""
    value = document.get(key, default)
    if not isinstance(value, kind) or isinstance(value, bool) is not (kind is bool):
        raise TypeError(f"{key!r} is missing, or of the wrong type")
    return value


def _refuse_newer(version: object, path: str) -> None:
    if version == VERSION:
        return
    if isinstance(version, int) and version > VERSION:
        raise newer(path, f"its format version is {version}; this program writes {VERSION}")
    raise ValueError(f"its format version is {version!r}")


def newer(path: str, what: str) -> StateError:
    """Say that a file was written by a later version of this program."""
    return StateError(
        error(
            "S002",
            "State is newer than this program",
            f"{path}: {what}. Update provisioner; nothing was changed.",
        )
    )


def damaged(path: str, what: str, cure: str) -> StateError:
    """Say that a state can't be read, and what to do."""
    return StateError(
        error(
            "S001",
            "State can't be read",
            f"{path}: {what}. It is not taken for an empty one, because then everything would be"
            f" created again. {cure}",
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
    if address.kind not in KINDS:
        raise UnknownKindError(address)
    attributes = typed(document, "attributes", dict)
    check_form(KINDS[address.kind], attributes)
    lifecycle = typed(document, "lifecycle", dict, {})
    return ResourceState(
        address=address,
        id=_recorded_id(document),
        attributes=attributes,
        depends_on=tuple(Address.parse(each) for each in _texts(document, "dependencies")),
        labels=_labels(document),
        deposed=_ids(document, "deposed"),
        filled=typed(document, "filled", dict, {}),
        lifecycle=Lifecycle(
            typed(lifecycle, "prevent_destroy", bool, default=False),
            _texts(lifecycle, "ignore_changes"),
        ),
    )


def lost_to_json(lost: Iterable[LostCreate]) -> dict[str, Any]:
    """Write the member that names lost creates; nothing where there are none."""
    found = [
        {
            "operation_id": each.operation_id,
            "address": str(each.address),
            "sent_at": float(each.sent_at),
            **({key: getattr(each, key) for key in _UPLOADED} if each.filename else {}),
        }
        for each in lost
    ]
    return {"lost_creates": found} if found else {}


def _lost_from_json(document: Mapping[str, Any]) -> LostCreate:
    address = Address.parse(typed(document, "address", str))
    if address.kind not in KINDS:
        raise UnknownKindError(address)
    is_upload = "filename" in document
    return LostCreate(
        typed(document, "operation_id", str),
        address,
        typed(document, "sent_at", float),
        *((typed(document, key, kind) for key, kind in _UPLOADED.items()) if is_upload else ()),
    )


def _texts(document: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = typed(document, key, list, [])
    if not all(isinstance(each, str) for each in found):
        raise TypeError(f"{key!r} holds something else than texts")
    return tuple(found)


def _recorded_id(document: Mapping[str, Any]) -> str:
    """Read an id; what a create is going to make has none yet."""
    found = typed(document, "id", str)
    if found and not is_id(found):
        raise ValueError("'id' is no id")
    return found


def _ids(document: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = _texts(document, key)
    if not all(is_id(each) for each in found):
        raise ValueError(f"{key!r} holds something else than ids")
    return found


def _labels(document: Mapping[str, Any]) -> Mapping[str, str]:
    found: Mapping[str, str] = typed(document, "labels", dict, {})
    if not all(isinstance(each, str) for each in found.values()):
        raise TypeError("'labels' holds something else than texts")
    return found


class UnknownKindError(ValueError):
    """The state holds a kind that this program doesn't know."""

    def __init__(self, address: Address) -> None:
        super().__init__(f"{address} is of a kind that this program doesn't know")
