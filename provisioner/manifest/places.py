"""Places: where in a document an attribute of its resource is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic
from provisioner.manifest.catalog import attached_files
from provisioner.manifest.document import Document, Path
from provisioner.manifest.paths import ProjectFiles


def at(data: Any, path: Path) -> Any:
    """Give the value at a path inside a JSON value; None where there is none."""
    for step in path:
        if isinstance(data, Mapping):
            data = data.get(step)
        elif isinstance(data, list) and isinstance(step, int) and step < len(data):
            data = data[step]
        else:
            return None
    return data


def places(
    document: Document,
    path: tuple[str, ...],
    value: Any,
    declared: Mapping[Address, Document],
    attached: Mapping[FilePath, Address],
    files: ProjectFiles,
) -> Iterator[Path]:
    """Find where a document says an attribute, given by its path as plans show it."""
    spec, field = document.spec, path[0]
    if field == "name" and "name" not in spec:
        yield ("metadata", "name")
    elif field == "tools":
        yield from _tools(spec.get("tools", ()), path[1], declared)
    elif isinstance(value, Address) or path[-2:-1] in (("file_ids",), ("vector_store_ids",)):
        yield from _references(document, value, attached, files)
    elif document.kind == "File":
        yield ("spec", "filename" if field == "filename" and "filename" in spec else "path")
    else:
        yield ("spec", *path)


def _tools(tools: Any, key: str, declared: Mapping[Address, Document]) -> Iterator[Path]:
    for index, tool in enumerate(tools):
        shared = declared.get(Address("tool", str(tool.get("ref"))))
        says = shared.spec if shared else tool
        name = says.get("function", {}).get("name", "")
        if key == f"{says.get('type')} {name}".strip():
            yield ("spec", "tools", index)


def _references(
    document: Document, value: Any, attached: Mapping[FilePath, Address], files: ProjectFiles
) -> Iterator[Path]:
    """Find the entries, wherever they stand, that become an id."""
    for path, entry in _entries(document):
        if isinstance(entry, str):
            if isinstance(value, Address) and entry == value.name:
                yield path
        elif entry.get("id") == value:
            yield path
        else:
            for _, target in attached_files(document, path, entry, files):
                if not isinstance(target, Diagnostic) and attached.get(target) == value:
                    yield path


def _entries(document: Document) -> Iterator[tuple[Path, Any]]:
    spec = document.spec
    for number, each in enumerate(spec.get("files", ())):
        yield ("spec", "files", number), each
    for index, tool in enumerate(spec.get("tools", ())):
        for number, each in enumerate(tool.get("files", ())):
            yield ("spec", "tools", index, "files", number), each
        if "vector_store" in tool:
            yield ("spec", "tools", index, "vector_store"), tool["vector_store"]
