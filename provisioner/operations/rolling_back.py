"""Rolling back: the content of a revision stands for what the manifests declare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, error
from provisioner.errors import PlanError
from provisioner.history.content import RevisionContent
from provisioner.history.revision import Revision
from provisioner.manifest.inputs import Inputs
from provisioner.operations.revisions import (
    Past,
    find_revision,
    obstacle,
    read_content,
    read_past,
)
from provisioner.operations.withheld import withheld
from provisioner.operations.workspace import (
    Workspace,
    check_manifests,
    reachable_environment,
    usable_project,
)
from provisioner.plan import Plan
from provisioner.resource import Resource, resolve


def open_revision(
    start: Path, environment: str | None, inputs: Inputs, asked: str
) -> tuple[Revision, Workspace]:
    """Put a revision in the place of the manifests, which needn't even be valid.

    The Project still says where the service is. Raises ProvisionerError where there is no such
    revision, or where it can't be gone back to. Asks nobody.
    """
    checked = check_manifests(start, inputs)
    project = usable_project(checked)
    past = read_past(project, reachable_environment(project, environment))
    revision = find_revision(past, asked)
    content = read_content(past, revision)
    if why := obstacle(past, revision, past.history.objects.sizes()) or _damage(past, revision):
        raise PlanError(_obstructed(revision, why))
    # What was to be imported has been, or isn't in the revision.
    blocks = replace(project.refactoring, imports=())
    workspace = Workspace(
        replace(project, refactoring=blocks),
        past.environment,
        {each.address: each for each in _resources(past, content)},
        checks=(),
        warnings=past.warnings,
        written=checked.catalog,
        effective=checked.catalog,
        files=checked.files,
    )
    return revision, workspace


def refuse_withheld(plan: Plan, workspace: Workspace) -> None:
    """Refuse a rollback that would send sensitive values which nobody knows any more."""
    problems = [
        error(
            "P090",
            "Rollback needs a sensitive value",
            f"Revision {plan.rollback} was applied with a value of `{name}` that no history holds,"
            " and here there is none or another one. Nothing was applied. Give the value of that"
            f" time, by --var {name}=… or PROVISIONER_VAR_{name.upper()}; if it was changed for"
            " good, revert the manifests and apply them.",
            address=address,
        )
        for name, address in withheld(plan.changes, workspace).items()
    ]
    if problems:
        raise PlanError(*problems)


def _damage(past: Past, revision: Revision) -> str | None:
    damaged = [each for each in revision.files if not past.history.objects.is_whole(each)]
    names = ", ".join(str(past.history.objects.path(each)) for each in damaged)
    return f"bytes of its files are damaged ({names})" if damaged else None


def _obstructed(revision: Revision, why: str) -> Diagnostic:
    commit = f" (commit {revision.commit.id})" if revision.commit else ""
    return error(
        "P093",
        "Revision can't be gone back to",
        f"Revision {revision.serial}: {why}. Nothing was applied. Take another revision, or check"
        f" out the manifests of that time{commit} and apply them.",
    )


def _resources(past: Past, content: RevisionContent) -> list[Resource]:
    """Let the resources stand where their objects stand by now, their bytes among the objects."""
    names = _names(past, content)
    _refuse_collisions(names)
    return [_placed(past, each.resource, names) for each in content.kept]


def _names(past: Past, content: RevisionContent) -> Mapping[Address, Address]:
    """Find where each object was moved to: by its record, or else by what `moved` says."""
    recorded = past.state.resources if past.state else {}
    here = {(address.kind, state.id): address for address, state in recorded.items()}
    moved = past.project.refactoring.destinations
    formers = {each.resource.address: each.id for each in content.kept}
    return {
        former: here.get((former.kind, id_)) or moved.get(former, former)
        for former, id_ in formers.items()
    }


def _refuse_collisions(names: Mapping[Address, Address]) -> None:
    counts = Counter(names.values())
    problems = [
        error(
            "P094",
            "Revision has two resources for one address",
            f"What was {former} is {now} by now, and the revision has another {now}. Nothing was"
            f" applied. Rename {now} first, with a `moved` block, and apply that.",
            address=now,
        )
        for former, now in sorted(names.items())
        if counts[now] > 1 and former != now
    ]
    if problems:
        raise PlanError(*problems)


def _placed(past: Past, resource: Resource, names: Mapping[Address, Address]) -> Resource:
    """Put a resource where it is to stand; what is protected by now stays protected."""
    sha256, address = resource.attributes.get("sha256"), names[resource.address]
    now = past.state.resources.get(address) if past.state else None
    is_protected = resource.lifecycle.prevent_destroy or bool(now and now.lifecycle.prevent_destroy)
    return replace(
        resource,
        address=address,
        lifecycle=replace(resource.lifecycle, prevent_destroy=is_protected),
        attributes=resolve(resource.attributes, names),
        depends_on=tuple(sorted(names.get(each, each) for each in resource.depends_on)),
        source=str(past.history.objects.path(sha256)) if sha256 else None,
    )
