"""The command line: options in, exit code out."""

from __future__ import annotations

import codecs
import contextlib
import io
import json
import os
import sys

import click

from provisioner.cli import crash
from provisioner.cli.root import root
from provisioner.cli.signals import interruptible
from provisioner.cli.terminal import Exit, say, sentence

__all__ = ["main"]


def main() -> None:
    """Run a command and exit: 0 fine, 1 trouble, 2 and 3 what the command says they mean."""
    crash.tell_nothing_more()
    with interruptible() as signals:
        code = run(sys.argv[1:])
    if signals:
        # A thread may still wait for an answer that nobody needs any more: Python would wait, too.
        _flush()
        os._exit(code)
    sys.exit(code)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()


def _survive_any_text() -> None:
    """Write what the terminal's encoding doesn't have as escapes, instead of failing."""
    codecs.register_error("provisioner", _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="provisioner")


def _escaped(trouble: UnicodeError) -> tuple[str, int]:
    """Escape as JSON does, so that a document in JSON stays one."""
    if not isinstance(trouble, UnicodeEncodeError):
        raise trouble
    return json.dumps(trouble.object[trouble.start : trouble.end])[1:-1], trouble.end


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
    except (click.Abort, KeyboardInterrupt) as trouble:
        say(f"\n{sentence(trouble)}")
        return Exit.ERROR
    except BrokenPipeError:
        sys.stderr.close()
        return Exit.ERROR
    except OSError as trouble:
        say(f"Error: {sentence(trouble)}")
        return Exit.ERROR
    except Exception as trouble:  # noqa: BLE001 — a bug of ours: any other way out would show values
        say(crash.text(trouble))
        return Exit.ERROR
    return code if isinstance(code, int) else Exit.OK
