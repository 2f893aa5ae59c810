"""Setting what was applied, or what is declared, against another; asks nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from provisioner.address import Address
from provisioner.contrast import Contrast
from provisioner.diagnostics import Diagnostic
from provisioner.diff import differences
from provisioner.history.content import RevisionContent
from provisioner.kinds import KINDS
from provisioner.manifest.inputs import Inputs
from provisioner.operations.revisions import declared, find_revision, read_content, read_past
from provisioner.operations.workspace import open_project, open_workspace
from provisioner.plan import Action, Change
from provisioner.resource import Attributes, Resource, resolve

Declared = Mapping[Address, Resource]
Told = tuple[Diagnostic, ...]


def contrast_revisions(
    start: Path, environment: str | None, inputs: Inputs, before: str, after: str
) -> tuple[Contrast, Told]:
    """Tell what was applied otherwise from one revision to another, and what is to be warned of.

    What was renamed in between is found by its object. Raises ProvisionerError for what isn't kept.
    """
    project, chosen = open_project(start, environment, inputs)
    past = read_past(project, chosen)
    one, other = (find_revision(past, each) for each in (before, after))
    first, second = read_content(past, one), read_content(past, other)
    changes = tuple(_changes(declared(first), declared(second), _renamed(first, second)))
    names = f"revision {one.serial}", f"revision {other.serial}"
    return Contrast(project.name, chosen.name, *names, changes), past.warnings


def contrast_environments(
    start: Path, inputs: Inputs, before: str, after: str
) -> tuple[Contrast, Told]:
    """Tell what the manifests declare otherwise for one environment than for another."""
    one, other = (open_workspace(start, each, inputs) for each in (before, after))
    changes = tuple(_changes(one.resources, other.resources, {}))
    told = tuple(dict.fromkeys((*one.warnings, *other.warnings)))
    names = f"environment {before}", f"environment {after}"
    return Contrast(one.project.name, None, *names, changes), told


def _renamed(before: RevisionContent, after: RevisionContent) -> Mapping[Address, Address]:
    """Find the objects that stand at another address: by the former one, the later one."""
    later = {(each.resource.address.kind, each.id): each.resource.address for each in after.kept}
    found = {
        each.resource.address: later.get((each.resource.address.kind, each.id))
        for each in before.kept
    }
    return {former: now for former, now in found.items() if now and now != former}


def _changes(
    before: Declared, after: Declared, renamed: Mapping[Address, Address]
) -> Iterator[Change]:
    was = {renamed.get(address, address): each for address, each in before.items()}
    formers = {now: former for former, now in renamed.items()}
    for address in sorted({*was, *after}):
        change = _change(address, _form(was.get(address), renamed), _form(after.get(address), {}))
        change = replace(change, previous_address=formers.get(address))
        if not change.is_idle:
            yield change


def _form(resource: Resource | None, renamed: Mapping[Address, Address]) -> Attributes | None:
    """Write references as addresses, the later ones: an object that comes anew is no difference."""
    if resource is None:
        return None
    names = {each: str(renamed.get(each, each)) for each in resource.depends_on}
    return KINDS[resource.address.kind].normal_form(resolve(resource.attributes, names))


def _change(address: Address, before: Attributes | None, after: Attributes | None) -> Change:
    if before is None or after is None:
        action = Action.CREATE if before is None else Action.DELETE
        return Change(address, action, None, before, after)
    keyed = KINDS[address.kind].keyed_form
    found = differences(keyed(before), keyed(after))
    return Change(address, Action.UPDATE if found else Action.NO_OP, None, before, after, found)
