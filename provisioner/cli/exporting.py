"""The command that writes what is live as manifests: export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provisioner.cli import options
from provisioner.cli.terminal import (
    Exit,
    color,
    print_diagnostics,
    result,
    say,
    say_locked,
    say_waiting,
)

if TYPE_CHECKING:
    from provisioner.events import Event
    from provisioner.operations.exporting import Exported


@click.command()
@options.common
@options.variables
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write a project of its own there; left out, into this project. With --import, a folder"
    " of this project.",
)
@click.option("--all", "foreign", is_flag=True, help="Also what nobody's ownership tag marks.")
@click.option(
    "--import", "take_over", is_flag=True, help="Take over what isn't ours: tag and record it."
)
@click.option(
    "--from",
    "listings",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Read saved answers of the API (JSON) instead of the service.",
)
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="ADDR|ID",
    help="Only this address or live object; may be repeated.",
)
@options.locking
def export(
    out: Path | None,
    listings: Path | None,
    targets: tuple[str, ...],
    lock_timeout: float,
    *,
    foreign: bool,
    take_over: bool,
) -> None:
    """Write what is live as manifests and files."""
    if listings:
        if take_over or foreign:
            raise click.UsageError("--from asks no service: --all and --import don't go with it.")
        from provisioner.operations.exporting_saved import export_saved

        here = options.folder()
        _show(export_saved(here / listings, here / (out or "exported"), targets))
        return
    from provisioner.operations.exporting import ExportRequest, export_live

    target = options.folder() / out if out else None
    request = ExportRequest(target, foreign, take_over, targets, lock_timeout)
    place = (options.folder(), options.environment(), options.inputs())
    _show(export_live(*place, request, _tell, say_waiting, say_locked))


def _tell(event: Event) -> None:
    from provisioner.events import Failed, Succeeded
    from provisioner.views import events as view

    if isinstance(event, Succeeded):
        say(f"{event.address} is {event.id} now: it carries this project's tag.")
    if isinstance(event, Failed) or (isinstance(event, Succeeded) and event.diagnostics):
        say(view.line(event, color=color(sys.stderr)))


def _show(exported: Exported) -> None:
    from provisioner.events import Failed, Succeeded
    from provisioner.views import escape

    for note in exported.notes:
        say(f"Note: {escape.line(note)}")
    print_diagnostics(exported.warnings)
    for path in exported.files:
        result(escape.line(str(path)))
    if not exported.files:
        say("Nothing was written.")
    troubled = any(isinstance(each, Succeeded) and each.diagnostics for each in exported.events)
    if troubled or any(isinstance(each, Failed) for each in exported.events):
        raise click.exceptions.Exit(Exit.ERROR)
