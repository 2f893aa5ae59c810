"""Resources, records and live objects for the tests of the core, each as small as it can be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hypothesis import settings

from provisioner.address import Address
from provisioner.diagnostics import Position
from provisioner.errors import ProvisionerError
from provisioner.kinds import KINDS
from provisioner.plan import Action, Change
from provisioner.refactoring import UNCHANGED, Import, Moved, Refactoring, Removed
from provisioner.resource import Owner, RemoteObject, Resource, ResourceState, resolve
from provisioner.situation import Situation, relocated
from provisioner.state.model import ServiceIdentity, State

UID, ENVIRONMENT = "u1", "test"
SERVICE = ServiceIdentity("azure-openai", "https://contoso.example", "2024-05-01-preview")
BOT, OTHER, DATA = (
    Address.parse(each) for each in ("assistant.bot", "assistant.other", "file.data")
)
SHA = "a" * 64
BLOCK = Position("provisioner.yaml", 9, 5)
"""Where the blocks of a Refactoring stand."""
REPEATABLE = settings(deadline=None, derandomize=True, database=None)
"""For properties: the same examples in every run, however slow the machine is."""


def owner(address: Address = BOT, **overrides: str | None) -> Owner:
    """Make the tag of an object of ours."""
    given: dict[str, Any] = {"uid": UID, "environment": ENVIRONMENT, "address": address}
    return Owner(**{**given, **overrides})


def make_assistant(address: Address = BOT, **attributes: Any) -> Resource:
    """Declare an assistant; what it refers to is taken from its tools."""
    lifecycle = {key: attributes.pop(key) for key in ("lifecycle", "labels") if key in attributes}
    given = {"name": address.name, "model": "gpt-4o", **attributes}
    form = KINDS["assistant"].normal_form(given)
    used = [each for each in KINDS["assistant"].references(form) if isinstance(each, Address)]
    return Resource(address, form, tuple(used), **lifecycle)


def holding(*files: object) -> dict[str, Any]:
    """Give the tools of an assistant whose code interpreter has these files."""
    return {
        "tools": [{"type": "code_interpreter"}],
        "tool_resources": {"code_interpreter": {"file_ids": list(files)}},
    }


def make_file(address: Address = DATA, source: str | None = None, **attributes: Any) -> Resource:
    """Declare a file."""
    given = {"filename": "data.csv", "bytes": 8, "sha256": SHA, "purpose": "assistants"}
    return Resource(address, {**given, **attributes}, source=source)


def record(
    resource: Resource, id_: str, ids: Mapping[Address, str] | None = None, **overrides: Any
) -> ResourceState:
    """Record a resource as applied, its references resolved."""
    kind = KINDS[resource.address.kind]
    given: dict[str, Any] = {
        "attributes": kind.normal_form(resolve(resource.attributes, ids or {})),
        "depends_on": resource.depends_on,
        "labels": resource.labels,
        "lifecycle": resource.lifecycle,
    }
    return ResourceState(resource.address, id_, **{**given, **overrides})


def live(state: ResourceState, **overrides: Any) -> RemoteObject:
    """Make the live object of a record: assistants tagged, files without a digest."""
    kind = KINDS[state.address.kind]
    attributes = {**state.attributes, **overrides.pop("attributes", {})}
    if not kind.tagged:
        attributes.pop("sha256", None)
    given: dict[str, Any] = {
        "id": state.id,
        "attributes": attributes,
        "owner": owner(state.address) if kind.tagged else None,
    }
    return RemoteObject(state.address.kind, **{**given, **overrides})


def situation(
    desired: Iterable[Resource] = (),
    recorded: Iterable[ResourceState] = (),
    alive: Iterable[RemoteObject] = (),
    refactoring: Refactoring = UNCHANGED,
) -> Situation:
    """Put a situation together; what was renamed is recorded at its new address."""
    given = Situation(
        UID,
        ENVIRONMENT,
        {each.address: each for each in desired},
        {each.address: each for each in recorded},
        {each.id: each for each in alive},
        refactoring,
    )
    return relocated(given)


def moved(*pairs: tuple[Address, Address]) -> Refactoring:
    """Rename addresses."""
    return Refactoring(moved=tuple(Moved(*pair, BLOCK) for pair in pairs))


def removed(address: Address = BOT, *, destroy: bool = False) -> Refactoring:
    """Remove an address."""
    return Refactoring(removed=(Removed(address, destroy, BLOCK),))


def imported(address: Address, id_: str) -> Refactoring:
    """Import an object."""
    return Refactoring(imports=(Import(address, id_, None, BLOCK),))


def make_state(*resources: ResourceState, serial: int = 0, lineage: str = "l1") -> State:
    """Make a state."""
    held = {each.address: each for each in resources}
    return State(lineage, serial, "demo", UID, ENVIRONMENT, SERVICE, held)


def make_change(address: Address, action: Action, id_: str | None = None, **given: Any) -> Change:
    """Make a change that has what its action needs."""
    form: dict[str, Any] = {"name": address.name, "model": "gpt-4o"}
    if address.kind == "file":
        form = dict(make_file(address).attributes)
    gone, new = (Action.DELETE, Action.FORGET), (Action.CREATE,)
    before = None if action in new else form
    after = None if action in gone else form
    return Change(address, action, id_, **{"before": before, "after": after, **given})


def codes(trouble: ProvisionerError) -> list[str]:
    """Give the codes of an error's diagnostics."""
    return [each.code for each in trouble.diagnostics]
