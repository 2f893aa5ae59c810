"""What people see: results on stdout, progress and diagnostics on stderr.

With --format ndjson diagnostics are among the lines on stdout.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, TextIO

import click

from provisioner.cli.lines import lines
from provisioner.cli.options import folder
from provisioner.diagnostics import Diagnostic

if TYPE_CHECKING:
    from provisioner.state.journal import Intent


class Exit(IntEnum):
    """Exit codes, as pipelines branch on them."""

    OK = 0
    ERROR = 1
    CHANGES = 2
    UNFORMATTED = 3


def color(stream: TextIO | None) -> bool:
    """Say whether to use colours: on a terminal, unless NO_COLOR or --no-color is given."""
    context = click.get_current_context(silent=True)
    plain = bool(context and context.find_root().meta.get("no_color")) or "NO_COLOR" in os.environ
    return stream is not None and stream.isatty() and not plain


def has_cursor(stream: TextIO | None) -> bool:
    """Say whether a stream is a terminal on which lines can be written anew."""
    return (
        stream is not None
        and stream.isatty()
        and os.environ.get("TERM", "dumb") not in ("", "dumb", "unknown")
    )


def has_person() -> bool:
    """Say whether somebody is there to be asked; a command may be started with stdin closed."""
    return sys.stdin is not None and sys.stdin.isatty()


def result(text: str) -> None:
    """Print a result."""
    click.echo(text, nl=not text.endswith("\n"), color=True)


def say(text: str) -> None:
    """Print progress."""
    click.echo(text, err=True, nl=not text.endswith("\n"), color=True)


def sentence(trouble: BaseException) -> str:
    """Say why a command ends that has no diagnostic for it."""
    if isinstance(trouble, click.ClickException):
        return trouble.format_message()
    if isinstance(trouble, OSError):
        from provisioner.views import escape

        # Files of ours have diagnostics of their own; this is the output, or the machine.
        where = f"{escape.line(str(trouble.filename))}: " if trouble.filename else ""
        return f"{where}{trouble.strerror or trouble}."
    return "Interrupted. What was done is recorded; run the command again to go on."


def print_diagnostics(diagnostics: Sequence[Diagnostic]) -> None:
    """Print diagnostics, if there are any, beside the lines that they are about."""
    if diagnostics:
        from provisioner.operations.sources import read_sources
        from provisioner.views import diagnostics as view

        sources = read_sources(folder(), diagnostics)
        if to := lines():
            from provisioner.views import ndjson

            to.tell(ndjson.diagnostic(each, sources) for each in view.in_order(diagnostics))
        else:
            say(view.text(diagnostics, sources, color=color(sys.stderr)))


def print_error(diagnostics: Sequence[Diagnostic]) -> None:
    """Print why a command ends, and how many problems there are when there are several."""
    from provisioner.views import diagnostics as view

    print_diagnostics(diagnostics)
    if len(diagnostics) > 1 and not lines():
        say(view.summary(diagnostics))


def say_waiting(intents: Sequence[Intent], seconds: float) -> None:
    """Say why a command waits before it shows anything."""
    names = ", ".join(str(each.address) for each in intents)
    say(
        f"An earlier run was interrupted while it created {names}; waiting up to {seconds:g} s to"
        " find out whether it was carried out."
    )


def say_locked(holder: str, seconds: float) -> None:
    """Say for whom a command waits before it changes anything."""
    say(f"Waiting up to {round(seconds, 1):g} s for the lock, which is held {holder}.")
