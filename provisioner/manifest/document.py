"""Documents: what one YAML document of a manifest says, and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, Position, error, warning
from provisioner.manifest.yaml_nodes import find, span

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Graft:
    """Where a part of a document comes from that stands elsewhere."""

    document: Document
    path: Path
    what: str
    """default or patch; remainder: it has moved up in a list that has lost a member."""


@dataclass(frozen=True, slots=True)
class Document:
    """One document of ours."""

    file: str
    """The manifest, relative to the project folder, with forward slashes."""
    data: Mapping[str, Any]
    node: yaml.Node
    refused: bool = False
    """Reported already, as a whole: it declares its address, and is looked at no further."""
    reported: frozenset[Position] = frozenset()
    """Where the YAML itself has a problem: what would follow from it there is no second one."""
    grafts: Mapping[Path, Graft] = field(default_factory=dict)
    """The parts that stand elsewhere, by their paths here."""
    is_partial: bool = False
    """Parts of its spec have mistakes that are reported, and are left out here."""

    @property
    def kind(self) -> str:
        """The kind as written, for example `Assistant`."""
        return str(self.data.get("kind"))

    @property
    def name(self) -> str:
        """`metadata.name`."""
        return str(self.data["metadata"]["name"])

    @property
    def address(self) -> Address:
        """The address; documents without a remote object of their own have one too."""
        return Address(self.kind.lower(), self.name)

    @property
    def spec(self) -> Mapping[str, Any]:
        """The `spec`."""
        spec: Mapping[str, Any] = self.data["spec"]
        return spec

    def position(self, *path: str | int, key: bool = False) -> Position:
        """Tell where the value at a path (or its key) stands."""
        graft, rest = self.graft(path)
        if graft:
            return graft.document.position(*graft.path, *rest, key=key)
        return Position(self.file, *span(find(self.node, path, key=key)))

    def graft(self, path: Path) -> tuple[Graft | None, Path]:
        """Find the graft that a path lies in, and the rest of the path inside it."""
        for length in range(len(path), 0, -1) if self.grafts else ():
            if path[:length] in self.grafts:
                return self.grafts[path[:length]], path[length:]
        return None, path

    def folder(self, path: Path) -> str:
        """Tell the folder, from the project's on, of the file that the value at a path stands in.

        Paths that are written there go out from it.
        """
        graft, _ = self.graft(path)
        return (graft.document.file if graft else self.file).rpartition("/")[0]

    def error(self, path: Path, code: str, summary: str, detail: str) -> Diagnostic:
        """Report an error at the value at a path."""
        return error(code, summary, detail, self.position(*path))

    def warning(self, path: Path, code: str, summary: str, detail: str) -> Diagnostic:
        """Report a warning at the value at a path."""
        return warning(code, summary, detail, self.position(*path))
