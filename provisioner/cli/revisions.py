"""Commands about what was applied before: history, diff, rollback."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from provisioner.cli import options, saving
from provisioner.cli.applying import Manner, reviewed_apply
from provisioner.cli.planning import made, show_plan
from provisioner.cli.terminal import color, print_diagnostics, result, say

if TYPE_CHECKING:
    from provisioner.history.revision import Revision
    from provisioner.operations.planning import Request
    from provisioner.operations.workspace import Workspace
    from provisioner.plan import Plan


@click.command()
@options.common
@options.variables
@options.form("text", "json")
def history(form: str) -> None:
    """List the revisions, the newest first: what was applied, when, by whom, from which commit."""
    from provisioner.operations.revisions import listed, read_past
    from provisioner.operations.workspace import open_project
    from provisioner.views import history as view

    project, environment = open_project(options.folder(), options.environment(), options.inputs())
    past = read_past(project, environment)
    lines = listed(past)
    if form == "json":
        result(view.as_json(project.name, environment.name, lines))
    else:
        result(view.text(project.name, environment.name, lines, color=color(sys.stdout)))
    print_diagnostics(past.warnings)


@click.command()
@options.common
@options.variables
@click.argument("revisions", nargs=-1, metavar="[R1 R2]")
@click.option(
    "--env",
    "environments",
    multiple=True,
    metavar="ENV",
    help="Compare what is declared for two environments: give it twice, without revisions.",
)
@options.form("text", "json", "markdown")
def diff(revisions: tuple[str, ...], environments: tuple[str, ...], form: str) -> None:
    """Show what differs between two revisions, or with --env A --env B two environments."""
    from provisioner.operations.contrasting import contrast_environments, contrast_revisions
    from provisioner.views import contrast as view

    if sorted((len(revisions), len(environments))) != [0, 2]:
        raise click.UsageError("Name two revisions, or two environments with --env A --env B.")
    if environments:
        found, told = contrast_environments(options.folder(), options.inputs(), *environments)
    else:
        found, told = contrast_revisions(
            options.folder(), options.environment(), options.inputs(), *revisions
        )
    if form == "text":
        result(view.text(found, color=color(sys.stdout)))
    else:
        result(view.as_json(found) if form == "json" else view.markdown(found))
    print_diagnostics(told)


@click.command()
@options.common
@options.variables
@options.deletes
@options.applying
@saving.OUT
@click.argument("asked", metavar="REVISION")
def rollback(asked: str, out: Path | None, **given: Any) -> None:
    """Plan what leads back to a revision, show it, ask, and apply it.

    What was made since is deleted. The manifests stay as they are. With --out the plan is saved
    instead, for `apply FILE`.
    """
    from provisioner.operations.applying import refuse_deletes
    from provisioner.operations.planning import Request
    from provisioner.operations.rolling_back import open_revision, refuse_withheld

    manner = Manner.taken_from(given)
    saving.refuse_place(out)
    revision, workspace = open_revision(
        options.folder(), options.environment(), options.inputs(), asked
    )
    request = Request(rollback=revision.serial)

    def refuse(plan: Plan) -> None:
        refuse_withheld(plan, workspace)
        refuse_deletes(plan, manner.allowance)

    if out:
        _save(out, workspace, request)
        return
    print_diagnostics(workspace.warnings)
    reviewed_apply(workspace, request, refuse, manner)
    _advise(revision)


def _save(out: Path, workspace: Workspace, request: Request) -> None:
    from provisioner.brake import forewarned
    from provisioner.operations.rolling_back import refuse_withheld

    planned = forewarned(made(workspace, request))
    show_plan(planned, "text")
    refuse_withheld(planned, workspace)
    saving.save(out, planned, workspace, request, readable=True)


def _advise(revision: Revision) -> None:
    commit = f" It was applied from commit {revision.commit.id}." if revision.commit else ""
    say(
        f"\nThe manifests were not changed: `provisioner plan` shows where they differ from"
        f" revision {revision.serial}, and the next apply would bring that back. Revert them in"
        f" git, too.{commit}"
    )
