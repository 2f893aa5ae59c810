"""The command that writes edits made at the service into the manifests: accept."""

from __future__ import annotations

import sys

import click

from provisioner.cli import options
from provisioner.cli.terminal import color, print_diagnostics, result, say_locked, say_waiting


@click.command()
@options.common
@options.variables
@options.locking
@click.argument("asked", nargs=-1, required=True, metavar="ADDR[.FIELD]...")
def accept(asked: tuple[str, ...], lock_timeout: float) -> None:
    """Write what was edited at the service back into the YAML; send nothing."""
    from provisioner.operations.accepting import accept as write_back
    from provisioner.operations.applying import lock
    from provisioner.operations.connection import connected
    from provisioner.operations.workspace import open_workspace
    from provisioner.views import accepted as view

    workspace = open_workspace(options.folder(), options.environment(), options.inputs())
    print_diagnostics(workspace.warnings)
    with (
        connected(workspace.project, workspace.environment) as connection,
        lock(workspace, "accept", lock_timeout, say_locked),
    ):
        accepted = write_back(workspace, connection, asked, say_waiting)
    shown = color(sys.stdout)
    for each in accepted.files:
        result(view.file(each.name, each.before, each.after, color=shown))
    print_diagnostics(accepted.warnings)
    result(view.summary(accepted.fields, accepted.recorded, accepted.left, accepted.others))
