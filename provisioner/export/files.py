"""Attached files: as the project's own, as new File documents, or as live ids."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.address import Address
from provisioner.export.documents import Source, document, manifest
from provisioner.export.names import extension, stem
from provisioner.export.yaml_text import Noted
from provisioner.kinds.file_types import can_be_searched
from provisioner.manifest.attachments import MAX_BYTES, PURPOSE
from provisioner.manifest.variables import escape_all
from provisioner.resource import RemoteObject

FOLDER = "files"


@dataclass(frozen=True, slots=True)
class Attached:
    """A live file or vector store, and what a manifest in a folder of the export writes for it."""

    id: str
    written: str | Mapping[str, Any]
    address: Address | None = None
    """Where it is, or will be, declared; None: it isn't managed."""
    source: Source | None = None
    """The document that is to be written for it."""


def unmanaged(id_: str, filename: object = None) -> Attached:
    """Refer to a live object that the project doesn't manage; a comment tells its name."""
    return Attached(id_, {"id": Noted(id_, str(filename)) if filename else id_})


def managed(
    id_: str, name: str, filename: str, content: bytes, environments: tuple[str, ...]
) -> Attached:
    """Write a File document beside the bytes of a live file."""
    first = stem("file", name)
    bytes_name = first + extension(filename)
    spec = {"path": bytes_name, **({} if filename == bytes_name else {"filename": filename})}
    path = f"{FOLDER}/{first}.yaml"
    metadata = {"name": name, **({"environments": list(environments)} if environments else {})}
    text = manifest(document("File", metadata, escape_all(spec)))
    files = {f"{FOLDER}/{bytes_name}": content, path: text.encode()}
    address = Address("file", name)
    return Attached(id_, name, address, Source(address, path, files))


def refusal(live: RemoteObject, content: bytes, *, searched: bool) -> str | None:
    """Say why a live file can't be declared with these bytes; None: it can."""
    filename, size = str(live.attributes.get("filename") or ""), live.attributes.get("bytes")
    if not content or len(content) > MAX_BYTES:
        return f"{len(content):,} bytes are no size of a file that can be uploaded"
    if size not in (None, len(content)):
        return f"{len(content):,} bytes came, and the service says {size:,}"
    if live.attributes.get("purpose") != PURPOSE:
        return f"its purpose is {live.attributes.get('purpose')!r}, not {PURPOSE!r}"
    if not filename or any(each in '/\\"' or each < " " for each in filename):
        return "its name can't be sent again"
    if searched and not can_be_searched(filename):
        return "a project can't have files of its type searched"
    return None


def sha256(content: bytes) -> str:
    """Digest bytes as the state has them."""
    return hashlib.sha256(content).hexdigest()
