"""The command that goes on where this one ended, as it has to be typed."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import click

from provisioner.cli import options

_VARIABLE = "--var"


def same_command(is_sensitive: Callable[[str], bool]) -> str:
    """Write this very command once more, without the values of sensitive variables."""
    arguments: Sequence[str] = click.get_current_context().find_root().obj or ()
    return shlex.join(["provisioner", *_shown(arguments, is_sensitive)])


def plan_again_command(environment: str, path: Path) -> str:
    """Write the command that saves a plan for what is left of one."""
    folder = options.folder()
    place = [] if folder == Path() else ["-C", str(folder)]
    words = ["provisioner", *place, "-e", environment, "plan", "--out", str(path)]
    return shlex.join(words)


def _shown(arguments: Sequence[str], is_sensitive: Callable[[str], bool]) -> Iterator[str]:
    follows = False
    for each in arguments:
        option, separator, value = each.partition("=")
        if follows:
            yield _without_secret(each, is_sensitive)
        elif separator and option == _VARIABLE:
            yield f"{option}={_without_secret(value, is_sensitive)}"
        else:
            yield each
        follows = each == _VARIABLE and not follows


def _without_secret(variable: str, is_sensitive: Callable[[str], bool]) -> str:
    name, _, _ = variable.partition("=")
    return f"{name}=..." if is_sensitive(name) else variable
