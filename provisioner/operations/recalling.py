"""Planning without the service: what is recorded is taken for what is live."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from provisioner.diagnostics import Diagnostic, error, warning
from provisioner.errors import PlanError
from provisioner.kinds import KINDS
from provisioner.operations.connection import identity
from provisioner.operations.current_state import current_state
from provisioner.operations.keeping import kept_state
from provisioner.operations.observing import Observation
from provisioner.operations.planning import Request, plan_upon, wanted
from provisioner.operations.veiling import veiled_records
from provisioner.operations.workspace import Workspace
from provisioner.plan import Plan
from provisioner.resource import Owner, RemoteObject, ResourceState
from provisioner.settling import Settlement
from provisioner.state.backend import Recorded
from provisioner.state.model import State


def recall_plan(workspace: Workspace, request: Request) -> Plan:
    """Plan from what is recorded; sends nothing, and needs no credential.

    Such a plan must not be carried out as it is: make_plan, within what it touches, tells whether
    it holds. Raises PlanError where the records don't say enough.
    """
    project, environment = workspace.project, workspace.environment
    recorded = kept_state(project, environment).read()
    service = identity(environment.provider)
    state = current_state(project, environment, recorded, service, upgrade_api=request.upgrade_api)
    if unknown := list(_unknown(workspace, request, recorded, state)):
        raise PlanError(
            error(
                "P064",
                "Records don't say enough for a plan",
                f"{' '.join(unknown)} Only the service can tell: run the command again without"
                " --no-refresh.",
            )
        )
    shown = veiled_records(environment, state.resources, workspace.resources)
    live = {each.id: each for each in _live(state, shown.values())}
    made = plan_upon(Observation(state, state, live, Settlement(), ()), workspace, request)
    return replace(made, warnings=(*made.warnings, _unseen(state)))


def _unknown(
    workspace: Workspace, request: Request, recorded: Recorded, state: State
) -> Iterator[str]:
    for intent in recorded.pending:
        yield f"An earlier run never saw the answer for {intent.address}."
    desired = wanted(workspace, request)
    for each in workspace.project.refactoring.imports_for(workspace.environment.name):
        if each.address in desired and each.address not in state.resources:
            yield f"{each.id} is to be imported as {each.address}."


def _live(state: State, recorded: Iterable[ResourceState]) -> Iterator[RemoteObject]:
    """Make the objects as they were when they were recorded."""
    for each in recorded:
        kind = KINDS[each.address.kind]
        owner = Owner(state.uid, state.environment, each.address) if kind.tagged else None
        attributes = {**each.filled, **each.attributes}
        yield RemoteObject(kind.name, each.id, attributes, owner)
        for id_ in each.deposed:
            yield RemoteObject(kind.name, id_, {}, owner)


def _unseen(state: State) -> Diagnostic:
    return warning(
        "P113",
        "Service was not asked",
        f"This plan takes the objects to be as they were recorded with serial {state.serial}."
        " Edits and deletions since then, and others that use a file or vector store, don't show."
        " Before apply writes anything it reads what it touches, and stops where that differs.",
    )
