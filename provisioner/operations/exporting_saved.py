"""Exporting what saved answers of the API say, where no service can be asked."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from provisioner.api_version import ApiVersion
from provisioner.diagnostics import error
from provisioner.errors import ManifestError
from provisioner.export.files import unmanaged
from provisioner.export.listings import MAX_BYTES, Listings, read_listings
from provisioner.export.names import document_name
from provisioner.export.projects import new_project
from provisioner.export.references import file_ids, searched
from provisioner.export.selection import Found, select
from provisioner.export.subjects import Wording
from provisioner.export.tree import name_subjects
from provisioner.manifest.environments import Environment
from provisioner.manifest.provider_config import ProviderConfig
from provisioner.operations.exporting import Exported
from provisioner.operations.placing import place
from provisioner.operations.proving import Proof, proved
from provisioner.operations.surroundings import Surroundings

ENVIRONMENT = "local"
API_VERSION = "2025-03-01-preview"
"""The emulator's version of a new project: it has every field that a manifest knows."""


def export_saved(listings: Path, out: Path, targets: tuple[str, ...] = ()) -> Exported:
    """Write a project of its own from saved answers; raises ManifestError with every problem."""
    saved = read_listings(_content(listings), listings.name)
    found = _found(saved)
    chosen = select(found, targets, foreign=True)[0] if targets else found
    name = document_name(out.resolve().name, "exported", ())
    provider = {"type": "emulator", "api_version": API_VERSION}
    text = new_project(name, secrets.token_hex(3), ENVIRONMENT, provider)
    environment = Environment(
        ENVIRONMENT, ProviderConfig("emulator", ApiVersion(API_VERSION)), models={}
    )
    ids = sorted({id_ for each in chosen for id_ in file_ids(each.live.attributes)})
    attached = {each: unmanaged(each, saved.filenames.get(each)) for each in ids}
    stores = {
        each: unmanaged(each, saved.stores.get(each))
        for each in sorted(searched(each.live for each in chosen))
    }
    words = replace(
        Wording.of(environment, {ENVIRONMENT: environment}), files=attached, stores=stores
    )
    subjects = name_subjects(chosen, (), recorded=False, known=())
    tree, warnings = proved(subjects, words, (), Proof(text, ENVIRONMENT, "", {}), strict=False)
    target = Surroundings(out, text, inside=False)
    target.refuse(tree.files)
    notes = (*saved.notes, *_lost(ids, saved), *_unread(stores, saved))
    return Exported(tuple(place(out, target.texts(tree))), notes, tuple(warnings))


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as trouble:
        raise _unreadable(f"{path}: {trouble.strerror or trouble}.") from trouble
    if len(content) > MAX_BYTES:
        raise _unreadable(f"{path} has more than {MAX_BYTES // 1024 // 1024} MB. Split it.")
    return content


def _unreadable(detail: str) -> ManifestError:
    return ManifestError(error("M750", "Saved answers can't be read", detail))


def _found(saved: Listings) -> list[Found]:
    """Give what carries a tag the name of its address; of several with one tag, the first."""
    found: list[Found] = []
    taken = set()
    for live in sorted(saved.assistants.values(), key=lambda each: (each.created_at, each.id)):
        address = live.owner.address if live.owner else None
        if address is None or address.kind != "assistant" or address in taken:
            found.append(Found(live))
        else:
            taken.add(address)
            found.append(Found(live, address))
    return found


def _lost(ids: Iterable[str], saved: Listings) -> list[str]:
    return [
        f"{each} ({saved.filenames.get(each, 'name not known')}) stays a live id: saved answers"
        " don't hold its bytes. Put the file into the project, and write {path: …} for it."
        for each in ids
    ]


def _unread(ids: Iterable[str], saved: Listings) -> list[str]:
    return [
        f"{each} ({saved.stores.get(each, 'name not known')}) stays a live id: saved answers don't"
        " say which files a vector store holds. Declare a VectorStore, and name it in its place."
        for each in ids
    ]
