"""Commands about a project's own files: init, validate, fmt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provisioner.cli.options import common, environment, folder, inputs, locking, variables
from provisioner.cli.terminal import (
    Exit,
    print_diagnostics,
    print_error,
    result,
    say,
    say_locked,
)

if TYPE_CHECKING:
    from provisioner.diagnostics import Diagnostic
    from provisioner.operations.workspace import Checked


@click.command()
@common
@locking
@variables
@click.option(
    "--migrate-state",
    is_flag=True,
    help="Begin nothing: move the environment's state to where provisioner.yaml says now.",
)
@click.argument("directory", required=False, metavar="[DIR]", type=click.Path(path_type=Path))
def init(directory: Path | None, lock_timeout: float, *, migrate_state: bool) -> None:
    """Begin a project in DIR that plans and applies at once, on the built-in emulator."""
    from provisioner.operations.beginning import begin_project
    from provisioner.views import escape

    target = folder() / directory if directory else folder()
    if migrate_state:
        _migrate(target, lock_timeout)
        return
    for path in begin_project(target):
        say(f"wrote {escape.line(str(path))}")
    where = f" -C {escape.line(str(target))}" if directory else ""
    result(f"The project is ready. Try:\n\n    provisioner{where} plan")


def _migrate(start: Path, lock_timeout: float) -> None:
    from provisioner.operations.migrating import migrate
    from provisioner.operations.workspace import open_project

    project, chosen = open_project(start, environment(), inputs())
    moved = migrate(project, chosen, lock_timeout, say_locked)
    what = f"serial {moved.state.serial}, resources: {len(moved.state.resources)}"
    if moved.origin is None:
        result(f"The state of {chosen.name} is in {moved.target} already: {what}.")
    else:
        result(f"Moved the state of {chosen.name} from {moved.origin} to {moved.target}: {what}.")


@click.command()
@common
@variables
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "sarif", "github"]),
    default="text",
    show_default=True,
    help="sarif: for code scanning; github: annotations of a workflow.",
)
def validate(form: str) -> None:
    """Check manifests offline, for all environments or that of -e; every problem at once."""
    from provisioner.diagnostics import has_errors
    from provisioner.errors import ManifestError
    from provisioner.operations.workspace import validate as check

    try:
        checked = check(folder(), environment(), inputs())
    except ManifestError as trouble:
        if form == "text":
            raise
        found = trouble.diagnostics
    else:
        found = checked.diagnostics
        if form == "text":
            _say_checked(checked)
    if form != "text":
        result(_rendered(found, form))
    if has_errors(found):
        raise click.exceptions.Exit(Exit.ERROR)


def _say_checked(checked: Checked) -> None:
    from provisioner.diagnostics import has_errors

    if has_errors(checked.diagnostics):
        print_error(checked.diagnostics)
        return
    print_diagnostics(checked.diagnostics)
    valid = "1 document is" if checked.documents == 1 else f"{checked.documents} documents are"
    others = f" Documents of other programs, skipped: {checked.skipped}."
    result(f"Success! {valid} valid.{others if checked.skipped else ''}")


def _rendered(diagnostics: Sequence[Diagnostic], form: str) -> str:
    from provisioner.operations.sources import read_sources, repository_prefix
    from provisioner.views import diagnostics as view
    from provisioner.views import github, sarif

    if form == "github":
        return github.render(diagnostics, repository_prefix(folder()))
    sources = read_sources(folder(), diagnostics)
    if form == "sarif":
        return sarif.render(diagnostics, sources, repository_prefix(folder()))
    return view.as_json(diagnostics, sources)


@click.command()
@common
@click.option("--check", is_flag=True, help="Change nothing; exit 3 when something would change.")
def fmt(check: bool) -> None:
    """Bring all manifests into canonical form, comments kept; prints the files that change."""
    from provisioner.diagnostics import has_errors
    from provisioner.operations.formatting import format_project
    from provisioner.views import escape

    formatted = format_project(folder(), write=not check)
    for file in formatted.changed:
        result(escape.line(file))
    if has_errors(formatted.diagnostics):
        print_error(formatted.diagnostics)
        raise click.exceptions.Exit(Exit.ERROR)
    print_diagnostics(formatted.diagnostics)
    if check and formatted.changed:
        raise click.exceptions.Exit(Exit.UNFORMATTED)
