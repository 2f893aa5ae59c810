"""Commands that change things: apply, destroy."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli import options, saving
from provisioner.cli.reports import Report, TextReport, is_troubled, tell
from provisioner.cli.terminal import Exit, print_diagnostics, say, say_waiting

if TYPE_CHECKING:
    from provisioner.operations.planning import Planned, Request
    from provisioner.operations.workspace import Workspace
    from provisioner.plan import Plan


@click.command()
@options.common
@options.variables
@options.planning
@options.applying
@saving.PLANFILE
@saving.EXPECT_DIGEST
def apply(
    planfile: Path | None,
    expect_digest: str | None,
    parallelism: int,
    lock_timeout: float,
    *,
    auto_approve: bool,
    **planned: Any,
) -> None:
    """Plan, show the plan, ask (only `yes` is taken for it), and apply it.

    With PLANFILE, apply that saved plan and nothing else: it was reviewed, so nobody is asked.
    """
    from provisioner.operations.planning import Request

    saving.refuse_other_options(planfile, expect_digest, planned)
    if planfile:
        _carry_out_saved(planfile, expect_digest, parallelism, lock_timeout)
        return
    request = Request(destroy=False, **planned)
    _carry_out(request, parallelism, lock_timeout, auto_approve=auto_approve)


@click.command()
@options.common
@options.variables
@options.planning
@options.applying
def destroy(parallelism: int, lock_timeout: float, *, auto_approve: bool, **planned: Any) -> None:
    """Delete what is managed; with --target, the address and what depends on it."""
    from provisioner.operations.planning import Request

    request = Request(destroy=True, **planned)
    _carry_out(request, parallelism, lock_timeout, auto_approve=auto_approve)


def _carry_out(
    request: Request, parallelism: int, lock_timeout: float, *, auto_approve: bool
) -> None:
    from provisioner.operations.applying import lock, refuse_stale
    from provisioner.operations.connection import connected
    from provisioner.operations.planning import make_plan
    from provisioner.operations.workspace import open_workspace

    workspace = open_workspace(options.folder(), options.environment(), options.inputs())
    print_diagnostics(workspace.warnings)
    operation = "destroy" if request.destroy else "apply"
    report = TextReport()
    with connected(workspace.project, workspace.environment) as connection:
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
        with lock(workspace, operation, lock_timeout):
            planned = make_plan(workspace, connection, request, say_waiting)
            if reviewed is None:
                report.planned(planned.plan)
            else:
                refuse_stale(reviewed, planned.plan)
            _apply(workspace, planned, parallelism, report, destroy=request.destroy)


def _carry_out_saved(
    path: Path, expected: str | None, parallelism: int, lock_timeout: float
) -> None:
    from provisioner.operations.applying import lock
    from provisioner.operations.applying_saved import plan_again, reopen
    from provisioner.operations.connection import connected
    from provisioner.operations.saving import read_plan

    read = read_plan(options.folder() / path, expected)
    saved, workspace = reopen(read, options.folder(), options.environment(), options.inputs())
    report = TextReport()
    with (
        connected(workspace.project, workspace.environment) as connection,
        lock(workspace, "apply", lock_timeout),
    ):
        planned = plan_again(saved, workspace, connection, say_waiting)
        report.planned(planned.plan)
        _apply(workspace, planned, parallelism, report, destroy=saved.request.destroy)


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


def _apply(
    workspace: Workspace, planned: Planned, parallelism: int, report: Report, *, destroy: bool
) -> None:
    from provisioner.operations.applying import apply_plan

    with closing(apply_plan(workspace, planned, parallelism)) as events:
        happened = tell(events, report)
    report.finished(happened, destroy=destroy)
    if is_troubled(happened):
        raise click.exceptions.Exit(Exit.ERROR)
