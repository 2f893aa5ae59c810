"""Planning: what apply would do, and what has drifted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from functools import partial

from provisioner.address import Address
from provisioner.api_version import ApiVersion
from provisioner.diagnostics import Diagnostic, error, warning
from provisioner.errors import PlanError, StateError
from provisioner.events import Operation
from provisioner.kinds import KINDS
from provisioner.manifest.project import Environment, Project
from provisioner.manifest.suggestions import did_you_mean
from provisioner.operations.connection import Connection
from provisioner.operations.observing import STORE, Observation, Waiting, observe, with_all_stores
from provisioner.operations.workspace import Workspace
from provisioner.plan import Action, Change, Plan
from provisioner.planner import drift, plan
from provisioner.resource import Resource, ResourceState
from provisioner.situation import Situation
from provisioner.state.local import LocalState, Recorded
from provisioner.state.model import ServiceIdentity, State


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
) -> Planned:
    """Compare what is declared, recorded and live. Changes nothing, here or there."""
    project, environment = workspace.project, workspace.environment
    recorded = LocalState(project.state_folder(environment.name)).read()
    state = current_state(project, environment, recorded, connection.service, request)
    desired = {} if request.destroy else workspace.resources
    observation = observe(connection.provider, recorded, state, desired, waiting)
    situation = _situation(project, environment, desired, observation)
    scope = _scope(request, desired, observation.state.resources)
    decide = partial(
        plan,
        scope=scope,
        recreate_missing=request.recreate_missing,
        protected=_protected(workspace.resources, observation.state.resources),
    )
    decisions = decide(situation)
    if STORE in connection.provider.kinds and _deletes_files(decisions.changes):
        observation = with_all_stores(connection.provider, observation)
        situation = _situation(project, environment, desired, observation)
        decisions = decide(situation)
    warnings = (
        *_found(observation),
        *_retried(observation, decisions.changes),
        *decisions.warnings,
    )
    drifted = tuple(each for each in drift(situation) if scope is None or each.address in scope)
    made = _plan(observation.state, decisions.changes, drifted, warnings)
    return Planned(made, recorded, observation)


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
    state = current_state(project, environment, recorded, connection.service, Request())
    observation = observe(connection.provider, recorded, state, {}, waiting)
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
        project.uid, environment.name, desired, observation.state.resources, observation.live
    )


def current_state(
    project: Project,
    environment: Environment,
    recorded: Recorded,
    service: ServiceIdentity,
    request: Request,
) -> State:
    """Take what is recorded, or begin a history; a state of another service is refused."""
    state = recorded.state
    if state is None:
        return State.new(project.name, project.uid, environment.name, service)
    if (state.uid, state.environment) != (project.uid, environment.name):
        raise StateError(
            error(
                "S011",
                "State belongs to another project or environment",
                f"It was made for project {state.project} ({state.uid}), environment"
                f" {state.environment}; this is {project.name} ({project.uid}), {environment.name}."
                " Don't copy .provisioner/ from one to another: take the copy away, and put the"
                " own state back if there was one.",
            )
        )
    if (state.service.type, state.service.endpoint) != (service.type, service.endpoint):
        raise StateError(
            error(
                "S008",
                "State belongs to another service",
                f"It was made with {state.service.type} at {state.service.endpoint}; the"
                f" environment {environment.name} now says {service.type} at {service.endpoint}."
                f" {_cure(project, environment, state)}",
            )
        )
    _refuse_generation(state, environment, request)
    return replace(state, project=project.name, service=service)


def _cure(project: Project, environment: Environment, state: State) -> str:
    if state.resources:
        return "Use another environment for another service."
    folder = project.state_folder(environment.name)
    return (
        "Nothing is recorded: if nothing was made at the former endpoint either, delete"
        f" {folder / 'state.json'} and {folder / 'journal.jsonl'}."
    )


def _refuse_generation(state: State, environment: Environment, request: Request) -> None:
    before = ApiVersion(state.service.api_version or str(environment.provider.api_version))
    now = environment.provider.api_version
    if before.generation == now.generation:
        return
    if before.generation < now.generation:
        if request.upgrade_api:
            return
        cure = "Assistants will then be held by v2. If that is meant, run once with --upgrade-api."
    else:
        cure = "There is no way back from v2 to v1: set api_version to 2024-05-01-preview or later."
    raise StateError(
        error(
            "S009",
            "API version is of another generation",
            f"The state was made with {before}, and the environment {environment.name} now says"
            f" {now}. {cure}",
        )
    )


def _scope(
    request: Request,
    desired: Mapping[Address, Resource],
    recorded: Mapping[Address, ResourceState],
) -> frozenset[Address] | None:
    """Take what is targeted, and what it can't do without.

    For a plan these are its dependencies, for a destroy its dependents.
    """
    if not request.targets:
        return None
    known = {*desired, *recorded}
    edges: dict[Address, set[Address]] = {each: set() for each in known}
    for address, resource in desired.items():
        edges[address].update(resource.depends_on)
    if request.destroy:
        for address, state in recorded.items():
            for each in state.depends_on:
                edges.setdefault(each, set()).add(address)
    return _closure(_targets(request.targets, known), edges)


def _targets(written: Iterable[str], known: Iterable[Address]) -> list[Address]:
    by_text = {str(address): address for address in known}
    problems: list[Diagnostic] = [
        error(
            "P005",
            "Unknown target",
            f"Neither manifests nor state know {each!r}.{did_you_mean(each, by_text)}",
        )
        for each in written
        if each not in by_text
    ]
    if problems:
        raise PlanError(*problems)
    return [by_text[each] for each in written]


def _closure(
    begin: Iterable[Address], edges: Mapping[Address, Iterable[Address]]
) -> frozenset[Address]:
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
