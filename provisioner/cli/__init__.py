"""The command line: options in, exit code out."""

from __future__ import annotations

import io
import sys

import click

from provisioner.cli.root import root
from provisioner.cli.signals import interruptible
from provisioner.cli.terminal import Exit, say

__all__ = ["main"]


def main() -> None:
    """Run a command and exit: 0 fine, 1 trouble, 2 and 3 what the command says they mean."""
    with interruptible():
        code = run(sys.argv[1:])
    sys.exit(code)


def _survive_any_text() -> None:
    """Write what the terminal's encoding doesn't have as escapes, instead of failing."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def run(arguments: list[str]) -> int:
    """Run a command and return its exit code."""
    _survive_any_text()
    try:
        # Outside of its standalone mode click returns the code of an Exit instead of raising it.
        code = root.main(
            arguments, prog_name="provisioner", standalone_mode=False, obj=tuple(arguments)
        )
    except click.ClickException as trouble:
        # click exits 2 for a usage error, but 2 means "changes" here.
        trouble.show()
        return Exit.ERROR
    except (click.Abort, KeyboardInterrupt):
        say("\nInterrupted. What was done is recorded; run the command again to go on.")
        return Exit.ERROR
    except BrokenPipeError:
        sys.stderr.close()
        return Exit.ERROR
    except OSError as trouble:
        # Files of ours have diagnostics of their own; this is the output, or the machine.
        where = f"{trouble.filename}: " if trouble.filename else ""
        say(f"Error: {where}{trouble.strerror or trouble}.")
        return Exit.ERROR
    return code if isinstance(code, int) else Exit.OK
