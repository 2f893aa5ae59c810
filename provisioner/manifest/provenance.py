"""Provenance: where each value of a resource comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, Position
from provisioner.json_texts import texts
from provisioner.kinds import KINDS
from provisioner.manifest.catalog import Catalog
from provisioner.manifest.document import Document, Path
from provisioner.manifest.effective import merged
from provisioner.manifest.environments import Environment
from provisioner.manifest.paths import ProjectFiles
from provisioner.manifest.places import at, places
from provisioner.manifest.project import Project
from provisioner.manifest.variables import fill, references
from provisioner.resource import Resource

OPENED = ("metadata", "tools", "tool_resources", "file_ids")
"""Attributes that are explained member by member."""


@dataclass(frozen=True, slots=True)
class Origin:
    """One place that has a say in a value; a later one wins."""

    what: str
    """default, manifest, patch, attached, file, ref, variable or alias."""
    position: Position | None
    says: Any
    """What stands there, or the name of what it refers to."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """One attribute of a resource, and what made it so."""

    path: tuple[str, ...]
    """As plans show it."""
    value: Any
    origins: tuple[Origin, ...]


Fields: TypeAlias = Mapping[tuple[str, ...], Any]
"""Values of attributes, by their paths."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """What made the attributes of a resource, and what is recorded and live."""

    address: Address
    fields: tuple[Provenance, ...]
    recorded: Fields | None
    """None: nothing is recorded."""
    live: Fields | None
    """None: nothing is live, or it wasn't asked for."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Everything that values of an environment can come from."""

    project: Project
    environment: Environment
    everything: Catalog
    """The documents as they are written."""
    effective: Catalog
    """The documents as they hold in the environment."""
    files: ProjectFiles

    def explain(self, resource: Resource) -> Iterator[Provenance]:
        """Go through the attributes of a resource."""
        document = self.everything.documents.get(resource.address)
        kind = KINDS[resource.address.kind]
        form = kind.keyed_form(kind.normal_form(resource.attributes))
        for path, value in members(form):
            origins = self._origins(document, path, value) if document else self._attached(resource)
            yield Provenance(path, value, tuple(origins))

    def _attached(self, resource: Resource) -> Iterator[Origin]:
        """Explain a file that no document declares."""
        if resource.origin:
            yield Origin("attached", resource.origin, resource.source or "")

    def _origins(self, document: Document, path: tuple[str, ...], value: Any) -> Iterator[Origin]:
        whole = merged(document, self.project.document, self.project.defaults, self.environment)
        effective = self.effective.documents[document.address]
        catalog = self.effective
        found = places(effective, path, value, catalog.documents, catalog.files, self.files)
        for there in found:
            yield from self._layers(document, whole, there)
            written = at(whole.data, there)
            yield from self._parts(whole, there, written)
            yield from self._variables(written)
            if there == ("spec", "model"):
                yield from self._alias(written)

    def _layers(self, document: Document, whole: Document, path: Path) -> Iterator[Origin]:
        """Go through default, manifest and patch, as far as they say something."""
        graft, _ = whole.graft(path)
        kind, below = document.kind.lower(), path[1:]
        default = at(self.project.defaults.get(kind), below) if path[0] == "spec" else None
        if default is not None:
            there = ("spec", "defaults", kind, *below)
            yield Origin("default", self.project.document.position(*there), default)
        own = at(document.data, path)
        if own is not None:
            yield Origin("manifest", document.position(*path), own)
        if graft and graft.what == "patch":
            yield Origin("patch", whole.position(*path), at(whole.data, path))

    def _parts(self, document: Document, path: Path, written: Any) -> Iterator[Origin]:
        """Follow references and files, as far as instructions and tools have them."""
        if isinstance(written, list) and path[-1] == "instructions":
            for index, each in enumerate(written):
                yield from self._parts(document, (*path, index), each)
        if not isinstance(written, Mapping):
            return
        if "ref" in written:
            kind = "tool" if "tools" in path else "instructions"
            yield from self._shared(Address(kind, str(written["ref"])))
        if "file" in written:
            yield from self._file(document, path, written)

    def _shared(self, address: Address) -> Iterator[Origin]:
        shared = self.everything.documents.get(address)
        if shared is None:
            return
        whole = merged(shared, self.project.document, self.project.defaults, self.environment)
        yield Origin("ref", whole.position("metadata", "name"), str(address))
        if "file" in whole.spec:
            yield from self._file(whole, ("spec",), whole.spec)
        yield from self._variables(whole.data["spec"])

    def _file(self, document: Document, path: Path, written: Mapping[str, Any]) -> Iterator[Origin]:
        target = self.files.find(document, (*path, "file"), str(self._filled(written["file"])))
        if isinstance(target, Diagnostic):
            return
        name = self.files.relative(target)
        yield Origin("file", Position(name, 1, 1), f"{target.stat().st_size:,} bytes")
        if not written.get("literal"):
            yield from self._variables(self.files.text(target))

    def _filled(self, text: str) -> Any:
        return fill(text, self.environment.values.scalars)

    def _variables(self, written: Any) -> Iterator[Origin]:
        asked = [name for _, text in texts(written) for name in references(text)]
        for name in dict.fromkeys(asked):
            value = self.environment.values.given.get(name)
            if value:
                yield Origin("variable", value.position, f"{name} from {value.source}")

    def _alias(self, written: Any) -> Iterator[Origin]:
        name = self._filled(str(written))
        if name in self.environment.models:
            path = ("spec", "environments", self.environment.name, "models", name)
            deployment = self.environment.models[name]
            position = self.project.document.position(*path)
            yield Origin("alias", position, f"{name} is {deployment}")


def members(form: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[Any, Any]]:
    """Go through the attributes of a keyed form; those that are opened, member by member."""
    for key, value in form.items():
        here = (*path, key)
        if here[0] in OPENED and isinstance(value, Mapping) and not _is_tool(here):
            yield from members(value, here)
        else:
            yield here, value


def _is_tool(path: tuple[str, ...]) -> bool:
    return path[0] == "tools" and len(path) > 1
