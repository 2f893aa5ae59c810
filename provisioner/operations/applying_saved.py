"""Applying a saved plan: just what was reviewed, or nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, error
from provisioner.errors import PlanError
from provisioner.manifest.environments import Environment
from provisioner.manifest.inputs import Inputs
from provisioner.manifest.project import Project
from provisioner.operations.applying import changed_files
from provisioner.operations.connection import Connection, identity
from provisioner.operations.observing import Observation, Waiting
from provisioner.operations.planning import Planned, Refreshing, make_plan
from provisioner.operations.saving import SavedPlan, recorded_lineage, with_sources
from provisioner.operations.selecting import reach
from provisioner.operations.withheld import withheld
from provisioner.operations.workspace import (
    Workspace,
    check_manifests,
    reachable_environment,
    usable_project,
)
from provisioner.plan import touched
from provisioner.saved_plan.document import unreadable
from provisioner.saved_plan.staleness import outdated, remaining, stale


def reopen(
    saved: SavedPlan, start: Path, environment: str | None, inputs: Inputs
) -> tuple[SavedPlan, Workspace]:
    """Put a saved plan into its project again: the plan with the paths of this checkout.

    What is declared comes from the plan; from the Project come the way to the service and the
    values of sensitive variables. Raises ProvisionerError where the plan doesn't belong here,
    lacks values, or where the bytes of files have changed. No request is made for that.
    """
    checked = check_manifests(start, inputs)
    project = usable_project(checked)
    if found := list(_elsewhere(saved, project, environment)):
        raise PlanError(*found)
    chosen = reachable_environment(project, saved.plan.environment)
    _refuse_other_service(saved, chosen)
    here = with_sources(saved, lambda source: _inside(checked.files.root, source))
    workspace = Workspace(
        replace(project, refactoring=saved.refactoring),
        chosen,
        {each.address: each for each in here.declared},
        warnings=(),
        written=checked.catalog,
        effective=checked.catalog,
        files=checked.files,
        checks=(),
    )
    problems = [*_unknown_values(here, workspace), *changed_files(here.plan)]
    if problems:
        raise PlanError(*problems)
    return here, workspace


def plan_again(
    saved: SavedPlan,
    workspace: Workspace,
    connection: Connection,
    waiting: Waiting,
    refreshing: Refreshing,
) -> Planned:
    """Plan what the saved plan changes once more, and take of that just what it has.

    The caller holds the lock. Raises PlanError where anything that the plan touches is no longer
    as it was, and names each resource and field.
    """
    _refuse_other_history(saved, workspace)
    changes = saved.plan.changes
    try:
        # What has disappeared is named below, where the plan touches it.
        request = replace(saved.request, recreate_missing=True)
        now = make_plan(workspace, connection, request, waiting, refreshing, reach(changes))
    except PlanError as trouble:
        raise PlanError(*outdated(changes, trouble.diagnostics)) from trouble
    if found := stale(changes, now.plan.changes):
        raise PlanError(*found)
    kept = remaining(changes, now.plan.changes)
    observation = _only_pending(now.observation, touched(kept))
    plan = replace(now.plan, changes=kept, checks=saved.plan.checks)
    return replace(now, plan=plan, observation=observation)


def _elsewhere(saved: SavedPlan, project: Project, asked: str | None) -> Iterator[Diagnostic]:
    plan = saved.plan
    if saved.uid != project.uid:
        yield error(
            "P053",
            "Saved plan is for another project",
            f"It was made for project {plan.project} ({saved.uid}), and this is {project.name}"
            f" ({project.uid}). Nothing was applied. Go to that project, or name it with -C.",
        )
    if asked not in (None, plan.environment):
        yield error(
            "P054",
            "Saved plan is for another environment",
            f"It was made for {plan.environment}, and {asked} was asked for. Nothing was applied."
            f" Leave -e and PROVISIONER_ENVIRONMENT out, or plan again for {asked}.",
        )


def _refuse_other_service(saved: SavedPlan, environment: Environment) -> None:
    planned, now = saved.service, identity(environment.provider)
    if planned != now:
        raise PlanError(
            error(
                "P055",
                "Saved plan is for another service",
                f"It was made for {planned.type} at {planned.endpoint}, API version"
                f" {planned.api_version}; the environment {environment.name} now says {now.type} at"
                f" {now.endpoint}, API version {now.api_version}. Nothing was applied. Plan again.",
            )
        )


def _refuse_other_history(saved: SavedPlan, workspace: Workspace) -> None:
    """Refuse a state that isn't a continuation of the one that was planned upon.

    Where nothing was recorded, what is recorded by now can be compared like everything else.
    """
    lineage = recorded_lineage(workspace)
    if saved.lineage not in (None, lineage):
        raise PlanError(
            error(
                "P056",
                "Saved plan doesn't match the state",
                f"It was made with the state of lineage {saved.lineage}, and here is"
                f" {f'one of lineage {lineage}' if lineage else 'none'}. Nothing was applied. Put"
                " the state back that belongs to the plan, or plan again.",
            )
        )


def _inside(root: Path, source: str) -> str:
    """Find a file of the plan in this checkout, and nowhere else."""
    target = Path(os.path.realpath(root / source)) if "\0" not in source else None
    if target is None or not target.is_relative_to(root):
        raise unreadable(source, "the plan names this file, which is outside of the project")
    return str(target)


def _unknown_values(saved: SavedPlan, workspace: Workspace) -> Iterator[Diagnostic]:
    """Report the variables whose values would be sent, and aren't those of the plan."""
    for name, address in withheld(saved.plan.changes, workspace).items():
        yield error(
            "P057",
            "Saved plan needs a sensitive value",
            f"The plan sends the value of `{name}`, which it doesn't hold, and here there is none"
            " or another one. Nothing was applied. Give the value that the plan was made with, by"
            f" --var {name}=… or PROVISIONER_VAR_{name.upper()}; or plan again.",
            address=address,
        )


def _only_pending(observation: Observation, within: frozenset[Address]) -> Observation:
    """Leave lost creates elsewhere pending: only a whole plan tells what is to become of them."""
    settlement = observation.settlement
    own = [each for each in settlement.open if each.address in within]
    return replace(observation, settlement=replace(settlement, open=own))
