"""Commands that change things: apply, destroy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli import options, saving
from provisioner.cli.continuing import plan_again_command, same_command
from provisioner.cli.course import Course, begin, carry_out, report_on
from provisioner.cli.lines import NDJSON, lines, told_refresh
from provisioner.cli.planning import requested
from provisioner.cli.reports import is_troubled
from provisioner.cli.terminal import (
    Exit,
    has_person,
    print_diagnostics,
    say,
    say_locked,
    say_waiting,
)

if TYPE_CHECKING:
    from provisioner.brake import Allowance
    from provisioner.operations.connection import Connection
    from provisioner.operations.planning import Planned, Request
    from provisioner.operations.workspace import Workspace
    from provisioner.plan import Plan


@dataclass(frozen=True, slots=True)
class Manner:
    """How changes are carried out: the options of `options.applying`."""

    parallelism: int
    timeout: float | None
    lock_timeout: float
    auto_approve: bool
    allowance: Allowance | None = None
    check: bool = False
    """Hold the checks that cover what was changed."""
    rollback_on_failure: bool = False
    """The same, and take it back where one doesn't pass."""

    @property
    def verifies(self) -> bool:
        """Whether checks are held afterwards."""
        return self.check or self.rollback_on_failure

    @classmethod
    def taken_from(cls, given: dict[str, Any]) -> Manner:
        """Take these options out of all that were given."""
        names = cls.__dataclass_fields__.keys() & given.keys()
        return cls(**{name: given.pop(name) for name in names})


@click.command()
@options.common
@options.variables
@options.planning
@options.steering
@options.deletes
@options.applying
@options.verifying
@options.form("text", "ndjson", exposed=False)
@saving.PLANFILE
@saving.EXPECT_DIGEST
def apply(planfile: Path | None, expect_digest: str | None, **given: Any) -> None:
    """Plan, show the plan, ask (only `yes` is taken for it), and apply it.

    With PLANFILE, apply that saved plan and nothing else: it was reviewed, so nobody is asked.
    """
    manner = Manner.taken_from(given)
    saving.refuse_other_options(planfile, expect_digest, given)
    if planfile:
        _carry_out_saved(planfile, expect_digest, manner)
    else:
        _carry_out(requested(**given), manner)


@click.command()
@options.common
@options.variables
@options.planning
@options.applying
@options.form("text", "ndjson", exposed=False)
def destroy(**given: Any) -> None:
    """Delete what is managed; what --target or -l choose goes with what depends on it."""
    manner = Manner.taken_from(given)
    _carry_out(requested(destroy=True, **given), manner)


def _carry_out(request: Request, manner: Manner) -> None:
    from provisioner.operations.applying import refuse_deletes
    from provisioner.operations.workspace import open_workspace

    workspace = open_workspace(options.folder(), options.environment(), options.inputs())
    print_diagnostics(workspace.warnings)

    def refuse(plan: Plan) -> None:
        refuse_deletes(plan, manner.allowance)

    _verify(workspace, reviewed_apply(workspace, request, refuse, manner), manner)


def _verify(workspace: Workspace, applied: Plan | None, manner: Manner) -> None:
    if applied and manner.verifies:
        from provisioner.cli.verifying import verify

        verify(workspace, applied, manner)


def reviewed_apply(
    workspace: Workspace, request: Request, refuse: Callable[[Plan], None], manner: Manner
) -> Plan | None:
    """Plan, show the plan, ask, and apply it; `refuse` raises ProvisionerError for unsafe plans.

    Gives what was applied; None where there was nothing to do.
    """
    from provisioner.operations.applying import lock
    from provisioner.operations.connection import connected

    operation = _operation(request)
    report = report_on(workspace, same_command(workspace.environment.values.is_sensitive))
    course = begin(manner.parallelism, manner.timeout, report)
    with connected(workspace.project, workspace.environment, course.limiter) as connection:
        reviewed: Plan | None = None
        if not manner.auto_approve or not request.refresh:
            # The lock isn't held while a person thinks: afterwards the plan is made again.
            reviewed, idle = _first(workspace, connection, request)
            report.planned(reviewed)
            if idle:
                report.finished((), destroy=request.destroy)
                return None
            refuse(reviewed)
            if reviewed.has_changes and not manner.auto_approve:
                ask(reviewed, operation)
        with lock(workspace, operation, manner.lock_timeout, say_locked):
            planned = _again(workspace, connection, request, reviewed)
            if reviewed is None:
                report.planned(planned.plan)
            refuse(planned.plan)
            _apply(workspace, planned, course, destroy=request.destroy)
    return planned.plan


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
    from provisioner.operations.applying import confirmed, refuse_stale
    from provisioner.operations.planning import make_plan
    from provisioner.operations.selecting import reach

    within = reach(reviewed.changes) if reviewed and not request.refresh else None
    planned = make_plan(workspace, connection, request, say_waiting, told_refresh, within)
    if reviewed and request.refresh:
        refuse_stale(reviewed, planned.plan)
    elif reviewed:
        return confirmed(reviewed, planned)
    return planned


def _carry_out_saved(path: Path, expected: str | None, manner: Manner) -> None:
    from provisioner.operations.applying import lock, refuse_deletes
    from provisioner.operations.applying_saved import plan_again, reopen
    from provisioner.operations.connection import connected
    from provisioner.operations.saving import read_plan

    read = read_plan(options.folder() / path, expected)
    saved, workspace = reopen(read, options.folder(), options.environment(), options.inputs())
    # What is said in the checks stands in the manifests: a mistake there is told before anything.
    here = _manifests(saved.plan.environment) if manner.verifies else workspace
    report = report_on(workspace, plan_again_command(workspace.environment.name, path))
    course = begin(manner.parallelism, manner.timeout, report)
    refuse_deletes(saved.plan, manner.allowance)
    with (
        connected(workspace.project, workspace.environment, course.limiter) as connection,
        lock(workspace, "apply", manner.lock_timeout, say_locked),
    ):
        planned = plan_again(saved, workspace, connection, say_waiting, told_refresh)
        report.planned(planned.plan)
        _apply(workspace, planned, course, destroy=saved.request.destroy)
    _verify(here, planned.plan, manner)


def _manifests(environment: str) -> Workspace:
    from provisioner.operations.workspace import open_workspace

    return open_workspace(options.folder(), environment, options.inputs())


def ask(plan: Plan, operation: str) -> None:
    """Ask whether that is wanted; raises ClickException where it isn't, or nobody is there."""
    if lines():
        raise click.ClickException(
            f"With --format {NDJSON} nobody is asked. Run {operation} with --auto-approve."
        )
    if not has_person():
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
    from provisioner.operations.revising import keep_revision

    happened = carry_out(workspace, planned, course)
    kept = keep_revision(workspace, planned.plan, happened)
    course.report.finished(happened, destroy=destroy)
    print_diagnostics(kept)
    if is_troubled(happened) or course.was_interrupted:
        raise click.exceptions.Exit(Exit.ERROR)
