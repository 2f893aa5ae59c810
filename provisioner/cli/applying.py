"""Commands that change things: apply, destroy."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli import options
from provisioner.cli.continuing import same_command
from provisioner.cli.course import Course, begin, carry_out
from provisioner.cli.live import text_report
from provisioner.cli.reports import is_troubled
from provisioner.cli.terminal import Exit, print_diagnostics, say, say_locked, say_waiting

if TYPE_CHECKING:
    from provisioner.operations.planning import Planned, Request
    from provisioner.operations.workspace import Workspace
    from provisioner.plan import Plan


@click.command()
@options.common
@options.variables
@options.planning
@options.applying
def apply(
    parallelism: int,
    lock_timeout: float,
    timeout: float | None,
    *,
    auto_approve: bool,
    **planned: Any,
) -> None:
    """Plan, show the plan, ask (only `yes` is taken for it), and apply it."""
    from provisioner.operations.planning import Request

    request = Request(destroy=False, **planned)
    _carry_out(request, parallelism, timeout, lock_timeout, auto_approve=auto_approve)


@click.command()
@options.common
@options.variables
@options.planning
@options.applying
def destroy(
    parallelism: int,
    lock_timeout: float,
    timeout: float | None,
    *,
    auto_approve: bool,
    **planned: Any,
) -> None:
    """Delete what is managed; with --target, the address and what depends on it."""
    from provisioner.operations.planning import Request

    request = Request(destroy=True, **planned)
    _carry_out(request, parallelism, timeout, lock_timeout, auto_approve=auto_approve)


def _carry_out(
    request: Request,
    parallelism: int,
    timeout: float | None,
    lock_timeout: float,
    *,
    auto_approve: bool,
) -> None:
    from provisioner.operations.applying import lock, refuse_stale
    from provisioner.operations.connection import connected
    from provisioner.operations.planning import make_plan
    from provisioner.operations.workspace import open_workspace

    workspace = open_workspace(options.folder(), options.environment(), options.inputs())
    print_diagnostics(workspace.warnings)
    operation = "destroy" if request.destroy else "apply"
    report = text_report(same_command(workspace.environment.values.is_sensitive))
    course = begin(parallelism, timeout, report)
    with connected(workspace.project, workspace.environment, course.limiter) as connection:
        reviewed: Plan | None = None
        if not auto_approve:
            # The lock isn't held while a person thinks: afterwards the plan is made again.
            first = make_plan(workspace, connection, request, say_waiting)
            reviewed = first.plan
            report.planned(reviewed)
            if first.is_idle:
                report.finished((), destroy=request.destroy)
                return
            _ask(reviewed, operation)
        with lock(workspace, operation, lock_timeout, say_locked):
            planned = make_plan(workspace, connection, request, say_waiting)
            if reviewed is None:
                report.planned(planned.plan)
            else:
                refuse_stale(reviewed, planned.plan)
            _apply(workspace, planned, course, destroy=request.destroy)


def _ask(plan: Plan, operation: str) -> None:
    if not plan.has_changes:
        return
    if not sys.stdin.isatty():
        raise click.ClickException(
            f"There is no terminal to ask for approval. Run {operation} with --auto-approve."
        )
    say(
        f"\nDo you want to perform these actions in environment {plan.environment}"
        f" ({plan.endpoint})?\n  Only 'yes' will be accepted to approve.\n"
    )
    if click.prompt("  Enter a value", prompt_suffix=": ", err=True) != "yes":
        raise click.ClickException(f"{operation.capitalize()} cancelled.")


def _apply(workspace: Workspace, planned: Planned, course: Course, *, destroy: bool) -> None:
    happened = carry_out(workspace, planned, course)
    course.report.finished(happened, destroy=destroy)
    if is_troubled(happened) or course.was_interrupted:
        raise click.exceptions.Exit(Exit.ERROR)
