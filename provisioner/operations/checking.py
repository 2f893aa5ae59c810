"""Checking: the conversations that must go well, with assistants as they were last applied."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
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
from provisioner.operations.planning import planned_checks
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


def covering(workspace: Workspace, plan: Plan) -> list[Check]:
    """Find the checks that talk to an assistant which a plan makes, or lets answer otherwise.

    They are those of the manifests as they are; a saved plan may be older.
    """
    now = replace(plan, checks=planned_checks(workspace))
    names = {name for names in coverage(now).covered.values() for name in names}
    return sorted((each for each in workspace.checks if each.name in names), key=_name)


def _name(check: Check) -> str:
    return check.name


def not_passed(verdicts: Sequence[Verdict]) -> list[str]:
    """Name the checks that failed, or could not be held."""
    return [each.check.name for each in verdicts if each.outcome is not Outcome.PASSED]


@dataclass(frozen=True, slots=True)
class WayBack:
    """What leads back to how things were before an apply."""

    serial: int | None
    """The last revision before it; None where none was."""
    is_overtaken: bool
    """Whether another run has written the state since: going back would undo that, too."""


def way_back(workspace: Workspace, applied: Plan) -> WayBack:
    """Find what was before a plan that was applied."""
    past = read_past(workspace.project, workspace.environment)
    former = (each.serial for each in past.revisions if each.serial <= applied.serial)
    now = past.state.serial if past.state else 0
    return WayBack(next(former, None), is_overtaken=now > applied.serial + 1)


def unverified(
    workspace: Workspace, failed: Sequence[str], back: WayBack, *, goes: bool
) -> Diagnostic:
    """Say that checks didn't pass after an apply, and what leads back."""
    command = f"`provisioner rollback {back.serial} -e {workspace.environment.name}`"
    if goes:
        cure = f"Going back to revision {back.serial}; the manifests stay as they are."
    elif back.serial is None:
        cure = "There is no revision before it to go back to: mend the manifests, and apply again."
    elif back.is_overtaken:
        cure = (
            "Another run has changed the environment since, and nothing is taken back unasked."
            f" {command} would undo that, too: see `provisioner history`."
        )
    else:
        cure = f"Go back with {command}, or mend the manifests and apply again."
    detail = f"Not passed: {', '.join(failed)}. What was applied is in effect. {cure}"
    return error("P070", "Checks did not pass after the apply", detail)


@dataclass(frozen=True, slots=True)
class StandIn:
    """What a function answers in a check."""

    output: Any
    check: str
    """Its name."""


def stand_ins(checks: Iterable[Check], messages: Container[str] = ()) -> dict[str, StandIn]:
    """Collect what functions answer in checks, by their names.

    Where it differs a turn that says one of these messages goes first, then the check's name.
    """
    turns = [
        (check.name, turn) for check in sorted(checks, key=_name) for turn in check.spec["turns"]
    ]
    turns.sort(key=lambda each: each[1]["user"] not in messages)
    found: dict[str, StandIn] = {}
    for name, turn in turns:
        for function, output in turn.get("tool_outputs", {}).items():
            found.setdefault(function, StandIn(output, name))
    return found


def write_report(path: Path, text: str) -> None:
    """Write a report for programs; raises PlanError where that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as trouble:
        detail = f"{path}: {trouble.strerror or trouble}. Name another file with --junit."
        raise PlanError(error("P067", "Report can't be written", detail)) from trouble
