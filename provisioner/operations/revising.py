"""Keeping what was applied: every apply that ended well is a revision."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path

from provisioner.diagnostics import Diagnostic, warning
from provisioner.events import Event, Succeeded
from provisioner.history.content import RevisionContent, content_of
from provisioner.history.revision import Revision
from provisioner.history.store import History
from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.operations.keeping import kept_state
from provisioner.operations.planning import Planned
from provisioner.operations.repository import commit_of
from provisioner.operations.workspace import Workspace
from provisioner.plan import Counts, Plan
from provisioner.state.actor import actor
from provisioner.state.model import State
from provisioner.steps import steps


def history_of(project: Project, environment: Environment) -> History:
    """Give the history of an environment."""
    return History(kept_state(project, environment).storage, project.history_bytes)


def lacks_revision(workspace: Workspace, planned: Planned) -> bool:
    """Say whether what is recorded is in no revision: the run that recorded it was cut short.

    A part of the project can't tell: the rest may be half done.
    """
    state = planned.recorded.stored
    if state is None or planned.plan.selection:
        return False
    return not history_of(workspace.project, workspace.environment).has(state.lineage, state.serial)


def keep_revision(workspace: Workspace, plan: Plan, happened: Iterable[Event]) -> list[Diagnostic]:
    """Write down as a revision what was applied, if all of it ended well.

    The caller holds the lock, and the state is written. Gives a warning where it can't be done.
    """
    if not ended_well(plan, happened):
        return []
    state = kept_state(workspace.project, workspace.environment).read().state
    is_idle = not plan.has_changes and not plan.has_records
    if state is None or (is_idle and _is_known(workspace, plan, state)):
        return []
    try:
        _keep(workspace, plan, state)
    except OSError as trouble:
        return [_not_kept(workspace, trouble)]
    return []


def ended_well(plan: Plan, happened: Iterable[Event]) -> bool:
    """Say whether each step of a plan is done, and came out as it was sent."""
    done = [each for each in happened if isinstance(each, Succeeded) and not each.diagnostics]
    return len(done) == len(steps(plan.changes))


def _is_known(workspace: Workspace, plan: Plan, state: State) -> bool:
    history = history_of(workspace.project, workspace.environment)
    return bool(plan.selection) or history.has(state.lineage, state.serial)


def _keep(workspace: Workspace, plan: Plan, state: State) -> None:
    history = history_of(workspace.project, workspace.environment)
    content = content_of(state)
    name = history.keep_content(content, _sources(workspace))
    history.add(_revision(workspace, plan, state, content, name))


def _sources(workspace: Workspace) -> Mapping[str, Path]:
    """Find the bytes of files, by their SHA-256."""
    return {
        str(each.attributes["sha256"]): Path(each.source)
        for each in workspace.resources.values()
        if each.source
    }


def _revision(
    workspace: Workspace, plan: Plan, state: State, content: RevisionContent, name: str
) -> Revision:
    operation = "destroy" if plan.destroy else "apply"
    return Revision(
        state.serial,
        state.lineage,
        operation if plan.rollback is None else "rollback",
        datetime.now(timezone.utc),
        actor(os.environ),
        Counts.of(plan),
        state.service,
        len(state.resources),
        name,
        tuple(sorted(set(content.files))),
        commit_of(workspace.project.folder),
        plan.rollback,
        plan.selection,
    )


def _not_kept(workspace: Workspace, trouble: OSError) -> Diagnostic:
    place = kept_state(workspace.project, workspace.environment).storage.place("history")
    return warning(
        "P130",
        "Apply has no revision yet",
        f"{place}: {trouble.strerror or trouble}. What was applied is recorded all the"
        " same. Free the disk or mend the permissions, and run apply again: it writes the"
        " revision.",
    )
