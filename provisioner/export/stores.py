"""Live vector stores as VectorStore documents."""

from __future__ import annotations

from typing import Any

from provisioner.export.documents import Source, document, manifest
from provisioner.export.files import unmanaged
from provisioner.export.names import stem
from provisioner.export.references import file_ids
from provisioner.export.subjects import Subject, Wording, metadata
from provisioner.kinds.vector_store import EXPIRED
from provisioner.manifest.variables import escape_all
from provisioner.resource import RemoteObject

FOLDER = "stores"

_AS_SHOWN = ("expires_after", "chunking_strategy", "metadata")
"""Fields that a manifest writes as the service shows them."""


def write(subject: Subject, wording: Wording) -> Source:
    """Write a vector store."""
    form, name = subject.form, stem("vectorstore", subject.name)
    shown = {key: form[key] for key in _AS_SHOWN if key in form}
    spec: dict[str, Any] = escape_all({"name": form.get("name", ""), **shown})
    files = [wording.files.get(each, unmanaged(each)).written for each in file_ids(form)]
    if files:
        spec["files"] = files
    path = f"{FOLDER}/{name}.yaml"
    text = manifest(document("VectorStore", metadata(subject, wording), spec))
    return Source(subject.address, path, {path: text.encode()})


def unfit(live: RemoteObject) -> str | None:
    """Say why a store can't be declared as it is now; None: it can."""
    if live.attributes.get("status") == EXPIRED:
        return "it has expired, and nothing in it can be searched"
    if live.taking_in:
        return (
            f"{len(live.taking_in)} of its files are still being indexed; export it when they are"
        )
    return None
