"""What edits are placed in: one environment's documents, as they are written and as they hold."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Address
from provisioner.diagnostics import Position
from provisioner.manifest.catalog import Catalog, is_for
from provisioner.manifest.document import Document, Path
from provisioner.manifest.effective import merged
from provisioner.manifest.environments import Environment
from provisioner.manifest.paths import ProjectFiles
from provisioner.manifest.project import Project
from provisioner.manifest.variables import Scalar
from provisioner.resource import Resource


class ObstacleError(Exception):
    """No manifest can be edited so that it says what is live: why, and where it is said now."""

    def __init__(self, why: str, position: Position | None) -> None:
        super().__init__(why)
        self.position = position


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A document, and what it is to say."""

    document: Document
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Proposal:
    """One way of writing an edit into the project; nobody knows yet what else it would change."""

    documents: tuple[Rewritten, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    """Of files of instructions, by their paths in the project."""
    position: Position | None = None
    """Where it is said now."""
    is_patch: bool = False
    """A new patch: it holds for the environment alone."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One environment of a project that has no errors."""

    project: Project
    environment: Environment
    written: Catalog
    """The documents as they are written."""
    effective: Catalog
    """The documents as they hold in the environment."""
    files: ProjectFiles
    resources: Mapping[Address, Resource]
    ids: Mapping[str, Address]
    """What is recorded there, by id."""

    @property
    def values(self) -> Mapping[str, Scalar]:
        """What variables stand for."""
        return self.environment.values.scalars

    def whole(self, document: Document) -> Document:
        """Take a document with the defaults and the patch, variables not filled in."""
        return merged(document, self.project.document, self.project.defaults, self.environment)

    def declares(self, address: Address) -> bool:
        """Say whether a document declares an address for the environment."""
        document = self.written.documents.get(address)
        return document is not None and is_for(document, self.environment.name)

    def reference(self, id_: str, document: Document, path: Path) -> Any:
        """Write a live id at a place of a document: by name, by path, or as it is."""
        address = self.ids.get(id_)
        if address is None or (address.kind != "file" and not self.declares(address)):
            return {"id": id_}
        if self.declares(address):
            return address.name
        source = self.resources[address].source if address in self.resources else None
        if source is None:
            return {"id": id_}
        name = posixpath.relpath(
            source.removeprefix(f"{self.files.root.as_posix()}/"), document.folder(path) or "."
        )
        return {"path": name}
