"""Where an export goes: into the project, or into a folder that becomes a project of its own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, error
from provisioner.errors import ManifestError
from provisioner.export.assistants import FOLDER
from provisioner.export.documents import document, manifest
from provisioner.export.files import Attached
from provisioner.export.projects import same_project
from provisioner.export.tools import function_key
from provisioner.export.tree import Tree
from provisioner.kinds import KINDS
from provisioner.manifest.catalog import is_for
from provisioner.manifest.discovery import PROJECT_FILE, is_manifest, manifest_files
from provisioner.manifest.document import Document
from provisioner.manifest.environments import Environment
from provisioner.manifest.modeline import SCHEMA_FILE, modeline, schema_text
from provisioner.manifest.project import Project
from provisioner.operations.reading import STORE
from provisioner.operations.workspace import open_workspace
from provisioner.resource import Resource

STANDING = "standing-in"
"""The folder, in the proof of an export, of what stands for documents of the project."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an export is written into."""

    folder: Path
    project: str
    """The text of the Project with which its manifests are read."""
    inside: bool
    """It becomes part of the present project, beside its state."""
    patterns: tuple[str, ...] = ()
    """Which files the project reads as manifests; none: all."""
    prefix: str = ""
    """The folder's path in the project, with a slash at the end; "" for the project's own."""
    documents: Mapping[Address, Document] = field(default_factory=dict)
    declared: frozenset[Address] = frozenset()
    """Also what isn't for this environment."""
    resources: Mapping[Address, Resource] = field(default_factory=dict)
    tools: Mapping[str, str] = field(default_factory=dict)
    """The names of the Tool documents of this environment, by the keys of their functions."""
    has_schema: bool = True
    """The project has, or gets, the file that the line for editors leads to."""

    def reference(self, id_: str, resource: Resource) -> Attached:
        """Refer to a file of the project from a folder of the export."""
        address = resource.address
        if address in self.documents:
            return Attached(id_, address.name, address)
        path = Path(os.path.relpath(resource.source or "", self.folder)).as_posix()
        return Attached(id_, {"path": f"../{path}"}, address)

    def standing_in(self, attached: Iterable[Attached]) -> Mapping[str, bytes]:
        """Make what stands, in a proof, for the documents and files that an export refers to."""
        made: dict[str, bytes] = {}
        for name in self.tools.values():
            spec = self.documents[Address("tool", name)].spec
            text = manifest(document("Tool", {"name": name}, spec))
            made[f"{STANDING}/tool.{name}.yaml"] = text.encode()
        for each in attached:
            if each.address and not each.source:
                made.update(self._standing_in(each.written, each.address))
        return made

    def _standing_in(self, written: object, address: Address) -> Iterator[tuple[str, bytes]]:
        if isinstance(written, Mapping):
            path = os.path.normpath(f"{self.prefix}{FOLDER}/{written['path']}")
            yield Path(path).as_posix(), b"."
            return
        if address.kind == STORE:
            text = manifest(document("VectorStore", {"name": address.name}, {}))
            yield f"{STANDING}/{address}.yaml", text.encode()
            return
        spec = {"path": f"{address}.txt"}
        text = manifest(document("File", {"name": address.name}, spec))
        yield f"{STANDING}/{address}.yaml", text.encode()
        yield f"{STANDING}/{address}.txt", b"."

    def texts(self, tree: Tree) -> Mapping[str, bytes]:
        """Give every file that is written; to a project of its own belong two more, at the end."""
        files = tree.for_editors(self.prefix) if self.has_schema else tree.files
        if self.inside or not files:
            return files
        project = modeline(self.folder, self.folder / PROJECT_FILE) + self.project
        return {**files, SCHEMA_FILE: schema_text().encode(), PROJECT_FILE: project.encode()}

    def refuse(self, names: Iterable[str]) -> None:
        """Refuse manifests, by their paths in the folder, that would not be read there."""
        problems = list(self._unread(names) if self.inside else self._joining())
        if problems:
            raise ManifestError(*problems)

    def _unread(self, names: Iterable[str]) -> Iterator[Diagnostic]:
        for name in names:
            path = f"{self.prefix}{name}"
            if name.endswith(".yaml") and not is_manifest(path, self.patterns):
                yield error(
                    "M756",
                    "Manifest would not be read",
                    f"`manifests` of {PROJECT_FILE} matches no {path}. Add a pattern for it, or"
                    " export into another folder.",
                )

    def _joining(self) -> Iterator[Diagnostic]:
        standing = manifest_files(self.folder) if self.folder.is_dir() else []
        names = [each for each in standing if each != PROJECT_FILE]
        if names:
            yield error(
                "M757",
                "Folder holds manifests already",
                f"{', '.join(names[:5])} in {self.folder} would become part of the exported"
                " project. Choose an empty folder with --out.",
            )


def surroundings(
    project: Project, environment: Environment, out: Path | None, *, declare: bool
) -> Surroundings:
    """Tell where an export goes; `declare`: it has to become part of the project.

    Raises ManifestError where that can't be, and for broken manifests where they have to be read.
    """
    root = project.folder.resolve()
    folder = Path(os.path.realpath(out)) if out else root
    if folder != root and not declare:
        return Surroundings(folder, same_project(project, defaults=False), inside=False)
    if declare:
        _refuse_elsewhere(root, folder)
    relative = folder.relative_to(root).as_posix()
    workspace = open_workspace(root, environment.name, project.inputs)
    return Surroundings(
        folder,
        same_project(project, defaults=True),
        inside=True,
        patterns=tuple(project.document.spec.get("manifests", ())),
        prefix="" if relative == "." else f"{relative}/",
        documents=workspace.written.documents,
        declared=workspace.written.declared | frozenset(workspace.resources),
        resources=workspace.resources,
        tools=_tools(workspace.effective.documents, environment.name),
        has_schema=(root / SCHEMA_FILE).is_file(),
    )


def _tools(documents: Mapping[Address, Document], environment: str) -> dict[str, str]:
    """List the Tool documents, each by what its function is in the normal form."""
    found: dict[str, str] = {}
    for address, each in sorted(documents.items()):
        if address.kind == "tool" and is_for(each, environment):
            form = KINDS["assistant"].normal_form({"tools": [each.spec]})
            found.setdefault(function_key(form["tools"][0]["function"]), address.name)
    return found


def _refuse_elsewhere(root: Path, folder: Path) -> None:
    """Refuse a folder whose manifests this project doesn't read."""
    inside = folder.is_relative_to(root)
    relative = folder.relative_to(root) if inside else Path()
    hidden = any(part.startswith(".") for part in relative.parts)
    between = [folder, *folder.parents][: len(relative.parts)]
    if inside and not hidden and not any((each / PROJECT_FILE).exists() for each in between):
        return
    raise ManifestError(
        error(
            "P042",
            "Imported objects must be declared in this project",
            f"Manifests in {folder} are none of the project in {root}, and the next apply would"
            " delete what is recorded and not declared. Leave --out out, or name a folder of the"
            " project that neither begins with a dot nor holds a provisioner.yaml.",
        )
    )
