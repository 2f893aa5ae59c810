"""Saved plans on the command line: `plan --out FILE`, and how commands take them."""

from __future__ import annotations

from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from provisioner.cli import options
from provisioner.cli.terminal import result, say

if TYPE_CHECKING:
    from provisioner.operations.planning import Request
    from provisioner.operations.workspace import Workspace
    from provisioner.plan import Plan

OUT = click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Save the plan there, for `apply FILE` to carry out just that.",
)
PLANFILE = click.argument(
    "planfile", required=False, metavar="[PLANFILE]", type=click.Path(path_type=Path)
)
EXPECT_DIGEST = click.option(
    "--expect-digest",
    metavar="SHA256",
    help="Apply PLANFILE only if the file has this digest, which `plan --out` has printed.",
)


def refuse_place(out: Path | None) -> None:
    """Refuse to overwrite what is no saved plan, before anything is asked of the service."""
    if out:
        from provisioner.operations.saving import refuse_overwriting

        refuse_overwriting(options.folder() / out)


def save(out: Path, plan: Plan, workspace: Workspace, request: Request, *, readable: bool) -> None:
    """Save a plan, and tell how it is applied; `readable`: people read the result."""
    from provisioner.operations.saving import save_plan
    from provisioner.views import escape

    digest = save_plan(options.folder() / out, plan, workspace, request)
    name = escape.line(str(out))
    tell = result if readable else say
    tell(
        f"\nSaved the plan to: {name}\nsha256: {digest}\n\n"
        "To perform exactly these actions, run the following command to apply:\n"
        f'    provisioner apply "{name}"\n'
    )


def refuse_other_options(
    planfile: Path | None, expect_digest: str | None, planned: Container[str]
) -> None:
    """Refuse what asks for another plan than the saved one; `planned` are such parameters."""
    if planfile is None and expect_digest is not None:
        raise click.UsageError("--expect-digest goes with a PLANFILE: name the saved plan.")
    context = click.get_current_context()
    given = [
        each.opts[-1]
        for each in context.command.params
        if each.name in planned
        and context.get_parameter_source(each.name) is not ParameterSource.DEFAULT
    ]
    if planfile is not None and given:
        raise click.UsageError(
            f"{', '.join(given)} can't go with a saved plan, which says all that is to be done."
            " Plan again with that, and apply the new plan."
        )
