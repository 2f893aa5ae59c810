"""Commands that change things: apply, destroy."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli import options, saving
from provisioner.cli.lines import NDJSON, lines, told_refresh
from provisioner.cli.planning import requested
from provisioner.cli.reports import Report, is_troubled, report_on, tell
from provisioner.cli.terminal import Exit, print_diagnostics, say, say_waiting

if TYPE_CHECKING:
    from provisioner.brake import Allowance
    from provisioner.operations.connection import Connection
    from provisioner.operations.planning import Planned, Request
    from provisioner.operations.workspace import Workspace
    from provisioner.plan import Plan


@click.command()
@options.common
@options.variables
@options.planning
@options.steering
@options.deletes
@options.applying
@options.form("text", "ndjson", exposed=False)
@saving.PLANFILE
@saving.EXPECT_DIGEST
def apply(
    planfile: Path | None,
    expect_digest: str | None,
    parallelism: int,
    lock_timeout: float,
    allowance: Allowance | None,
    *,
    auto_approve: bool,
    **asked: Any,
) -> None:
    """Plan, show the plan, ask (only `yes` is taken for it), and apply it.

    With PLANFILE, apply that saved plan and nothing else: it was reviewed, so nobody is asked.
    """
    saving.refuse_other_options(planfile, expect_digest, asked)
    if planfile:
        _carry_out_saved(planfile, expect_digest, allowance, parallelism, lock_timeout)
        return
    _carry_out(requested(**asked), allowance, parallelism, lock_timeout, auto_approve=auto_approve)


@click.command()
@options.common
@options.variables
@options.planning
@options.applying
@options.form("text", "ndjson", exposed=False)
def destroy(parallelism: int, lock_timeout: float, *, auto_approve: bool, **asked: Any) -> None:
    """Delete what is managed; what --target or -l choose goes with what depends on it."""
    request = requested(destroy=True, **asked)
    _carry_out(request, None, parallelism, lock_timeout, auto_approve=auto_approve)


def _carry_out(
    request: Request,
    allowance: Allowance | None,
    parallelism: int,
    lock_timeout: float,
    *,
    auto_approve: bool,
) -> None:
    from provisioner.operations.applying import refuse_deletes
    from provisioner.operations.workspace import open_workspace

    workspace = open_workspace(options.folder(), options.environment(), options.inputs())
    print_diagnostics(workspace.warnings)
    carry_out(
        workspace,
        request,
        lambda plan: refuse_deletes(plan, allowance),
        parallelism,
        lock_timeout,
        auto_approve=auto_approve,
    )


def carry_out(
    workspace: Workspace,
    request: Request,
    refuse: Callable[[Plan], None],
    parallelism: int,
    lock_timeout: float,
    *,
    auto_approve: bool,
) -> None:
    """Plan, show the plan, ask, and apply it; `refuse` raises ProvisionerError for unsafe plans."""
    from provisioner.operations.applying import lock
    from provisioner.operations.connection import connected

    operation = _operation(request)
    report = report_on(workspace)
    with connected(workspace.project, workspace.environment) as connection:
        reviewed: Plan | None = None
        if not auto_approve or not request.refresh:
            # The lock isn't held while a person thinks: afterwards the plan is made again.
            reviewed, idle = _first(workspace, connection, request)
            report.planned(reviewed)
            if idle:
                report.finished((), destroy=request.destroy)
                return
            refuse(reviewed)
            if not auto_approve:
                _ask(reviewed, operation)
        with lock(workspace, operation, lock_timeout):
            planned = _again(workspace, connection, request, reviewed)
            if reviewed is None:
                report.planned(planned.plan)
            refuse(planned.plan)
            _apply(workspace, planned, parallelism, report, destroy=request.destroy)


def _operation(request: Request) -> str:
    """Name the command that asks for this."""
    if request.rollback is not None:
        return "rollback"
    return "destroy" if request.destroy else "apply"


def _first(workspace: Workspace, connection: Connection, request: Request) -> tuple[Plan, bool]:
    """Make the plan that is shown, and tell whether there is anything in it to carry out."""
    from provisioner.operations.planning import make_plan
    from provisioner.operations.recalling import recall_plan
    from provisioner.operations.revising import lacks_revision
    from provisioner.plan import touched

    if request.refresh:
        planned = make_plan(workspace, connection, request, say_waiting, told_refresh)
        return planned.plan, planned.is_idle and not lacks_revision(workspace, planned)
    recalled = recall_plan(workspace, request)
    return recalled, not touched(recalled.changes)


def _again(
    workspace: Workspace, connection: Connection, request: Request, reviewed: Plan | None
) -> Planned:
    """Make the plan that is carried out, and refuse it if it is not the one that was shown."""
    from provisioner.operations.applying import refuse_stale, refuse_unconfirmed
    from provisioner.operations.planning import make_plan
    from provisioner.plan import touched

    within = touched(reviewed.changes) if reviewed and not request.refresh else None
    planned = make_plan(workspace, connection, request, say_waiting, told_refresh, within)
    if reviewed and request.refresh:
        refuse_stale(reviewed, planned.plan)
    elif reviewed:
        refuse_unconfirmed(reviewed, planned.plan)
    return planned


def _carry_out_saved(
    path: Path,
    expected: str | None,
    allowance: Allowance | None,
    parallelism: int,
    lock_timeout: float,
) -> None:
    from provisioner.operations.applying import lock, refuse_deletes
    from provisioner.operations.applying_saved import plan_again, reopen
    from provisioner.operations.connection import connected
    from provisioner.operations.saving import read_plan

    read = read_plan(options.folder() / path, expected)
    saved, workspace = reopen(read, options.folder(), options.environment(), options.inputs())
    report = report_on(workspace)
    refuse_deletes(saved.plan, allowance)
    with (
        connected(workspace.project, workspace.environment) as connection,
        lock(workspace, "apply", lock_timeout),
    ):
        planned = plan_again(saved, workspace, connection, say_waiting, told_refresh)
        report.planned(planned.plan)
        _apply(workspace, planned, parallelism, report, destroy=saved.request.destroy)


def _ask(plan: Plan, operation: str) -> None:
    if not plan.has_changes:
        return
    if lines():
        raise click.ClickException(
            f"With --format {NDJSON} nobody is asked. Run {operation} with --auto-approve."
        )
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
    from provisioner.operations.revising import keep_revision

    with closing(apply_plan(workspace, planned, parallelism)) as events:
        happened = tell(events, report)
    kept = keep_revision(workspace, planned.plan, happened)
    report.finished(happened, destroy=destroy)
    print_diagnostics(kept)
    if is_troubled(happened):
        raise click.exceptions.Exit(Exit.ERROR)
