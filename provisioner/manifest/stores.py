"""Vector stores: made of their documents, and held against the service's limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from provisioner.api_version import ApiVersion, Generation
from provisioner.diagnostics import Diagnostic
from provisioner.kinds.file_types import can_be_searched
from provisioner.manifest.document import Document, Path
from provisioner.manifest.limits import V2, not_yet

FILES = 10_000
"""The most files of one store (Azure's page on file search)."""
CHUNKING = ApiVersion("2024-07-01-preview")
"""The API version that brought chunking strategies (Azure's API version lifecycle)."""

_AS_WRITTEN = ("expires_after", "chunking_strategy", "metadata")


def store_attributes(document: Document, file_ids: Iterable[object]) -> dict[str, Any]:
    """Make the attributes of a store that holds these files."""
    spec = document.spec
    written = {key: spec[key] for key in _AS_WRITTEN if key in spec}
    return {"name": spec.get("name", document.name), "file_ids": list(file_ids), **written}


def check_store(
    document: Document,
    filenames: Iterable[tuple[Path, str]],
    attributes: Mapping[str, Any],
    api_version: ApiVersion,
) -> Iterator[Diagnostic]:
    """Report every limit of the API version that a store breaks.

    `filenames` are those of the files of this project, with the places where they are attached.
    """
    if api_version.generation is Generation.V1:
        yield not_yet(document, ("kind",), "VectorStore", V2, api_version)
        return
    if "chunking_strategy" in document.spec and api_version < CHUNKING:
        path = ("spec", "chunking_strategy")
        yield not_yet(document, path, "chunking_strategy", CHUNKING, api_version)
    yield from _overlap(document)
    yield from _count(document, attributes)
    for place, filename in filenames:
        if not can_be_searched(filename):
            yield _unsearchable(document, place, filename)


def _overlap(document: Document) -> Iterator[Diagnostic]:
    static = document.spec.get("chunking_strategy", {}).get("static")
    if static and 2 * static["chunk_overlap_tokens"] > static["max_chunk_size_tokens"]:
        yield document.error(
            ("spec", "chunking_strategy", "static", "chunk_overlap_tokens"),
            "M411",
            "Chunks overlap too much",
            f"{static['chunk_overlap_tokens']} tokens are more than half of"
            f" {static['max_chunk_size_tokens']}. Write"
            f" {static['max_chunk_size_tokens'] // 2} at most.",
        )


def _count(document: Document, attributes: Mapping[str, Any]) -> Iterator[Diagnostic]:
    count = len(set(attributes["file_ids"]))
    if count > FILES:
        yield document.error(
            ("spec", "files"),
            "M404",
            "Too many files",
            f"{count:,} files are attached, and {FILES:,} is the most of a vector store. Put small"
            " files together, or leave some out: an assistant searches one store.",
        )


def _unsearchable(document: Document, path: Path, filename: str) -> Diagnostic:
    extension = filename.rpartition(".")[2]
    return document.error(
        path,
        "M410",
        "File type can't be searched",
        f"{filename!r}: file search takes no .{extension} files, and indexing it would fail. Save"
        " it as text, Markdown or PDF, or attach it to the code_interpreter of an assistant.",
    )
