"""The command that takes a live object over: import."""

from __future__ import annotations

import re
import sys
from contextlib import closing

import click

from provisioner.cli import options
from provisioner.cli.reports import TextReport, is_troubled, tell
from provisioner.cli.terminal import Exit, color, print_diagnostics, result, say_locked, say_waiting


@click.command("import")
@options.common
@options.variables
@options.locking
@click.argument("address", metavar="ADDRESS")
@click.argument("id_", metavar="ID")
def import_(address: str, id_: str, lock_timeout: float) -> None:
    """Take over the live object ID at ADDRESS, as it is; show what the next plan would change."""
    from provisioner.operations.applying import apply_plan, lock
    from provisioner.operations.connection import connected
    from provisioner.operations.importing import find_import, plan_import
    from provisioner.operations.planning import Request, make_plan
    from provisioner.operations.workspace import open_workspace
    from provisioner.views import plan_text

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", id_):
        # It becomes part of a request's path.
        raise click.UsageError(f"{id_!r} is no id: write it as the service does, like asst_abc.")
    workspace = open_workspace(options.folder(), options.environment(), options.inputs())
    print_diagnostics(workspace.warnings)
    wanted = find_import(workspace, address, id_)
    with connected(workspace.project, workspace.environment) as connection:
        with lock(workspace, "import", lock_timeout, say_locked):
            planned = plan_import(workspace, connection, wanted, say_waiting)
            print_diagnostics(planned.plan.warnings)
            with closing(apply_plan(workspace, planned, 1)) as events:
                happened = tell(events, TextReport())
        if is_troubled(happened):
            raise click.exceptions.Exit(Exit.ERROR)
        done = "is managed now, as it is" if happened else "was managed already"
        result(f"Import complete! {address} [id={id_}] {done}.\n\nThe next plan for it:\n")
        following = make_plan(workspace, connection, Request((address,)), say_waiting).plan
    result(plan_text.render(following, color=color(sys.stdout)))
