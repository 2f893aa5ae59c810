"""The root command."""

from __future__ import annotations

import click

from provisioner import __version__
from provisioner.cli import applying, emulator, exporting, inspecting, planning, projects
from provisioner.cli.options import common


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 fine, 1 trouble, 2 changes (plan --detailed-exitcode) or drift (drift).",
)
@common
@click.version_option(__version__, message="provisioner %(version)s")
def root() -> None:
    """Infrastructure as code for Azure OpenAI assistants."""


for command in (
    projects.init,
    projects.validate,
    planning.plan,
    applying.apply,
    applying.destroy,
    planning.drift,
    exporting.export,
    inspecting.show,
    inspecting.output,
    inspecting.schema,
    inspecting.version,
    emulator.emulator,
):
    root.add_command(command)
