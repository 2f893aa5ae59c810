"""Planning: what apply would do, and what has drifted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import partial

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, error, warning
from provisioner.errors import PlanError
from provisioner.events import Operation
from provisioner.kinds import KINDS
from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.manifest.suggestions import did_you_mean
from provisioner.operations.connection import Connection
from provisioner.operations.current_state import current_state
from provisioner.operations.observing import (
    STORE,
    Observation,
    Waiting,
    observe,
    renamed,
    with_all_stores,
)
from provisioner.operations.veiling import veiled, veiled_records
from provisioner.operations.workspace import Workspace
from provisioner.plan import Action, Change, Plan
from provisioner.planner import drift, plan
from provisioner.providers.base import Provider
from provisioner.resource import Resource, ResourceState
from provisioner.situation import Situation, relocated
from provisioner.state.local import LocalState, Recorded
from provisioner.state.model import State


@dataclass(frozen=True, slots=True)
class Request:
    """What a plan is asked for."""

    targets: tuple[str, ...] = ()
    """Addresses; none: everything."""
    destroy: bool = False
    recreate_missing: bool = False
    upgrade_api: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, with what it is carried out upon."""

    plan: Plan
    recorded: Recorded
    observation: Observation = field(repr=False)
    provider: Provider = field(repr=False)
    """What it was made with, and is carried out with."""

    @property
    def is_idle(self) -> bool:
        """Say whether applying it would neither send nor record anything."""
        plan = self.plan
        return not plan.has_changes and not plan.has_records and self.recorded.journal is None


def make_plan(
    workspace: Workspace,
    connection: Connection,
    request: Request,
    waiting: Waiting = lambda _intents, _seconds: None,
    within: frozenset[Address] | None = None,
) -> Planned:
    """Compare what is declared, recorded and live. Changes nothing, here or there.

    `within` are the addresses that are decided upon, in the place of those that the request
    selects.
    """
    project, environment = workspace.project, workspace.environment
    recorded = LocalState(project.state_folder(environment.name)).read()
    state = current_state(
        project, environment, recorded, connection.service, upgrade_api=request.upgrade_api
    )
    desired = {} if request.destroy else workspace.resources
    states, pending = state.resources.values(), recorded.pending
    imports = tuple(project.refactoring.imports_for(environment.name))
    provider = veiled(
        connection.provider, environment, states, pending, workspace.resources, imports
    )
    observation = observe(provider, recorded, state, desired, waiting, imports)
    observation = renamed(observation, project.refactoring.destinations)
    situation = relocated(_situation(project, environment, desired, observation))
    scope = _scope(request, situation) if within is None else within
    decide = partial(
        plan,
        scope=scope,
        recreate_missing=request.recreate_missing,
        protected=_protected(workspace.resources, situation.recorded),
    )
    decisions = decide(situation)
    if STORE in provider.kinds and _deletes_files(decisions.changes):
        observation = with_all_stores(provider, observation)
        situation = relocated(_situation(project, environment, desired, observation))
        decisions = decide(situation)
    warnings = (
        *_found(observation),
        *_retried(observation, decisions.changes),
        *decisions.warnings,
    )
    shown = veiled_records(environment, situation.recorded, workspace.resources)
    found = drift(replace(situation, recorded=shown))
    drifted = tuple(each for each in found if scope is None or each.address in scope)
    made = _plan(observation.state, decisions.changes, drifted, warnings)
    return Planned(made, recorded, observation, provider)


def _deletes_files(changes: Iterable[Change]) -> bool:
    deleted = (each for each in changes if each.action in (Action.DELETE, Action.REPLACE))
    return any(each.address.kind == "file" and not each.keep_old for each in deleted)


def _protected(
    declared: Mapping[Address, Resource], recorded: Mapping[Address, ResourceState]
) -> frozenset[Address]:
    """Take what the manifests protect, and what they protected when they were last applied."""
    lifecycles = {address: state.lifecycle for address, state in recorded.items()}
    lifecycles.update({address: each.lifecycle for address, each in declared.items()})
    return frozenset(address for address, each in lifecycles.items() if each.prevent_destroy)


def find_drift(
    project: Project,
    environment: Environment,
    connection: Connection,
    waiting: Waiting = lambda _intents, _seconds: None,
) -> Plan:
    """Compare live objects with what was last applied, and with nothing else."""
    recorded = LocalState(project.state_folder(environment.name)).read()
    state = current_state(project, environment, recorded, connection.service)
    states, pending = state.resources.values(), recorded.pending
    provider = veiled(connection.provider, environment, states, pending, {})
    observation = observe(provider, recorded, state, {}, waiting)
    situation = _situation(project, environment, {}, observation)
    return _plan(observation.state, (), drift(situation), ())


def _plan(
    state: State,
    changes: tuple[Change, ...],
    drifted: tuple[Change, ...],
    warnings: tuple[Diagnostic, ...],
) -> Plan:
    return Plan(
        changes=changes,
        drift=drifted,
        warnings=warnings,
        project=state.project,
        environment=state.environment,
        endpoint=state.service.endpoint,
        lineage=state.lineage,
        serial=state.serial,
        created=datetime.now(timezone.utc),
    )


def _situation(
    project: Project,
    environment: Environment,
    desired: Mapping[Address, Resource],
    observation: Observation,
) -> Situation:
    return Situation(
        project.uid,
        environment.name,
        desired,
        observation.state.resources,
        observation.live,
        project.refactoring,
    )


def _scope(request: Request, situation: Situation) -> frozenset[Address] | None:
    """Take what is targeted, and what it can't do without.

    For a plan these are its dependencies, for a destroy its dependents.
    """
    if not request.targets:
        return None
    known = {*situation.desired, *situation.recorded}
    edges: dict[Address, set[Address]] = {each: set() for each in known}
    for address, resource in situation.desired.items():
        edges[address].update(resource.depends_on)
    if request.destroy:
        for address, state in situation.recorded.items():
            for each in state.depends_on:
                edges.setdefault(each, set()).add(address)
    renamed = situation.refactoring.destinations
    return closure(_targets(request.targets, known, renamed), edges)


def _targets(
    written: Iterable[str], known: Iterable[Address], renamed: Mapping[Address, Address]
) -> list[Address]:
    by_text = {str(address): address for address in known}
    now = {str(origin): f" It has moved to {to}: name that." for origin, to in renamed.items()}
    problems: list[Diagnostic] = [
        error(
            "P005",
            "Unknown target",
            f"Neither manifests nor state know {each!r}."
            f"{now.get(each) or did_you_mean(each, by_text)}",
        )
        for each in written
        if each not in by_text
    ]
    if problems:
        raise PlanError(*problems)
    return [by_text[each] for each in written]


def closure(
    begin: Iterable[Address], edges: Mapping[Address, Iterable[Address]]
) -> frozenset[Address]:
    """Take everything that can be reached from some addresses, these included."""
    reached: set[Address] = set()
    waiting = list(begin)
    while waiting:
        address = waiting.pop()
        if address not in reached:
            reached.add(address)
            waiting.extend(edges.get(address, ()))
    return frozenset(reached)


def _found(observation: Observation) -> list[Diagnostic]:
    return [
        warning(
            "P105",
            "A lost upload was found",
            f"An earlier run began to upload {intent.address} and never saw the answer. {id_} is"
            " taken for it: it has its name and size, was made just then, and nothing uses it.",
            address=intent.address,
        )
        for intent, id_, _ in observation.settlement.done
        if intent.operation is Operation.CREATE and not KINDS[intent.address.kind].tagged
    ]


def _retried(observation: Observation, changes: Iterable[Change]) -> list[Diagnostic]:
    created = {each.address for each in changes if each.action in (Action.CREATE, Action.REPLACE)}
    return [
        warning(
            "P104",
            "A lost create is tried again",
            f"An earlier run began to create {intent.address}, never saw the answer, and it can't"
            " be found: it is created again.",
            address=intent.address,
        )
        for intent in observation.settlement.open
        if intent.address in created
    ]
