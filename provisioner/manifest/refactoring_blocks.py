"""The Project's `moved`, `removed` and `imports`, read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.address import Address
from provisioner.diagnostics import Position
from provisioner.manifest.document import Document
from provisioner.refactoring import Import, Moved, Refactoring, Removed


def read_refactoring(document: Document) -> Refactoring:
    """Read the blocks of a Project that its schema accepted."""
    moved = (
        Moved(Address.parse(each["from"]), Address.parse(each["to"]), where)
        for where, each in _blocks(document, "moved")
    )
    removed = (
        Removed(Address.parse(each["from"]), each.get("destroy", False), where)
        for where, each in _blocks(document, "removed")
    )
    imports = (
        Import(Address.parse(each["to"]), each["id"], each.get("environment"), where)
        for where, each in _blocks(document, "imports")
    )
    return Refactoring(tuple(moved), tuple(removed), tuple(imports))


def _blocks(document: Document, name: str) -> Iterator[tuple[Position, Mapping[str, Any]]]:
    for number, block in enumerate(document.spec.get(name, ())):
        yield document.position("spec", name, number), block
