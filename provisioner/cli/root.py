"""The root command."""

from __future__ import annotations

import click

from provisioner import __version__
from provisioner.cli import (
    accepting,
    applying,
    collecting,
    drawing,
    emulator,
    exporting,
    importing,
    inspecting,
    planning,
    projects,
    revisions,
    state_commands,
)
from provisioner.cli.lines import lines
from provisioner.cli.options import common
from provisioner.cli.terminal import Exit, print_error, sentence
from provisioner.errors import ProvisionerError
from provisioner.state.storage import StorageError


class _Root(click.Group):
    """Shows expected trouble while it is still known where and how the command was to work."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what is wrong is shown, and exits 1."""
        try:
            return super().invoke(ctx)
        except ProvisionerError as trouble:
            print_error(trouble.diagnostics)
        except StorageError as trouble:
            from provisioner.state.files import unreachable

            print_error(unreachable(trouble).diagnostics)
        except (click.ClickException, OSError, click.Abort, KeyboardInterrupt) as trouble:
            if (to := lines()) and not isinstance(trouble, BrokenPipeError):
                from provisioner.views import ndjson

                to.tell([ndjson.trouble(sentence(trouble))])
            raise
        except click.exceptions.Exit:
            raise
        except Exception as trouble:
            _tell_bug(trouble)
            raise
        raise click.exceptions.Exit(Exit.ERROR)


def _tell_bug(trouble: Exception) -> None:
    """Tell programs of a bug; people are told at the very end, with the place."""
    if to := lines():
        from provisioner.cli import crash
        from provisioner.views import ndjson

        to.tell([ndjson.trouble(crash.summary(trouble))])


@click.group(
    cls=_Root,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine, 1 trouble, 2 changes (plan --detailed-exitcode) or drift (drift),"
    " 3 would be formatted (fmt --check).",
)
@common
@click.version_option(__version__, message="provisioner %(version)s")
def root() -> None:
    """Infrastructure as code for Azure OpenAI assistants."""


for command in (
    projects.init,
    projects.validate,
    projects.fmt,
    planning.plan,
    applying.apply,
    applying.destroy,
    importing.import_,
    planning.drift,
    accepting.accept,
    revisions.history,
    revisions.diff,
    revisions.rollback,
    collecting.gc,
    exporting.export,
    inspecting.show,
    inspecting.output,
    state_commands.state,
    inspecting.explain,
    drawing.graph,
    inspecting.schema,
    drawing.completion,
    inspecting.version,
    emulator.emulator,
):
    root.add_command(command)
