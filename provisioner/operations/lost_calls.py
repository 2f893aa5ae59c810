"""What is told of creates whose answer was lost, and which of their files are surely ours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from provisioner.diagnostics import Diagnostic, warning
from provisioner.errors import ProvisionerError
from provisioner.events import Operation
from provisioner.kinds import KINDS
from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.operations.connection import identity
from provisioner.operations.keeping import kept_state
from provisioner.operations.observing import Observation
from provisioner.plan import Action, Change
from provisioner.resource import ResourceState
from provisioner.uploads import Late


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the other environments of a project have at the same service."""

    ids: frozenset[str]
    """All that they have recorded."""
    unread: tuple[str, ...]
    """The environments whose states can't be read: they may have recorded anything."""


def elsewhere(project: Project, environment: Environment) -> Elsewhere:
    """Read the states of the other environments at the service of this one."""
    service = identity(environment.provider)
    ids: set[str] = set()
    unread: list[str] = []
    for name, other in sorted(project.environments.items()):
        found = identity(other.provider)
        if name == environment.name or found.endpoint != service.endpoint:
            continue
        try:
            state = kept_state(project, other).read().state
        except ProvisionerError:
            unread.append(name)
        else:
            recorded = state.resources.values() if state else ()
            ids.update(id_ for each in recorded for id_ in (each.id, *each.deposed))
    return Elsewhere(frozenset(ids), tuple(unread))


def without_others(
    observation: Observation, project: Project, environment: Environment
) -> Observation:
    """Take no file for late that another environment of this project has recorded.

    Where that can't be told, nothing is proved.
    """
    late = observation.settlement.late
    if not (late.proved or late.suspected):
        return observation
    others = elsewhere(project, environment)
    proved = {id_: each for id_, each in late.proved.items() if id_ not in others.ids}
    suspected = {id_: each for id_, each in late.suspected.items() if id_ not in others.ids}
    if others.unread:
        proved, suspected = {}, {**suspected, **proved}
    settlement = replace(observation.settlement, late=Late(proved, suspected))
    return replace(observation, settlement=settlement)


def told(observation: Observation, changes: Iterable[Change]) -> Iterator[Diagnostic]:
    """Say what was found of lost creates, what is tried again, and what may have come late."""
    yield from _found(observation)
    yield from _retried(observation, changes)
    yield from _suspected(observation)


def _found(observation: Observation) -> Iterator[Diagnostic]:
    for intent, id_, _ in observation.settlement.done:
        if intent.operation is Operation.CREATE and not KINDS[intent.address.kind].tagged:
            yield warning(
                "P105",
                "A lost upload was found",
                f"An earlier run began to upload {intent.address} and never saw the answer. {id_}"
                " is taken for it: it has its name and size, was made just then, and nothing uses"
                " it.",
                address=intent.address,
            )


def _retried(observation: Observation, changes: Iterable[Change]) -> Iterator[Diagnostic]:
    created = {each.address for each in changes if each.action in (Action.CREATE, Action.REPLACE)}
    for intent in observation.settlement.open:
        if intent.address in created:
            yield warning(
                "P104",
                "A lost create is tried again",
                f"An earlier run began to create {intent.address}, never saw the answer, and it"
                " can't be found: it is created again. Should the first one arrive all the same, a"
                " later plan deletes it.",
                address=intent.address,
            )


def _suspected(observation: Observation) -> Iterator[Diagnostic]:
    for id_, upload in sorted(observation.settlement.late.suspected.items()):
        yield warning(
            "P106",
            "A lost upload may have arrived late",
            f"{id_} has the name and size of {upload.address}, was made when an earlier run had"
            " sent that and lost the answer, and nothing uses it. The service tells nothing of its"
            " bytes, or there are more such files than uploads, so it may be somebody else's, and"
            f" is left alone. If nobody needs it, run `provisioner gc {id_}`.",
            address=upload.address,
        )


def ended(
    observation: Observation, recorded: Iterable[ResourceState], gone: Container[str]
) -> frozenset[str]:
    """List, by operation id, the lost creates that need no remembering any more.

    What one has made was found, and is recorded or gone by now; or nothing had come of it when
    nothing could come of it any more.
    """
    known = {id_ for state in recorded for id_ in (state.id, *state.deposed)}
    made = _made(observation)
    found = {each: made.get(each.operation_id, []) for each in observation.state.lost_creates}
    return frozenset(
        each.operation_id
        for each, ids in found.items()
        if any(id_ in known or id_ in gone for id_ in ids)
        or (not ids and observation.since > each.until)
    )


def _made(observation: Observation) -> Mapping[str, list[str]]:
    """List the ids of what is live by the operation ids that are known or guessed."""
    late = observation.settlement.late
    found: dict[str, list[str]] = defaultdict(list)
    for id_, upload in {**late.suspected, **late.proved}.items():
        found[upload.operation_id].append(id_)
    for live in observation.live.values():
        if live.owner and live.owner.operation:
            found[live.owner.operation].append(live.id)
    return found
