"""Retargeting: the same objects at another endpoint, each looked for before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from provisioner.diagnostics import Diagnostic, error
from provisioner.errors import StateError
from provisioner.kinds import KINDS
from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.operations.connection import Connection
from provisioner.operations.current_state import refuse_generation
from provisioner.operations.observing import observe
from provisioner.operations.records import Rewritten, present_state, rewrite
from provisioner.resource import RemoteObject, ResourceState
from provisioner.state.backend import Backend, Recorded
from provisioner.state.model import ServiceIdentity, State


@dataclass(frozen=True, slots=True)
class Retargeted:
    """What a retarget has done."""

    former: ServiceIdentity
    found: int
    """So many ids were looked for, and are there."""
    rewritten: Rewritten | None
    """None where the state belongs to this service already."""


def retarget(
    project: Project, environment: Environment, backend: Backend, connection: Connection
) -> Retargeted:
    """Let the state belong to the service that the environment names now.

    The caller holds the lock. Changes nothing at either service. Raises StateError, with every
    recorded object at once that isn't found there as it is recorded.
    """
    state = present_state(project, environment, backend)
    former, service = state.service, connection.service
    if (former.type, former.endpoint) == (service.type, service.endpoint):
        return Retargeted(former, 0, None)
    refuse_generation(state, environment, upgrade_api=False)
    live = observe(connection.provider, Recorded(state, None), state, {}).live
    problems = [
        problem for each in state.resources.values() for problem in _missing(state, each, live)
    ]
    if problems:
        raise StateError(*problems)
    found = sum(1 + len(each.deposed) for each in state.resources.values())
    return Retargeted(former, found, rewrite(backend, replace(state, service=service)))


def _missing(
    state: State, recorded: ResourceState, live: Mapping[str, RemoteObject]
) -> Iterator[Diagnostic]:
    for id_ in (recorded.id, *recorded.deposed):
        reason = _reason(state, recorded, live.get(id_), deposed=id_ != recorded.id)
        if reason:
            yield error(
                "S019",
                "Recorded object is not at the new endpoint",
                f"{id_} {reason}. Nothing was changed. Correct the endpoint; or, if the object is"
                f" gone for good, take its record out with `provisioner state rm"
                f" {recorded.address}`, and retarget then.",
                address=recorded.address,
            )


def _reason(
    state: State, recorded: ResourceState, found: RemoteObject | None, *, deposed: bool
) -> str | None:
    """Say why an object can't be the recorded one; None where it can."""
    if found is None:
        return "is not there"
    if KINDS[found.kind].tagged:
        owner = found.owner
        ours = owner and (owner.uid, owner.environment) == (state.uid, state.environment)
        return None if ours else "is there, but doesn't carry this environment's ownership tag"
    form = KINDS[found.kind].normal_form(found.attributes)
    differing = [
        f"{key} {value!r}" for key, value in form.items() if recorded.attributes.get(key) != value
    ]
    # What was replaced had other bytes; nobody has recorded which.
    if differing and not deposed:
        return f"is there, but is another file: {', '.join(differing)}"
    return None
