"""Collecting: the leftovers of broken uploads, found and deleted."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from provisioner.candidates import FILE, Candidate, Free, candidates
from provisioner.diagnostics import Diagnostic, error
from provisioner.errors import PlanError
from provisioner.leftovers import late
from provisioner.operations.connection import Connection
from provisioner.operations.current_state import current_state
from provisioner.operations.keeping import kept_state
from provisioner.operations.lost_calls import elsewhere, without_others
from provisioner.operations.observing import Observation, Waiting, observe, renamed
from provisioner.operations.planning import Planned, plan_of, situation_of
from provisioner.operations.reading import STORE, read_live, with_stores_of_others
from provisioner.operations.revising import history_of
from provisioner.operations.veiling import veiled
from provisioner.operations.workspace import Workspace
from provisioner.plan import Action, Change
from provisioner.providers.base import Provider
from provisioner.resource import Resource
from provisioner.situation import Situation, relocated
from provisioner.sparing import spare
from provisioner.uploads import in_use

NAMED = "it was named: nothing uses or records it, and it is like a file of this project"


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What was found."""

    planned: Planned
    """The deletion of what is proved to be ours, and of what was named."""
    candidates: tuple[Candidate, ...]
    """What only a person can know, and hasn't named."""
    unread: tuple[str, ...]
    """The environments whose states can't be read: they may have recorded the candidates."""

    @property
    def is_idle(self) -> bool:
        """Say whether there is nothing to delete."""
        return not self.planned.plan.has_changes


def find_leftovers(
    workspace: Workspace, connection: Connection, named: Sequence[str], waiting: Waiting
) -> Leftovers:
    """Find what lost creates have left, and files that nothing accounts for. Changes nothing.

    Raises PlanError where something was named that may not be deleted.
    """
    project, environment = workspace.project, workspace.environment
    recorded = kept_state(project, environment).read()
    state = current_state(project, environment, recorded, connection.service)
    states, pending = state.resources.values(), recorded.pending
    provider = veiled(connection.provider, environment, states, pending, workspace.resources)
    also = {FILE, STORE} & provider.kinds
    observation = observe(provider, recorded, state, workspace.resources, waiting, also=also)
    observation = renamed(observation, project.refactoring.destinations)
    observation = without_others(observation, project, environment)
    situation = relocated(situation_of(project, environment, workspace.resources, observation))
    others = elsewhere(project, environment)
    found = _candidates(workspace, provider, observation, situation.known_ids | others.ids)
    certain = list(late(situation))
    known = {each.live.id for each in found} | {each.id for each in certain}
    # An earlier run may have been killed when it had deleted what is named once more.
    known |= {intent.id for intent, _, _ in observation.settlement.done}
    if problems := list(_refused(named, known, situation)):
        raise PlanError(*problems)
    wanted = [_deletion(each) for each in found if each.live.id in named]
    changes, kept = spare(situation, [*certain, *wanted])
    changes.sort(key=lambda each: (each.address, each.id or ""))
    plan = plan_of(observation.state, tuple(changes), (), tuple(kept))
    left = tuple(each for each in found if each.live.id not in named)
    planned = Planned(plan, recorded, observation, provider)
    return Leftovers(planned, left, others.unread if left else ())


def _candidates(
    workspace: Workspace, provider: Provider, observation: Observation, accounted: frozenset[str]
) -> list[Candidate]:
    """Find them by looking twice: what is just being attached to something shows by then."""
    imports = workspace.project.refactoring.imports_for(workspace.environment.name)
    taken = accounted | {each.id for each in imports}
    known = list(_known(workspace))
    alike = Free.of(observation.live, taken | in_use(observation.live)).like(known)
    if not alike:
        return []
    live = read_live(provider, observation.kinds, observation.state, ())
    live = with_stores_of_others(provider, live, observation.kinds, observation.state)
    free = Free.of(live, taken | in_use(live))
    alike = {id_: each for id_, each in alike.items() if id_ in free.files}
    return list(candidates(free, alike, _digests(provider, alike)))


def _digests(provider: Provider, ids: Collection[str]) -> dict[str, str]:
    contents = ((each, provider.content(each)) for each in ids)
    return {id_: hashlib.sha256(each).hexdigest() for id_, each in contents if each is not None}


def _known(workspace: Workspace) -> Iterator[Resource]:
    """Go through all that is declared, or was when one of the kept revisions was applied."""
    yield from workspace.resources.values()
    history = history_of(workspace.project, workspace.environment)
    revisions, _unreadable = history.read()
    for each in revisions:
        try:
            content = history.content(each)
        except (OSError, ValueError):
            continue  # no longer kept, or damaged: `history` says so
        yield from (kept.resource for kept in content.kept)


def _deletion(candidate: Candidate) -> Change:
    live = candidate.live
    return Change(
        candidate.address,
        Action.DELETE,
        live.id,
        live.attributes,
        None,
        reason=NAMED,
        deposed=True,
    )


def _refused(
    named: Sequence[str], known: Collection[str | None], situation: Situation
) -> Iterator[Diagnostic]:
    """Report what was named and is no leftover."""
    for id_ in dict.fromkeys(named):
        if id_ not in known:
            yield error(
                "P095",
                "File is no leftover",
                f"{id_}: {_reason(id_, situation)}. Nothing was deleted. `provisioner gc` lists"
                " what can be named.",
            )


def _reason(id_: str, situation: Situation) -> str:
    """Say why something is not to be collected."""
    for address, state in situation.recorded.items():
        if id_ in (state.id, *state.deposed):
            return f"it is recorded as {address}"
    if users := sorted(each.id for each in situation.referrers.get(id_, ())):
        return f"{', '.join(users)} uses it"
    live = situation.live.get(id_)
    if live is None:
        return "the service has nothing of this id"
    if live.kind != FILE:
        return f"it is no file, but of the kind {live.kind}"
    return "it isn't like any file that this project declares, or declared in a kept revision"
