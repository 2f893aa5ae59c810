"""Checks after an apply: those that cover what it has changed, and the way back where they fail."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from provisioner.cli import options
from provisioner.cli.applying import Manner, reviewed_apply
from provisioner.cli.conversing import hold_checks
from provisioner.cli.lines import lines
from provisioner.cli.terminal import Exit, color, print_diagnostics, result, say

if TYPE_CHECKING:
    from provisioner.conversations.verdict import Verdict
    from provisioner.operations.workspace import Workspace
    from provisioner.plan import Plan


def verify(workspace: Workspace, applied: Plan, manner: Manner) -> None:
    """Hold the checks that cover what was applied; exits 1 where one doesn't pass.

    What was applied stays then, or, with --rollback-on-failure, is taken back.
    """
    from provisioner.operations.checking import covering, not_passed

    if not applied.has_changes:
        return
    checks = covering(workspace, applied)
    if not checks:
        say("No check covers what was changed.")
        return
    verdicts, was_interrupted = hold_checks(workspace, checks)
    _tell(verdicts)
    if failed := not_passed(verdicts):
        _go_back(workspace, applied, failed, manner, wanted=not was_interrupted)
        raise click.exceptions.Exit(Exit.ERROR)


def _tell(verdicts: Sequence[Verdict]) -> None:
    from provisioner.views import checks_text

    if to := lines():
        from provisioner.views import ndjson

        told = checks_text.render(verdicts, color=False).splitlines()
        to.tell(ndjson.remark(each) for each in told)
    else:
        result("\n" + checks_text.render(verdicts, color=color(sys.stdout)))


def _go_back(
    workspace: Workspace, applied: Plan, failed: Sequence[str], manner: Manner, *, wanted: bool
) -> None:
    """Say how to take back what was applied, or do it."""
    from provisioner.operations.checking import unverified, way_back

    back = way_back(workspace, applied)
    is_open = back.serial is not None and not back.is_overtaken
    goes = manner.rollback_on_failure and wanted and is_open
    print_diagnostics([unverified(workspace, failed, back, goes=goes)])
    if goes:
        _roll_back(str(back.serial), workspace.environment.name, manner)
        # The last lines are those of an apply that went well.
        say(
            f"Environment {workspace.environment.name} went back to revision {back.serial}, because"
            " checks did not pass."
        )


def _roll_back(serial: str, environment: str, manner: Manner) -> None:
    from provisioner.operations.applying import refuse_deletes
    from provisioner.operations.planning import Request
    from provisioner.operations.rolling_back import open_revision, refuse_withheld

    revision, workspace = open_revision(options.folder(), environment, options.inputs(), serial)

    def refuse(plan: Plan) -> None:
        refuse_withheld(plan, workspace)
        refuse_deletes(plan, manner.allowance)

    request = Request(rollback=revision.serial)
    reviewed_apply(workspace, request, refuse, replace(manner, auto_approve=True))
