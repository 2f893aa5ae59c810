"""The root command."""

from __future__ import annotations

import click

from provisioner import __version__
from provisioner.cli import applying, emulator, importing, inspecting, planning, projects
from provisioner.cli.options import common


@click.group(
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
    inspecting.show,
    inspecting.output,
    inspecting.explain,
    inspecting.schema,
    inspecting.version,
    emulator.emulator,
):
    root.add_command(command)
