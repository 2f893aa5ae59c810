"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from provisioner.cli.lines import choose

if TYPE_CHECKING:
    from provisioner.brake import Allowance
    from provisioner.manifest.inputs import Inputs

Command = TypeVar("Command", bound=Callable[..., Any])


def common(command: Command) -> Command:
    """Add -C, -e, --no-color and --debug; each may stand before the command as well as after it."""
    for option in (
        click.option(
            "-C",
            "folder",
            metavar="DIR",
            type=click.Path(path_type=Path),
            expose_value=False,
            callback=_keep("folder"),
            help="Work as if started in DIR.",
        ),
        click.option(
            "-e",
            "--environment",
            metavar="ENV",
            expose_value=False,
            callback=_keep("environment"),
            help="The environment; else PROVISIONER_ENVIRONMENT, else the project's default.",
        ),
        click.option(
            "--no-color",
            is_flag=True,
            expose_value=False,
            callback=_keep("no_color"),
            help="No colours, as with NO_COLOR.",
        ),
        click.option(
            "--debug",
            is_flag=True,
            expose_value=False,
            callback=_debug,
            help="Tell of every request on stderr: method, path, status, id, time.",
        ),
    ):
        command = option(command)
    return command


def _keep(name: str) -> Callable[[click.Context, click.Parameter, Any], None]:
    def keep(context: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value:
            context.find_root().meta[name] = value

    return keep


def _debug(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value:
        from provisioner.cli import debugging

        context.find_root().meta["debug"] = True
        context.find_root().call_on_close(debugging.stop)
        debugging.begin()


def is_debugging() -> bool:
    """Say whether every request is told."""
    return bool(click.get_current_context().find_root().meta.get("debug"))


def form(*names: str, exposed: bool = True) -> Callable[[Command], Command]:
    """Add --format with these names, the first being the default.

    Where it isn't exposed the command asks `lines`.
    """
    return click.option(
        "--format",
        "form",
        type=click.Choice(names),
        default=names[0],
        show_default=True,
        is_eager=True,
        expose_value=exposed,
        callback=choose,
    )


def folder() -> Path:
    """Tell where the command works: -C, else here."""
    return Path(click.get_current_context().find_root().meta.get("folder", "."))


def environment() -> str | None:
    """Tell which environment was asked for: -e before PROVISIONER_ENVIRONMENT."""
    import os

    chosen: str | None = click.get_current_context().find_root().meta.get("environment")
    return chosen or os.environ.get("PROVISIONER_ENVIRONMENT") or None


def variables(command: Command) -> Command:
    """Add --var and --var-file: they go with every command that reads manifests."""
    for option in (
        click.option(
            "--var",
            multiple=True,
            metavar="NAME=VALUE",
            expose_value=False,
            callback=_keep("var"),
            help="A variable's value; may be repeated.",
        ),
        click.option(
            "--var-file",
            multiple=True,
            metavar="FILE",
            type=click.Path(path_type=Path, dir_okay=False),
            expose_value=False,
            callback=_keep("var_file"),
            help="A YAML file of variables' values; may be repeated, and a later one wins.",
        ),
    ):
        command = option(command)
    return command


def inputs() -> Inputs:
    """Give what was given for variables: --var before --var-file before PROVISIONER_VAR_NAME."""
    import os

    from provisioner.manifest.inputs import Inputs

    meta = click.get_current_context().find_root().meta
    files = tuple(folder() / each for each in meta.get("var_file", ()))
    return Inputs(meta.get("var", ()), files, os.environ)


def planning(command: Command) -> Command:
    """Add the options that say what a plan is for: fields of a Request."""
    for option in (
        click.option(
            "--target",
            "targets",
            multiple=True,
            metavar="ADDR",
            help="Only this address and what it depends on; may be repeated.",
        ),
        click.option(
            "-l",
            "labels",
            multiple=True,
            metavar="LABEL=VALUE",
            help="Only what has this label, and what that depends on; repeated: all of them.",
        ),
        click.option(
            "--recreate-missing",
            is_flag=True,
            help="Go on when every recorded object of a kind is gone, and create them again.",
        ),
        click.option(
            "--upgrade-api",
            is_flag=True,
            help="Let assistants made with v1 be held by v2 from now on.",
        ),
    ):
        command = option(command)
    return command


def steering(command: Command) -> Command:
    """Add the options that say what a plan makes of it all: the other fields of a Request."""
    for option in (
        click.option("--destroy", is_flag=True, help="Plan to delete everything that is managed."),
        click.option(
            "--replace",
            "replaced",
            multiple=True,
            metavar="ADDR",
            help="Make this one anew, and delete the old one then; may be repeated.",
        ),
        click.option(
            "--delete-orphans",
            is_flag=True,
            help="Delete what carries our tag, but is neither declared nor recorded.",
        ),
        click.option(
            "--no-refresh",
            "refresh",
            flag_value=False,
            default=True,
            help="Plan from what is recorded, without asking the service.",
        ),
    ):
        command = option(command)
    return command


def deletes(command: Command) -> Command:
    """Add the option that raises the delete brake."""
    return click.option(
        "--max-delete",
        "allowance",
        callback=_allowance,
        metavar="N|P%",
        help="Go on with as many deletes: a number, or a share of what is recorded.",
    )(command)


def _allowance(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> Allowance | None:
    from provisioner.brake import Allowance

    try:
        return Allowance.parse(value) if value is not None else None
    except ValueError as trouble:
        raise click.BadParameter(str(trouble)) from trouble


def locking(command: Command) -> Command:
    """Add the option that says how long to wait for the lock."""
    return click.option(
        "--lock-timeout",
        type=click.FloatRange(0),
        default=0.0,
        metavar="S",
        help="How many seconds to wait for the lock; left out, not at all.",
    )(command)


def applying(command: Command) -> Command:
    """Add the options that say how changes are carried out."""
    for option in (
        click.option("--auto-approve", is_flag=True, help="Don't ask."),
        click.option(
            "--parallelism",
            type=click.IntRange(1, 64),
            default=8,
            show_default=True,
            metavar="N",
            help="How many requests are under way at once.",
        ),
        locking,
        click.option(
            "--timeout",
            type=click.FloatRange(0),
            metavar="S",
            help="Start nothing new after so many seconds of applying.",
        ),
    ):
        command = option(command)
    return command
