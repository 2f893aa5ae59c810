"""Proof that an export says what is live: composed as a project, before it is written anywhere."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, Severity, error, warning
from provisioner.diff import differences
from provisioner.errors import PlanError
from provisioner.export.subjects import Subject, Wording
from provisioner.export.tree import Tree, build
from provisioner.json_texts import texts
from provisioner.kinds import KINDS
from provisioner.manifest.compose import compose
from provisioner.manifest.discovery import PROJECT_FILE
from provisioner.manifest.inputs import Inputs
from provisioner.operations.workspace import check_manifests, choose_environment
from provisioner.resource import Attributes, Resource, resolve
from provisioner.veil import Veil, is_hidden

NOWHERE = Address("", "")
"""What stands for the address of what is wrong in no single object."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What an export is proved against."""

    project: str
    """The text of the Project, with which its manifests will be read."""
    environment: str
    folder: str
    """The place of the export in the project, with a slash at the end; "" for its top."""
    ids: Mapping[Address, str]
    """The ids of what it refers to by address."""
    inputs: Inputs = field(default=Inputs(), repr=False)
    """What the Project's variables are given."""
    beside: Mapping[str, bytes] = field(default_factory=dict)
    """What stands for the files of the project that it refers to, by path in the project."""


def disprove(tree: Tree, proof: Proof) -> Mapping[Address, list[str]]:
    """Compose an export; tell for every object why it can't stand as it is written.

    What is wrong in no document of the export is told at NOWHERE.
    """
    with tempfile.TemporaryDirectory(prefix="provisioner-export-") as scratch:
        folder = Path(scratch).resolve()
        _write(folder, {PROJECT_FILE: proof.project.encode(), **proof.beside})
        _write(folder / proof.folder, tree.files)
        checked = check_manifests(folder, proof.inputs)
        assert checked.project is not None, checked.diagnostics  # noqa: S101 — we wrote it
        environment = choose_environment(checked.project, proof.environment)
        composed = compose(checked.project, environment, checked.catalog, checked.files)
    found = dict.fromkeys((*checked.diagnostics, *composed.diagnostics))
    reasons: dict[Address, list[str]] = defaultdict(list)
    for address, reason in _refused(tree, proof, found):
        reasons[address].append(reason)
    for address, subject in tree.subjects.items():
        if address not in reasons and address not in tree.problems:
            resource = composed.resources.get(address)
            reasons[address].extend(differing(address.kind, subject.form, resource, proof.ids))
    return {address: each for address, each in reasons.items() if each}


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _refused(
    tree: Tree, proof: Proof, found: Mapping[Diagnostic, None]
) -> Iterator[tuple[Address, str]]:
    addresses = {f"{proof.folder}{each.manifest}": each.address for each in tree.sources}
    for each in found:
        if each.severity is Severity.ERROR:
            place = each.position.path if each.position else ""
            yield addresses.get(place, NOWHERE), f"{each.code} {each.summary}: {each.detail}"


def differing(
    kind_name: str, form: Attributes, resource: Resource | None, ids: Mapping[Address, str]
) -> Iterator[str]:
    """Tell in words where a composed object is not what a normal form says."""
    kind = KINDS[kind_name]
    composed = kind.normal_form(resolve(resource.attributes if resource else {}, ids))
    for each in differences(kind.keyed_form(composed), kind.keyed_form(form)):
        path = ".".join(str(part) for part in each.path)
        yield f"composed it would differ from what is live at {path}"


def proved(
    subjects: Iterable[Subject],
    words: Wording,
    taken: Iterable[Address],
    proof: Proof,
    *,
    strict: bool,
) -> tuple[Tree, list[Diagnostic]]:
    """Build an export of everything that a manifest can say; tell what was left out, and why.

    `strict`: an object of which anything would be left out is left out as a whole, because the
    next apply would take from it what its manifest doesn't say.
    """
    taken, kept = list(taken), list(subjects)
    reasons = {each.address: [BROKEN] for each in kept if not is_text(each.form)}
    veil = words.environment.values.veil
    reasons.update({each.address: [_CHANGED] for each in kept if not _is_known(each.form, veil)})
    reasons.update({each.address: [_HIDDEN] for each in kept if _is_hidden(each.form)})
    sound = [each for each in kept if each.address not in reasons]
    # Alone first: a function that no manifest can hold must not spoil a Tool that others share.
    alone = build(sound, words, taken, share=False)
    reasons.update((each, why) for each, why in disprove(alone, proof).items() if each != NOWHERE)
    if strict:
        reasons.update({address: list(each) for address, each in alone.problems.items()})
    tree = build((each for each in kept if each.address not in reasons), words, taken, share=True)
    left = disprove(tree, proof)
    if left:
        raise PlanError(*(contradiction(address, each) for address, each in left.items()))
    return tree, [
        *(_unwritable(each, reasons[each.address]) for each in kept if each.address in reasons),
        *(_shortened(tree.subjects[address], each) for address, each in tree.problems.items()),
    ]


_HIDDEN = (
    "a text that held a sensitive value was edited elsewhere, and what it says now is hidden;"
    " `provisioner apply` puts it back"
)

_CHANGED = (
    "a sensitive variable has another value by now than the one in it; `provisioner apply` brings"
    " it there"
)


def _is_known(form: Attributes, veil: Veil) -> bool:
    return all(veil.knows(text) for _, text in texts(form))


def _is_hidden(form: Attributes) -> bool:
    return any(is_hidden(text) for _, text in texts(form))


BROKEN = "a text of it holds half a character, which no file can hold"


def is_text(value: Any) -> bool:
    """Say whether a file can hold a JSON value."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _unwritable(subject: Subject, reasons: Iterable[str]) -> Diagnostic:
    return warning(
        "M751",
        "Object can't be written as a manifest",
        f"{subject.shown} is left out: {'; '.join(reasons)}. Change it in the portal, or go on"
        " without it.",
    )


def _shortened(subject: Subject, problems: Iterable[str]) -> Diagnostic:
    return warning(
        "M752",
        "Manifest says less than the object",
        f"{subject.shown}: {'; '.join(problems)}. That is left out; add to the manifest what"
        " takes its place.",
        address=subject.address,
    )


def contradiction(address: Address, reasons: Iterable[str]) -> Diagnostic:
    """Say that an export doesn't say what is live."""
    return error(
        "M755",
        "Export contradicts itself",
        f"Read back, what would be written is not what is live: {'; '.join(reasons)}. Nothing was"
        " written. Leave the object out with --target, and report this as a bug.",
        address=None if address == NOWHERE else address,
    )
