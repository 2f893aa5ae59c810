"""The command that collects the leftovers of broken uploads: gc."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli import options
from provisioner.cli.applying import Manner, ask
from provisioner.cli.continuing import same_command
from provisioner.cli.course import Course, begin, carry_out
from provisioner.cli.reports import TextReport, is_troubled
from provisioner.cli.terminal import (
    Exit,
    color,
    print_diagnostics,
    result,
    say_locked,
    say_waiting,
)

if TYPE_CHECKING:
    from provisioner.operations.collecting import Leftovers
    from provisioner.operations.connection import Connection
    from provisioner.operations.workspace import Workspace


@click.command()
@options.common
@options.variables
@options.applying
@click.argument("ids", nargs=-1, metavar="[FILE_ID]...")
def gc(ids: tuple[str, ...], **given: Any) -> None:
    """Show what broken uploads have left, ask (only `yes` is taken for it), and delete it.

    Files that may be somebody else's are only shown: each FILE_ID is deleted, too.
    """
    from provisioner.operations.connection import connected
    from provisioner.operations.workspace import open_workspace

    manner = Manner.taken_from(given)
    workspace = open_workspace(options.folder(), options.environment(), options.inputs())
    print_diagnostics(workspace.warnings)
    report = TextReport(same_command(workspace.environment.values.is_sensitive))
    course = begin(manner.parallelism, manner.timeout, report)
    with connected(workspace.project, workspace.environment, course.limiter) as connection:
        _collect(workspace, connection, ids, manner, course)


def _collect(
    workspace: Workspace,
    connection: Connection,
    ids: tuple[str, ...],
    manner: Manner,
    course: Course,
) -> None:
    from provisioner.operations.applying import lock, refuse_stale
    from provisioner.operations.collecting import find_leftovers

    reviewed: Leftovers | None = None
    if not manner.auto_approve:
        # The lock isn't held while a person thinks: afterwards it is looked for again.
        reviewed = find_leftovers(workspace, connection, ids, say_waiting)
        _show(reviewed)
        if reviewed.is_idle:
            return
        ask(reviewed.planned.plan, "gc")
    with lock(workspace, "gc", manner.lock_timeout, say_locked):
        found = find_leftovers(workspace, connection, ids, say_waiting)
        if reviewed is None:
            _show(found)
        else:
            refuse_stale(reviewed.planned.plan, found.planned.plan)
        if not found.is_idle:
            _delete(workspace, found, course)


def _show(found: Leftovers) -> None:
    from provisioner.views import leftovers as view

    plan = found.planned.plan
    left = found.candidates, found.unread
    result(view.render(plan, *left, color=color(sys.stdout)))
    print_diagnostics(plan.warnings)


def _delete(workspace: Workspace, found: Leftovers, course: Course) -> None:
    """Delete all that was found; the caller holds the lock."""
    from provisioner.views import leftovers as view

    happened = carry_out(workspace, found.planned, course)
    result(view.collected(happened))
    if is_troubled(happened) or course.was_interrupted:
        raise click.exceptions.Exit(Exit.ERROR)
