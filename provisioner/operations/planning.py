"""Planning: what apply would do, and what has drifted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import TypeAlias

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic
from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.operations.connection import Connection
from provisioner.operations.current_state import current_state, lost_state
from provisioner.operations.keeping import kept_state
from provisioner.operations.lost_calls import told, without_others
from provisioner.operations.observing import (
    Observation,
    Waiting,
    observe,
    renamed,
    with_all_stores,
)
from provisioner.operations.reading import STORE
from provisioner.operations.selecting import replaceable, selected, written
from provisioner.operations.veiling import veiled, veiled_records
from provisioner.operations.workspace import Workspace
from provisioner.plan import Action, Change, Plan, PlannedCheck
from provisioner.planner import drift, plan
from provisioner.providers.base import Provider
from provisioner.resource import Resource, ResourceState
from provisioner.situation import Situation, relocated
from provisioner.state.backend import Recorded
from provisioner.state.model import State

Refreshing: TypeAlias = Callable[[Iterable[ResourceState]], AbstractContextManager[None]]
"""Entered with what is recorded before it is looked for, and left when it is known what is live."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a plan is asked for."""

    targets: tuple[str, ...] = ()
    """Addresses; none: everything."""
    destroy: bool = False
    recreate_missing: bool = False
    upgrade_api: bool = False
    labels: tuple[str, ...] = ()
    """`LABEL=VALUE`, all of which what is planned for must have."""
    replaced: tuple[str, ...] = ()
    """Addresses whose objects are made anew."""
    delete_orphans: bool = False
    refresh: bool = True
    """Ask the service what is live; otherwise what is recorded is taken for live."""
    rollback: int | None = None
    """The serial of the revision whose content stands for what is declared."""


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
    refreshing: Refreshing = lambda _recorded: nullcontext(),
    within: frozenset[Address] | None = None,
) -> Planned:
    """Compare what is declared, recorded and live. Changes nothing, here or there.

    The service is always asked. `within` are the addresses that are decided upon, in the place of
    those that the request selects.
    """
    project, environment = workspace.project, workspace.environment
    recorded = kept_state(project, environment).read()
    state = current_state(
        project, environment, recorded, connection.service, upgrade_api=request.upgrade_api
    )
    desired = wanted(workspace, request)
    states, pending = state.resources.values(), recorded.pending
    imports = tuple(project.refactoring.imports_for(environment.name))
    provider = veiled(
        connection.provider, environment, states, pending, workspace.resources, imports
    )
    also = {STORE} & provider.kinds if request.delete_orphans else ()
    with refreshing(states):
        observation = observe(provider, recorded, state, desired, waiting, imports, also)
    observation = renamed(observation, project.refactoring.destinations)
    observation = without_others(observation, project, environment)
    made = plan_upon(observation, workspace, request, within)
    if STORE in provider.kinds and _deletes_files(made.changes):
        observation = with_all_stores(provider, observation)
        made = plan_upon(observation, workspace, request, within)
    made = replace(made, warnings=(*lost_state(project, environment, recorded), *made.warnings))
    return Planned(made, recorded, observation, provider)


def wanted(workspace: Workspace, request: Request) -> Mapping[Address, Resource]:
    """Tell what there should be after the plan."""
    return {} if request.destroy else workspace.resources


def plan_upon(
    observation: Observation,
    workspace: Workspace,
    request: Request,
    within: frozenset[Address] | None = None,
) -> Plan:
    """Make the plan that follows from how things stand."""
    desired = wanted(workspace, request)
    situation = relocated(
        situation_of(workspace.project, workspace.environment, desired, observation)
    )
    scope = within
    if within is None:
        scope = selected(
            request.targets,
            request.labels,
            situation,
            workspace.resources,
            destroy=request.destroy,
        )
    decisions = plan(
        situation,
        scope=scope,
        recreate_missing=request.recreate_missing,
        protected=_protected(workspace.resources, situation.recorded),
        replaced=replaceable(request.replaced, situation, scope),
        delete_orphans=request.delete_orphans,
    )
    found = (*told(observation, decisions.changes), *decisions.warnings)
    drifted = _drifted(workspace, situation, scope)
    made = plan_of(observation.state, decisions.changes, drifted, found)
    chosen = written(request.targets, request.labels)
    return replace(
        made,
        destroy=request.destroy,
        selection=chosen,
        checks=planned_checks(workspace),
        rollback=request.rollback,
    )


def planned_checks(workspace: Workspace) -> tuple[PlannedCheck, ...]:
    """Tell who looks after whom, as a plan knows it."""
    return tuple(PlannedCheck(each.name, each.assistant) for each in workspace.checks)


def _drifted(
    workspace: Workspace, situation: Situation, scope: frozenset[Address] | None
) -> tuple[Change, ...]:
    shown = veiled_records(workspace.environment, situation.recorded, workspace.resources)
    found = drift(replace(situation, recorded=shown))
    return tuple(each for each in found if scope is None or each.address in scope)


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
    recorded = kept_state(project, environment).read()
    state = current_state(project, environment, recorded, connection.service)
    states, pending = state.resources.values(), recorded.pending
    provider = veiled(connection.provider, environment, states, pending, {})
    observation = observe(provider, recorded, state, {}, waiting)
    situation = situation_of(project, environment, {}, observation)
    return plan_of(observation.state, (), drift(situation), ())


def plan_of(
    state: State,
    changes: tuple[Change, ...],
    drifted: tuple[Change, ...],
    warnings: tuple[Diagnostic, ...],
) -> Plan:
    """Put a plan together, as of now."""
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
        recorded=len(state.resources),
    )


def situation_of(
    project: Project,
    environment: Environment,
    desired: Mapping[Address, Resource],
    observation: Observation,
) -> Situation:
    """Put together what the planner looks at; what was renamed is not relocated yet."""
    return Situation(
        project.uid,
        environment.name,
        desired,
        observation.state.resources,
        observation.live,
        project.refactoring,
        lost_creates=observation.state.lost_creates,
        late_files=observation.settlement.late.proved,
    )
