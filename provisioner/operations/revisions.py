"""The revisions of an environment, found and read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from provisioner.address import Address
from provisioner.api_version import ApiVersion
from provisioner.diagnostics import Diagnostic, error, warning
from provisioner.errors import PlanError
from provisioner.history.content import RevisionContent
from provisioner.history.revision import Listed, Revision
from provisioner.history.store import History, Unreadable
from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.operations.keeping import kept_state
from provisioner.operations.revising import history_of
from provisioner.resource import Resource
from provisioner.state.model import State

NAMED = 5
"""So many revisions are named where another one was asked for."""


@dataclass(frozen=True, slots=True)
class Past:
    """An environment, and what was applied to it."""

    project: Project
    environment: Environment
    state: State | None
    history: History
    revisions: Sequence[Revision]
    """Those of this state, the newest first."""
    warnings: tuple[Diagnostic, ...]


def read_past(project: Project, environment: Environment) -> Past:
    """Read the revisions of an environment; asks nobody."""
    state = kept_state(project, environment).read().state
    history = history_of(project, environment)
    everything, unreadable = history.read()
    last = max(everything, key=lambda each: each.created, default=None)
    lineage = state.lineage if state else last.lineage if last else None
    own = [each for each in everything if each.lineage == lineage]
    warnings = [_unreadable(each) for each in unreadable]
    if len(own) < len(everything):
        warnings.append(_others(len(everything) - len(own), lineage))
    return Past(project, environment, state, history, own, tuple(warnings))


def listed(past: Past) -> list[Listed]:
    """List the revisions, the newest first, each with what stands against a rollback."""
    kept = past.history.objects.sizes()
    return [Listed(each, obstacle(past, each, kept)) for each in past.revisions]


def obstacle(past: Past, revision: Revision, kept: Mapping[str, int]) -> str | None:
    """Say why a revision can't be gone back to; `kept` are the objects that there are."""
    if revision.content not in kept:
        return f"its content is no longer kept: {_room(past)}"
    if missing := [each for each in revision.files if each not in kept]:
        files = (
            "the bytes of one file" if len(missing) == 1 else f"the bytes of {len(missing)} files"
        )
        return f"{files} are not kept: {_room(past)}, or they changed while it was applied"
    then, now = revision.service.api_version, past.environment.provider.api_version
    if then and now < ApiVersion(then):
        return f"it was applied with API version {then}, and the environment now says {now}"
    return None


def find_revision(past: Past, asked: str) -> Revision:
    """Find a revision by its serial; raises PlanError where there is none."""
    for each in past.revisions:
        if str(each.serial) == asked:
            return each
    there = ", ".join(str(each.serial) for each in past.revisions[:NAMED])
    known = f"The newest are {there}" if there else "None is listed: an apply makes one"
    raise PlanError(
        error(
            "P091",
            "Unknown revision",
            f"The history of {past.environment.name} has no revision {asked!r}. {known};"
            " `provisioner history` lists them all.",
        )
    )


def read_content(past: Past, revision: Revision) -> RevisionContent:
    """Read what a revision holds; raises PlanError where it isn't kept, or is damaged."""
    try:
        return past.history.content(revision)
    except FileNotFoundError as trouble:
        raise _lost(revision, f"Its content is no longer kept: {_room(past)}.") from trouble
    except (OSError, ValueError) as trouble:
        raise _lost(revision, f"Its content is damaged: {trouble}.") from trouble


def declared(content: RevisionContent) -> dict[Address, Resource]:
    """Give the resources of a revision by their addresses."""
    return {each.resource.address: each.resource for each in content.kept}


def _room(past: Past) -> str:
    return f"the history holds {past.history.most:,} bytes at most (`spec.history.max_bytes`)"


def _lost(revision: Revision, why: str) -> PlanError:
    commit = f" (commit {revision.commit.id})" if revision.commit else ""
    return PlanError(
        error(
            "P092",
            "Revision's content can't be read",
            f"Revision {revision.serial}: {why} Take another revision, or check out the manifests"
            f" of that time{commit} and apply them.",
        )
    )


def _unreadable(found: Unreadable) -> Diagnostic:
    return warning(
        "P131",
        "Record of a revision can't be read",
        f"{found.place}: {found.why}. It is not listed, and nothing of the history is cleaned up"
        " meanwhile. Update provisioner if a later one has written it; else take the file away.",
    )


def _others(count: int, lineage: str | None) -> Diagnostic:
    what = "A revision belongs" if count == 1 else f"{count} revisions belong"
    return warning(
        "P132",
        "History has revisions of another state",
        f"{what} to a state that is no longer there: this one has lineage {lineage}. They are not"
        " listed. If the former state was lost by mistake, put back the generation that has it,"
        " with `provisioner state push --force --generation NAME`.",
    )
