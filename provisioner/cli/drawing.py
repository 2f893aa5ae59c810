"""Commands that write for other programs: graph, completion."""

from __future__ import annotations

import click

from provisioner.cli import options
from provisioner.cli.terminal import print_diagnostics, result


@click.command()
@options.common
@options.variables
@click.option(
    "--format",
    "form",
    type=click.Choice(["mermaid", "dot"]),
    default="mermaid",
    show_default=True,
)
def graph(form: str) -> None:
    """Draw what depends on what: assistants, vector stores and files of an environment."""
    from provisioner.operations.workspace import open_workspace
    from provisioner.views import graph as view

    workspace = open_workspace(options.folder(), options.environment(), options.inputs())
    print_diagnostics(workspace.warnings)
    draw = view.dot if form == "dot" else view.mermaid
    result(draw(workspace.resources.values()))


@click.command()
@options.common
@click.argument("shell", metavar="SHELL", type=click.Choice(["bash", "fish", "zsh"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what lets bash, fish or zsh complete commands and options."""
    from click.shell_completion import BashComplete, FishComplete, ZshComplete

    made = {"bash": BashComplete, "fish": FishComplete, "zsh": ZshComplete}[shell]
    root = context.find_root().command
    result(made(root, {}, "provisioner", "_PROVISIONER_COMPLETE").source())
