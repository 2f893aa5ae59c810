"""Checking: the conversations that must go well, with assistants as they were last applied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from provisioner.check import Check
from provisioner.conversations.checking import Partner, Told, hold
from provisioner.conversations.patience import Patience
from provisioner.conversations.verdict import Outcome, Verdict
from provisioner.coverage import coverage
from provisioner.diagnostics import Diagnostic, error
from provisioner.errors import PlanError, StateError
from provisioner.manifest.suggestions import did_you_mean
from provisioner.operations.connection import Connection
from provisioner.operations.conversing import find_assistant, state_there, talk_there
from provisioner.operations.revisions import read_past
from provisioner.operations.workspace import Workspace
from provisioner.plan import Plan
from provisioner.state.model import State


def choose_checks(workspace: Workspace, names: Sequence[str]) -> list[Check]:
    """Find checks by name; left out, all. Raises PlanError with every unknown name at once."""
    by_name = {each.name: each for each in workspace.checks}
    wanted = [each.removeprefix("check.") for each in names]
    where = workspace.environment.name
    problems = [
        error(
            "P066",
            "Unknown check",
            f"The manifests have no check {each!r} for {where}.{did_you_mean(each, by_name)}",
        )
        for each in dict.fromkeys(wanted)
        if each not in by_name
    ]
    if problems:
        raise PlanError(*problems)
    chosen = dict.fromkeys(wanted) if wanted else sorted(by_name)
    return [by_name[each] for each in chosen]


def run_checks(
    workspace: Workspace,
    connection: Connection,
    checks: Sequence[Check],
    patience: Patience,
    told: Told,
) -> list[Verdict]:
    """Hold the conversations of these checks; raises StateError for another service's state."""
    state = state_there(workspace, connection)
    pairs = [(each, _partner(state, each)) for each in checks]
    return hold(talk_there(workspace, connection), pairs, patience, told)


def _partner(state: State, check: Check) -> Partner:
    """Find whom a check talks to; one that was never applied is the check's own trouble."""
    try:
        return Partner(find_assistant(state, check.assistant).id)
    except StateError as trouble:
        return Partner(None, trouble.diagnostics[0])


def covering(plan: Plan) -> list[str]:
    """Name the checks that talk to an assistant which a plan makes, or lets answer otherwise."""
    return sorted({name for names in coverage(plan).covered.values() for name in names})


def not_passed(verdicts: Sequence[Verdict]) -> list[str]:
    """Name the checks that failed, or could not be held."""
    return [each.check.name for each in verdicts if each.outcome is not Outcome.PASSED]


def revision_before(workspace: Workspace) -> int | None:
    """Find the revision that was the last one before what is recorded now; None where none was."""
    past = read_past(workspace.project, workspace.environment)
    now = past.state.serial if past.state else 0
    return next((each.serial for each in past.revisions if each.serial < now), None)


def unverified(
    workspace: Workspace, failed: Sequence[str], serial: int | None, *, goes: bool
) -> Diagnostic:
    """Say that checks didn't pass after an apply, and what leads back."""
    if goes:
        cure = f"Going back to revision {serial}; the manifests stay as they are."
    elif serial is None:
        cure = "There is no revision before it to go back to: mend the manifests, and apply again."
    else:
        back = f"`provisioner rollback {serial} -e {workspace.environment.name}`"
        cure = f"Go back with {back}, or mend the manifests and apply again."
    detail = f"Not passed: {', '.join(failed)}. What was applied is in effect. {cure}"
    return error("P070", "Checks did not pass after the apply", detail)


def outputs_of(check: Check) -> Mapping[str, Any]:
    """Collect what functions answer in a check; where it differs by turn, the first holds."""
    found: dict[str, Any] = {}
    for turn in check.spec["turns"]:
        for name, output in turn.get("tool_outputs", {}).items():
            found.setdefault(name, output)
    return found


def write_report(path: Path, text: str) -> None:
    """Write a report for programs; raises PlanError where that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as trouble:
        detail = f"{path}: {trouble.strerror or trouble}. Name another file with --junit."
        raise PlanError(error("P067", "Report can't be written", detail)) from trouble
