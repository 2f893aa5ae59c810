"""Files as resources: their bytes, and the limits that hold for them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, has_errors
from provisioner.kinds.file_types import FILE_SEARCH_TYPES, is_listed, mime_type
from provisioner.manifest.document import Document
from provisioner.manifest.document import Path as NodePath
from provisioner.manifest.paths import ProjectFiles
from provisioner.resource import Resource

MAX_BYTES = 512 * 1024 * 1024
"""The most that the service takes in one file (Azure OpenAI quotas and limits)."""

PURPOSE = "assistants"


def file_resource(
    files: ProjectFiles,
    address: Address,
    document: Document,
    path: NodePath,
    target: Path,
    problems: list[Diagnostic],
) -> Resource | None:
    """Make a resource of a file that a document declares or attaches; None after a problem."""
    declared = document.kind == "File"
    filename = document.spec.get("filename", target.name) if declared else target.name
    try:
        found = list(_check(document, path, filename, target.stat().st_size))
        problems.extend(found)
        if has_errors(found):
            return None
        content = files.content(target)
    except OSError as trouble:
        detail = f"{filename!r}: {trouble.strerror}."
        problems.append(document.error(path, "M308", "File can't be read", detail))
        return None
    return Resource(
        address,
        {
            "filename": filename,
            "bytes": content.size,
            "sha256": content.sha256,
            "purpose": PURPOSE,
        },
        origin=document.position(*path),
        labels=document.data["metadata"].get("labels", {}) if declared else {},
        source=str(target),
    )


def _check(document: Document, path: NodePath, filename: str, size: int) -> Iterator[Diagnostic]:
    """Check what costs no reading of the file."""
    if size == 0:
        yield document.error(
            path,
            "M303",
            "File is empty",
            f"{filename!r} has no bytes; the service refuses that. Fill it, or leave it out.",
        )
    if size > MAX_BYTES:
        yield document.error(
            path,
            "M304",
            "File is too large",
            f"{filename!r} has {size:,} bytes, and {MAX_BYTES:,} (512 MB) is the most. Split it.",
        )
    if any(each in '"\\' or each < " " for each in filename):
        yield document.error(
            path,
            "M309",
            "File name can't be sent",
            f"{filename!r} has quotes, backslashes or control characters, which would arrive as"
            " something else. Declare a File with another `filename`.",
        )
    if not _is_listed(filename, document.kind):
        yield document.warning(
            path,
            "M305",
            "File type is not listed",
            f"Azure doesn't list the type of {filename!r} for the code interpreter: it is sent as"
            f" {mime_type(filename)}, and may be refused or not understood.",
        )


def _is_listed(filename: str, kind: str) -> bool:
    """Ask for what the file is meant: a File document may be for anything."""
    for_search = kind == "File" and is_listed(filename, FILE_SEARCH_TYPES)
    return kind == "VectorStore" or for_search or is_listed(filename)
