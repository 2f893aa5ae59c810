"""Trials: how a project would stand with some of its files rewritten. Nothing is written for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.accepting.edits import between, with_edit
from provisioner.accepting.ground import Ground, Proposal
from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.editing.documents import edited
from provisioner.errors import ManifestError
from provisioner.kinds import KINDS
from provisioner.manifest.catalog import is_for
from provisioner.manifest.compose import Composition, compose
from provisioner.manifest.discovery import PROJECT_FILE
from provisioner.manifest.document import Document
from provisioner.manifest.effective import merged
from provisioner.manifest.environments import Environment
from provisioner.manifest.load import NOTHING
from provisioner.manifest.project import Project
from provisioner.manifest.reading import read_text
from provisioner.operations.workspace import Checked, check_manifests
from provisioner.plan import Difference
from provisioner.resource import Attributes, Resource, resolve

Place = tuple[str, Address]
"""An environment, and an address in it."""


@dataclass(frozen=True, slots=True)
class Trial:
    """A project as it stands with these texts in the place of its files' own."""

    texts: Mapping[str, str]
    read: Mapping[str, str]
    """What was read of the same files."""
    ground: Ground
    declared: Mapping[Place, Any]
    """What is declared, in every environment."""
    errors: frozenset[tuple[str, str]]


def begin(
    project: Project,
    environment: str,
    ids: Mapping[str, Address],
    texts: Mapping[str, str] = NOTHING,
    read: Mapping[str, str] = NOTHING,
) -> Trial:
    """Read a project anew; raises ManifestError where there is none in it any more."""
    checked = check_manifests(project.folder, project.inputs, texts)
    if checked.project is None:
        raise ManifestError(*checked.diagnostics)
    composed = {
        name: compose(checked.project, each, checked.catalog, checked.files)
        for name, each in checked.project.environments.items()
    }
    found = [*checked.diagnostics, *(e for each in composed.values() for e in each.diagnostics)]
    declared: dict[Place, Any] = {}
    for name, each in composed.items():
        chosen = checked.project.environments[name]
        declared.update(_declared(checked, checked.project, chosen, each))
    ground = _ground(checked, environment, composed, ids)
    return Trial(texts, read, ground, declared, _errors(found))


def _ground(
    checked: Checked,
    environment: str,
    composed: Mapping[str, Composition],
    ids: Mapping[str, Address],
) -> Ground:
    assert checked.project is not None, checked.diagnostics  # noqa: S101 — the caller has looked
    return Ground(
        checked.project,
        checked.project.environments[environment],
        checked.catalog,
        composed[environment].catalog,
        checked.files,
        composed[environment].resources,
        ids,
    )


def _errors(found: list[Diagnostic]) -> frozenset[tuple[str, str]]:
    return frozenset((each.code, each.detail) for each in found if each.severity is Severity.ERROR)


def _declared(
    checked: Checked, project: Project, environment: Environment, composed: Composition
) -> Iterator[tuple[Place, Any]]:
    """Give what an environment declares, such that equal values mean that nothing has changed.

    What can't be composed, because a variable has no value here, is taken as it is written: with
    every text that any of it may be made of.
    """
    for address, each in composed.resources.items():
        yield (environment.name, address), _comparable(each)
    for address, document in checked.catalog.documents.items():
        is_open = address.kind in KINDS and address not in composed.resources
        if is_open and is_for(document, environment.name):
            whole = merged(document, project.document, project.defaults, environment)
            manifests = {PROJECT_FILE, *(each.file for each in checked.catalog.documents.values())}
            texts = {
                name: each for name, each in checked.files.instead.items() if name not in manifests
            }
            yield (environment.name, address), (_exact(whole.data), texts)


def _exact(data: Any) -> str:
    """Write data so that 1 and true, which Python takes for equal, differ."""
    return json.dumps(data, sort_keys=True, default=repr)


def _comparable(resource: Resource) -> Any:
    """Leave out where it stands: lines move."""
    return (
        _exact(resource.attributes),
        resource.depends_on,
        dict(resource.labels),
        resource.source,
        resource.lifecycle,
    )


def proposed(trial: Trial, proposal: Proposal) -> Trial:
    """Try a proposal; raises Unplaceable where a document can't be edited like that."""
    ground, files = trial.ground, trial.ground.files
    read = {
        **{name: files.text(files.root / name) for name in proposal.texts},
        **{each.document.file: _manifest(trial, each.document) for each in proposal.documents},
        **trial.read,
    }
    texts = {**trial.texts, **proposal.texts}
    for each in proposal.documents:
        name = each.document.file
        texts[name] = edited(texts.get(name, read[name]), each.document.data, each.data)
    return begin(ground.project, ground.environment.name, ground.ids, texts, read)


def _manifest(trial: Trial, document: Document) -> str:
    name = document.file
    return trial.read[name] if name in trial.read else read_text(trial.ground.files.folder / name)


@dataclass(frozen=True, slots=True)
class Objection:
    """What speaks against writing an edit in one place."""

    why: str
    is_elsewhere: bool = False
    """It is about other environments only: a patch may help."""


def objections(
    before: Trial, now: Trial, address: Address, edit: Difference
) -> Iterator[Objection]:
    """Tell what is wrong with a trial in which one edit was written."""
    for code, detail in sorted(now.errors - before.errors):
        yield Objection(f"it would be an error ({code}): {detail}", is_elsewhere=True)
    here = (now.ground.environment.name, address)
    expected = {here, *((here[0], each) for each in detached(before, now))}
    changed = sorted(
        place
        for place in {*before.declared, *now.declared} - expected
        if before.declared.get(place) != now.declared.get(place)
    )
    if changed:
        names = ", ".join(_named(place, here[0]) for place in changed)
        is_elsewhere = all(name != here[0] for name, _ in changed)
        yield Objection(f"it would change {names}, too", is_elsewhere)
    elif not (now.errors - before.errors):
        wanted = with_edit(form(before.ground, address), edit, address.kind)
        if any(between(form(now.ground, address), wanted)):
            yield Objection("what the manifests say would not be what is live")


def detached(before: Trial, now: Trial) -> Iterator[Address]:
    """Go through the files that nothing attaches any more, and that no document declares."""
    for address in sorted(before.ground.resources.keys() - now.ground.resources.keys()):
        if address.kind == "file" and address not in before.ground.written.documents:
            yield address


def _named(place: Place, environment: str) -> str:
    name, address = place
    return str(address) if name == environment else f"{address} in {name}"


def form(ground: Ground, address: Address) -> Attributes:
    """Give the keyed form of what is declared, with the ids that are recorded."""
    ids = {each: id_ for id_, each in ground.ids.items()}
    kind = KINDS[address.kind]
    return kind.keyed_form(kind.normal_form(resolve(ground.resources[address].attributes, ids)))
