"""Commands that only look: plan, drift."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli import options, saving
from provisioner.cli.course import telling_limiter
from provisioner.cli.lines import lines, told_refresh
from provisioner.cli.terminal import Exit, color, print_diagnostics, result, say_waiting

if TYPE_CHECKING:
    from provisioner.operations.planning import Request
    from provisioner.operations.workspace import Workspace
    from provisioner.plan import Plan


def show_plan(plan: Plan, form: str) -> None:
    """Print a plan in one of the formats, and its warnings after it."""
    if to := lines():
        from provisioner.views import ndjson

        to.tell(ndjson.planned(plan))
    else:
        result(_rendered(plan, form))
    print_diagnostics(plan.warnings)


def _rendered(plan: Plan, form: str) -> str:
    """Write a plan in one of the formats."""
    from provisioner.views import markdown, plan_json, plan_text

    if form == "json":
        return plan_json.render(plan)
    if form == "markdown":
        return markdown.render(plan)
    if form == "html":
        from provisioner.views import plan_html

        return plan_html.render(plan)
    return plan_text.render(plan, color=color(sys.stdout))


@click.command()
@options.common
@options.variables
@options.planning
@options.steering
@options.form("text", "json", "ndjson", "markdown", "html")
@saving.OUT
@click.option("--detailed-exitcode", is_flag=True, help="Exit 2 when there are changes.")
def plan(form: str, out: Path | None, *, detailed_exitcode: bool, **asked: Any) -> None:
    """Show what apply would do; change nothing."""
    from provisioner.brake import forewarned
    from provisioner.operations.workspace import open_workspace

    request = requested(**asked)
    saving.refuse_place(out)
    workspace = open_workspace(options.folder(), options.environment(), options.inputs())
    print_diagnostics(workspace.warnings)
    planned = forewarned(made(workspace, request))
    show_plan(planned, form)
    if out:
        saving.save(out, planned, workspace, request, readable=form == "text")
    if detailed_exitcode and planned.has_changes:
        raise click.exceptions.Exit(Exit.CHANGES)


def requested(**asked: Any) -> Request:
    """Take what a plan is asked for; some of it can't be asked at once."""
    from provisioner.operations.planning import Request

    request = Request(**asked)
    if request.delete_orphans and (request.targets or request.labels or not request.refresh):
        raise click.UsageError(
            "Orphans are found only by looking at everything: --delete-orphans doesn't go with"
            " --target, -l or --no-refresh."
        )
    return request


def made(workspace: Workspace, request: Request) -> Plan:
    """Make the plan that is asked for."""
    from provisioner.operations.connection import connected
    from provisioner.operations.planning import make_plan
    from provisioner.operations.recalling import recall_plan

    if not request.refresh:
        return recall_plan(workspace, request)
    with connected(workspace.project, workspace.environment, telling_limiter()) as connection:
        return make_plan(workspace, connection, request, say_waiting, told_refresh).plan


@click.command()
@options.common
@options.variables
@options.form("text", "json")
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
