"""Exporting: what is live written as manifests and files that plan empty."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, warning
from provisioner.errors import ManifestError
from provisioner.events import Event, Succeeded
from provisioner.export.assistants import Wording, file_ids
from provisioner.export.files import Attached
from provisioner.export.matching import match
from provisioner.export.selection import Found, Ownership, select, tell_owners
from provisioner.export.tree import Tree, name_subjects
from provisioner.manifest.discovery import PROJECT_FILE
from provisioner.manifest.environments import Environment
from provisioner.manifest.inputs import Inputs
from provisioner.manifest.project import Project
from provisioner.manifest.values import missing
from provisioner.operations.attaching import Attaching
from provisioner.operations.connection import connected
from provisioner.operations.current_state import current_state
from provisioner.operations.finishing import Site, Telling, Unfinished, finish
from provisioner.operations.observing import Waiting, observe
from provisioner.operations.placing import place
from provisioner.operations.proving import Proof, proved
from provisioner.operations.surroundings import Surroundings, surroundings
from provisioner.operations.taking_over import refuse_foreign
from provisioner.operations.veiling import veiled
from provisioner.operations.workspace import open_project
from provisioner.resource import RemoteObject, Resource, ResourceState
from provisioner.state.local import LocalState
from provisioner.state.lock import locked


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What an export is asked for."""

    out: Path | None = None
    foreign: bool = False
    """Also objects that carry no tag."""
    take_over: bool = False
    targets: tuple[str, ...] = ()
    """Addresses, or ids of live assistants; none: everything that is ours."""


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export came to."""

    files: tuple[Path, ...]
    notes: tuple[str, ...] = ()
    """What was left out or can't be had, a sentence each."""
    warnings: tuple[Diagnostic, ...] = ()
    events: tuple[Event, ...] = ()
    """What was taken over, and what failed."""


def export_live(
    start: Path,
    environment: str | None,
    inputs: Inputs,
    request: ExportRequest,
    tell: Telling = lambda _event: None,
    waiting: Waiting = lambda _intents, _seconds: None,
) -> Exported:
    """Write what is live; with `take_over` also make it this project's and environment's.

    Nothing is written unless everything can be, and nothing live is touched before that.
    """
    project, chosen = open_project(start, environment, inputs)
    absent = tuple(missing(project.document, chosen.name, chosen.values))
    if absent:
        raise ManifestError(*absent)
    with connected(project, chosen) as connection, _lock(project, chosen, request):
        target = surroundings(project, chosen, request.out, declare=request.take_over)
        recorded = LocalState(project.state_folder(chosen.name)).read()
        state = current_state(project, chosen, recorded, connection.service)
        states, pending = state.resources.values(), recorded.pending
        provider = veiled(connection.provider, chosen, states, pending, target.resources)
        connection = replace(connection, provider=provider)  # noqa: PLW2901 — the same, veiled
        observation = observe(provider, recorded, state, {}, waiting)
        site = Site(project, chosen, connection, recorded, observation)
        return _Exporting(site, request, target).run(tell)


def _lock(
    project: Project, environment: Environment, request: ExportRequest
) -> AbstractContextManager[None]:
    if not request.take_over:
        return nullcontext()
    return locked(project.state_folder(environment.name), "export --import", 0)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What is to be done, before anything of it is done."""

    tree: Tree
    warnings: Sequence[Diagnostic]
    new: Sequence[Found]
    """What the tree is made of, and what could not be written."""
    finished: Mapping[Address, Found]
    """What carries no tag, and is declared already."""
    files: Mapping[Address, RemoteObject]
    """The live files that are, or will be, the project's own."""


@dataclass
class _Exporting:
    """One export; lives no longer than that."""

    site: Site
    request: ExportRequest
    target: Surroundings
    notes: list[str] = field(default_factory=list)

    def run(self, tell: Telling) -> Exported:
        prepared = self._prepare(self._select())
        self.target.refuse(prepared.tree.files)
        written = tuple(place(self.target.folder, self._texts(prepared.tree)))
        events = []
        for each in self._finish(prepared, written) if self.request.take_over else ():
            tell(each)
            events.append(each)
        warnings = (*prepared.warnings, *_not_managed(self._left(prepared, events)))
        return Exported(written, tuple(self.notes), warnings, tuple(events))

    def _prepare(self, selected: Sequence[Found]) -> _Prepared:
        files = self._live_files(selected)
        new, finished = self._undeclared(selected, files)
        if self.request.take_over:
            refuse_foreign(self.site.project, self.site.environment, _foreign(new))
        held = [*new, *(finished.values() if self.request.take_over else ())]
        words = Wording.of(self.site.environment, self.site.project.environments)
        attached = self._attach(held, files, words.only)
        tree, warnings = self._build(new, replace(words, files=attached, tools=self.target.tools))
        own = {
            each.address: files[id_]
            for id_, each in attached.items()
            if each.address and id_ in files
        }
        return _Prepared(tree, warnings, new, finished, own)

    def _finish(self, prepared: _Prepared, written: tuple[Path, ...]) -> Iterator[Event]:
        live = {each.id: each for each in _foreign(prepared.new)}
        subjects = prepared.tree.subjects.items()
        unfinished = Unfinished(
            {address: live[each.id] for address, each in subjects if each.id in live},
            {address: each.live for address, each in prepared.finished.items()},
            prepared.files,
            written,
        )
        return finish(self.site, unfinished, self.notes)

    @property
    def _recorded(self) -> Mapping[Address, ResourceState]:
        return self.site.observation.state.resources

    @property
    def _ownership(self) -> Ownership:
        return Ownership(self.site.project.uid, self.site.environment.name, self._recorded)

    def _select(self) -> list[Found]:
        live = self.site.observation.live.values()
        found = tell_owners((each for each in live if each.kind == "assistant"), self._ownership)
        selected, left_out = select(found, self.request.targets, foreign=self.request.foreign)
        self.notes.extend(left_out)
        return selected

    def _live_files(self, selected: Iterable[Found]) -> Mapping[str, RemoteObject]:
        if not any(file_ids(each.live.attributes) for each in selected):
            return {}
        return {each.id: each for each in self.site.connection.provider.list("file")}

    def _undeclared(
        self, selected: Sequence[Found], files: Mapping[str, RemoteObject]
    ) -> tuple[list[Found], dict[Address, Found]]:
        """Split what is to be written from what is declared already: ours, and what is alike."""
        untagged = [each.live for each in selected if not each.address and not each.theirs]
        same = match(untagged, self._waiting(), files, self.target.resources)
        new: list[Found] = []
        finished: dict[Address, Found] = {}
        for each in selected:
            address = each.address or same.get(each.live.id)
            if address is None or address not in self.target.declared:
                new.append(each)
                continue
            self.notes.append(f"{each.live.id} is declared already{self._place(address)}.")
            if each.live.owner is None:
                finished[address] = each
        return new, finished

    def _waiting(self) -> list[Resource]:
        """List the declared assistants at whose addresses nothing stands yet."""
        ours = filter(self._ownership.owns, self.site.observation.live.values())
        standing = self._recorded.keys() | {each.owner.address for each in ours if each.owner}
        resources = self.target.resources.items()
        return [each for key, each in resources if key.kind == "assistant" and key not in standing]

    def _place(self, address: Address) -> str:
        document = self.target.documents.get(address)
        return f", as {address} at {document.position('metadata', 'name')}" if document else ""

    def _attach(
        self,
        held: Iterable[Found],
        files: Mapping[str, RemoteObject],
        environments: tuple[str, ...],
    ) -> Mapping[str, Attached]:
        attaching = Attaching(
            self.site.connection.provider,
            self.target,
            self._recorded,
            files,
            self.request.take_over,
            environments,
            self.notes,
        )
        return attaching.attach(id_ for each in held for id_ in file_ids(each.live.attributes))

    def _build(self, new: Iterable[Found], words: Wording) -> tuple[Tree, Sequence[Diagnostic]]:
        attached = words.files.values()
        proof = Proof(
            self.target.project,
            self.site.environment.name,
            self.target.prefix,
            {each.address: each.id for each in attached if each.address},
            self.site.project.inputs,
            self.target.standing_in(attached),
        )
        taken = self.target.declared | self._recorded.keys()
        subjects = name_subjects(new, taken, recorded=self.target.inside)
        return proved(subjects, words, taken, proof, strict=True)

    def _texts(self, tree: Tree) -> Mapping[str, bytes]:
        """Add the Project, as the last, where the export is a project of its own."""
        if self.target.inside or not tree.files:
            return tree.files
        return {**tree.files, PROJECT_FILE: self.target.project.encode()}

    def _left(self, prepared: _Prepared, events: Iterable[Event]) -> Mapping[Address, str]:
        """Find the ids of what is declared by now, and which the next plan won't know."""
        known = {each.live.id for each in prepared.new if self._is_known(each)}
        known |= {each.id or "" for each in events if isinstance(each, Succeeded)}
        before = {key: each.live.id for key, each in prepared.finished.items() if not each.address}
        written = {key: each.id for key, each in prepared.tree.subjects.items()}
        return {key: id_ for key, id_ in {**before, **written}.items() if id_ not in known}

    def _is_known(self, found: Found) -> bool:
        """Say whether the next plan will find the object: by the state, or by its tag."""
        owner = found.live.owner
        tagged = owner is not None and owner.address == found.address
        return found.address is not None and (self.target.inside or tagged)


def _foreign(found: Iterable[Found]) -> list[RemoteObject]:
    return [each.live for each in found if each.address is None]


def _not_managed(left: Mapping[Address, str]) -> list[Diagnostic]:
    names = ", ".join(f"{address} ({id_})" for address, id_ in sorted(left.items()))
    if not names:
        return []
    return [
        warning(
            "P043",
            "Exported objects are not managed yet",
            f"{names}: the next apply would create another of each. Export into the project with"
            " --import to take them over.",
        )
    ]
