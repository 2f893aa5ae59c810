"""Commands that only look: plan, drift."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from provisioner.cli import options
from provisioner.cli.course import telling_limiter
from provisioner.cli.terminal import Exit, color, print_diagnostics, result, say_waiting

if TYPE_CHECKING:
    from provisioner.plan import Plan

FORMAT = click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)


def rendered(plan: Plan, form: str) -> str:
    """Write a plan in one of the formats."""
    from provisioner.views import plan_json, plan_text

    if form == "json":
        return plan_json.render(plan)
    return plan_text.render(plan, color=color(sys.stdout))


@click.command()
@options.common
@options.variables
@options.planning
@FORMAT
@click.option("--destroy", is_flag=True, help="Plan to delete everything that is managed.")
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there are changes.")
def plan(
    targets: tuple[str, ...],
    form: str,
    *,
    recreate_missing: bool,
    upgrade_api: bool,
    destroy: bool,
    detailed_exitcode: bool,
) -> None:
    """Show what apply would do; change nothing."""
    from provisioner.operations.connection import connected
    from provisioner.operations.planning import Request, make_plan
    from provisioner.operations.workspace import open_workspace

    workspace = open_workspace(options.folder(), options.environment(), options.inputs())
    print_diagnostics(workspace.warnings)
    request = Request(targets, destroy, recreate_missing, upgrade_api)
    with connected(workspace.project, workspace.environment, telling_limiter()) as connection:
        made = make_plan(workspace, connection, request, say_waiting).plan
    result(rendered(made, form))
    print_diagnostics(made.warnings)
    if detailed_exitcode and made.has_changes:
        raise click.exceptions.Exit(Exit.CHANGES)


@click.command()
@options.common
@options.variables
@FORMAT
def drift(form: str) -> None:
    """Compare live objects with what was last applied; exit 2 when they differ."""
    from provisioner.operations.connection import connected
    from provisioner.operations.planning import find_drift
    from provisioner.operations.workspace import open_project
    from provisioner.views import drift_json, drift_text

    project, environment = open_project(options.folder(), options.environment(), options.inputs())
    with connected(project, environment, telling_limiter()) as connection:
        found = find_drift(project, environment, connection, say_waiting)
    if form == "json":
        result(drift_json.render(found))
    else:
        result(drift_text.render(found, color=color(sys.stdout)))
    if found.drift:
        raise click.exceptions.Exit(Exit.CHANGES)
