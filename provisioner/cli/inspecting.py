"""Commands that show what is known: show, output, explain, schema, version."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from provisioner.cli import options
from provisioner.cli.planning import show_plan
from provisioner.cli.terminal import color, print_diagnostics, result

if TYPE_CHECKING:
    from provisioner.resource import ResourceState


@click.command()
@options.common
@options.variables
@click.argument("address", required=False, metavar="[ADDR|PLANFILE]")
@options.form("text", "json", "ndjson", "markdown", "html")
def show(address: str | None, form: str) -> None:
    """Show what is recorded, everything or one address; or a saved plan."""
    from provisioner.operations.saving import names_plan, read_plan
    from provisioner.views import state as view

    if address is not None and names_plan(path := options.folder() / address, address):
        show_plan(read_plan(path).plan, form)
        return
    if form not in ("text", "json"):
        raise click.UsageError(f"--format {form} is for saved plans: name the file of one.")
    resources = _recorded(address)
    if form == "json":
        result(view.as_json(resources))
    else:
        result(view.text(resources, color=color(sys.stdout)))


@click.command()
@options.common
@options.variables
@click.argument("address", required=False, metavar="[ADDR]")
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "env", "raw"]),
    help="json (the default), env: NAME=ID lines, raw (the default with ADDR): the bare id.",
)
def output(address: str | None, form: str | None) -> None:
    """Print the ids that applications need."""
    from provisioner.views import state as view

    resources = _recorded(address)
    form = form or ("raw" if address else "json")
    if form == "raw" and len(resources) != 1:
        raise click.UsageError("--format raw prints one id: name an address.")
    if form == "raw":
        click.echo(view.output_raw(resources[0]), nl=False)
        return
    result(view.outputs_json(resources) if form == "json" else view.outputs_env(resources))


def _recorded(address: str | None) -> list[ResourceState]:
    from provisioner.operations.inspecting import recorded

    return recorded(options.folder(), options.environment(), options.inputs(), address)


@click.command()
@options.common
@options.variables
@click.argument("asked", metavar="ADDR[.FIELD]")
@click.option("--no-refresh", is_flag=True, help="Don't ask the service what is live.")
def explain(asked: str, *, no_refresh: bool) -> None:
    """Say where each value comes from: manifest, default, patch, variable, alias, live."""
    from provisioner.operations.explaining import explain as find
    from provisioner.operations.workspace import open_workspace
    from provisioner.views import explanation as view

    workspace = open_workspace(options.folder(), options.environment(), options.inputs())
    print_diagnostics(workspace.warnings)
    found = find(workspace, asked, refresh=not no_refresh)
    result(view.text(found, color=color(sys.stdout)))


@click.command()
@options.common
@click.argument("kind", required=False, metavar="[KIND]")
def schema(kind: str | None) -> None:
    """Print the JSON Schema of a kind; left out, one for all kinds."""
    from provisioner.manifest.modeline import schema_text
    from provisioner.manifest.schema_check import SCHEMA_KINDS
    from provisioner.manifest.schema_check import schema as read

    if kind is None:
        result(schema_text())
        return
    if kind.lower() not in SCHEMA_KINDS:
        raise click.UsageError(f"There is no kind {kind!r}: {', '.join(SCHEMA_KINDS)}.")
    result(json.dumps(read(kind.lower()), indent=2, ensure_ascii=False))


@click.command()
@options.common
def version() -> None:
    """Print the version."""
    from provisioner import __version__

    result(f"provisioner {__version__}")
