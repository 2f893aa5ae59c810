"""Taking over live objects as they are: tagged at once, and recorded."""

from __future__ import annotations

import uuid
from collections.abc import Generator, Iterable, Mapping
from contextlib import closing

from provisioner.address import Address
from provisioner.calls import Calls
from provisioner.errors import PlanError
from provisioner.events import Event, Operation
from provisioner.executor import execute
from provisioner.importing import owned_elsewhere
from provisioner.kinds import KINDS
from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.operations.applying import record_known
from provisioner.operations.connection import Connection
from provisioner.operations.keeping import kept_state
from provisioner.operations.observing import Observation
from provisioner.operations.workspace import Workspace
from provisioner.plan import Action, Change
from provisioner.resource import Owner, RemoteObject, Resource, ResourceState
from provisioner.state.backend import Recorded
from provisioner.state.journal import Intent
from provisioner.state.recorder import Recorder
from provisioner.steps import steps

PARALLELISM = 8


def take_over(
    workspace: Workspace,
    connection: Connection,
    recorded: Recorded,
    observation: Observation,
    found: Mapping[Address, RemoteObject],
) -> Generator[Event, None, None]:
    """Make live objects those of their addresses; the caller holds the lock, and has observed.

    Each is declared in the workspace just as it is live. What carries a tag is sent whole, with
    ours; files are only recorded. Raises PlanError, before anything is done, where an object
    carries another owner's tag.
    """
    refuse_foreign(workspace.project, workspace.environment, found.values())
    backend = kept_state(workspace.project, workspace.environment)
    recorder = backend.open(recorded, observation.as_read)
    try:
        record_known(recorder, observation.settlement)
        calls = Calls(
            connection.provider, recorder, workspace.project.uid, workspace.environment.name
        )
        changes = []
        for address, live in sorted(found.items()):
            resource = workspace.resources[address]
            if KINDS[address.kind].tagged:
                changes.append(_change(resource, live))
            else:
                _record(recorder, resource, live.id)
        with closing(execute(steps(changes), calls.carry_out, PARALLELISM)) as events:
            yield from events
    finally:
        recorder.close()


def refuse_foreign(
    project: Project, environment: Environment, found: Iterable[RemoteObject]
) -> None:
    """Refuse objects that carry another owner's tag."""
    problems = [
        owned_elsewhere(live.id, live.owner)
        for live in found
        if live.owner and not _is_of(live.owner, project, environment)
    ]
    if problems:
        raise PlanError(*problems)


def _is_of(owner: Owner, project: Project, environment: Environment) -> bool:
    return (owner.uid, owner.environment) == (project.uid, environment.name)


def _change(resource: Resource, live: RemoteObject) -> Change:
    return Change(
        resource.address,
        Action.UPDATE,
        live.id,
        live.attributes,
        live.attributes,
        depends_on=resource.depends_on,
        labels=resource.labels,
        origin=resource.origin,
        lifecycle=resource.lifecycle,
    )


def _record(recorder: Recorder, resource: Resource, id_: str) -> None:
    """Write down, journal first, that an object is ours to which no tag can be given."""
    attributes = KINDS[resource.address.kind].normal_form(resource.attributes)
    becomes = ResourceState(resource.address, id_, attributes, labels=resource.labels)
    intent = Intent(uuid.uuid4().hex[:16], Operation.UPDATE, resource.address, id_, becomes=becomes)
    recorder.intend(intent)
    recorder.done(intent, id_, {})
