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
from provisioner.export.files import Attached
from provisioner.export.references import file_ids
from provisioner.export.selection import Found
from provisioner.export.subjects import Wording
from provisioner.export.tree import Tree, name_subjects
from provisioner.manifest.environments import Environment
from provisioner.manifest.inputs import Inputs
from provisioner.manifest.project import Project
from provisioner.manifest.values import missing
from provisioner.operations.attaching import Attaching
from provisioner.operations.choosing import Choosing, Chosen
from provisioner.operations.connection import connected
from provisioner.operations.current_state import current_state
from provisioner.operations.finishing import Site, Telling, Unfinished, finish
from provisioner.operations.keeping import kept_state, locked
from provisioner.operations.observing import Waiting, observe
from provisioner.operations.placing import place
from provisioner.operations.proving import Proof, proved
from provisioner.operations.reading import STORE
from provisioner.operations.surroundings import Surroundings, surroundings
from provisioner.operations.taking_over import refuse_foreign
from provisioner.operations.veiling import veiled
from provisioner.operations.workspace import open_project
from provisioner.resource import RemoteObject, ResourceState
from provisioner.state.storage import Held


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """What an export is asked for."""

    out: Path | None = None
    foreign: bool = False
    """Also objects that carry no tag."""
    take_over: bool = False
    targets: tuple[str, ...] = ()
    """Addresses, or ids of live objects; none: everything that is ours."""
    lock_timeout: float = 0.0
    """So many seconds the lock is waited for, by what takes over."""


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
    held: Held = lambda _holder, _seconds: None,
) -> Exported:
    """Write what is live; with `take_over` also make it this project's and environment's.

    Nothing is written unless everything can be, and nothing live is touched before that.
    """
    project, chosen = open_project(start, environment, inputs)
    absent = tuple(missing(project.document, chosen.name, chosen.values))
    if absent:
        raise ManifestError(*absent)
    with connected(project, chosen) as connection, _lock(project, chosen, request, held):
        target = surroundings(project, chosen, request.out, declare=request.take_over)
        recorded = kept_state(project, chosen).read()
        state = current_state(project, chosen, recorded, connection.service)
        states, pending = state.resources.values(), recorded.pending
        provider = veiled(connection.provider, chosen, states, pending, target.resources)
        connection = replace(connection, provider=provider)  # noqa: PLW2901 — the same, veiled
        observation = observe(provider, recorded, state, {}, waiting, also=provider.kinds & {STORE})
        site = Site(project, chosen, connection, recorded, observation)
        return _Exporting(site, request, target).run(tell)


def _lock(
    project: Project, environment: Environment, request: ExportRequest, held: Held
) -> AbstractContextManager[None]:
    if not request.take_over:
        return nullcontext()
    return locked(project, environment, "export --import", request.lock_timeout, held)


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What is to be done, before anything of it is done."""

    tree: Tree
    warnings: Sequence[Diagnostic]
    chosen: Chosen
    """What the tree is made of, and what could not be written."""
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
        prepared = self._prepare()
        self.target.refuse(prepared.tree.files)
        written = tuple(place(self.target.folder, self.target.texts(prepared.tree)))
        events = []
        for each in self._finish(prepared, written) if self.request.take_over else ():
            tell(each)
            events.append(each)
        warnings = (*prepared.warnings, *_not_managed(self._left(prepared, events)))
        return Exported(written, tuple(self.notes), warnings, tuple(events))

    def _prepare(self) -> _Prepared:
        choosing = Choosing(self.site, self.target, self.request.take_over, self.notes)
        chosen = choosing.choose(self.request.targets, foreign=self.request.foreign)
        if self.request.take_over:
            refuse_foreign(self.site.project, self.site.environment, _foreign(chosen.new))
        words = Wording.of(self.site.environment, self.site.project.environments)
        files = self._attach(chosen, words.only)
        words = replace(words, files=files, stores=chosen.stores, tools=self.target.tools)
        if self.target.inside:
            words = replace(words, defaults=self.site.project.defaults.get("assistant", {}))
        tree, warnings = self._build(chosen, words)
        own = {
            each.address: chosen.files[id_]
            for id_, each in files.items()
            if each.address and id_ in chosen.files
        }
        return _Prepared(tree, warnings, chosen, own)

    def _finish(self, prepared: _Prepared, written: tuple[Path, ...]) -> Iterator[Event]:
        live = {each.id: each for each in _foreign(prepared.chosen.new)}
        subjects = prepared.tree.subjects.items()
        unfinished = Unfinished(
            {address: live[each.id] for address, each in subjects if each.id in live},
            {address: each.live for address, each in prepared.chosen.finished.items()},
            prepared.files,
            written,
        )
        return finish(self.site, unfinished, self.notes)

    @property
    def _recorded(self) -> Mapping[Address, ResourceState]:
        return self.site.observation.state.resources

    def _attach(self, chosen: Chosen, environments: tuple[str, ...]) -> Mapping[str, Attached]:
        finished = chosen.finished.values() if self.request.take_over else ()
        held = [each.live for each in (*chosen.new, *finished)]
        attaching = Attaching(
            self.site.connection.provider,
            self.target,
            self._recorded,
            chosen.files,
            self.request.take_over,
            environments,
            frozenset(
                id_ for each in held if each.kind == STORE for id_ in file_ids(each.attributes)
            ),
            self.notes,
        )
        return attaching.attach(id_ for each in held for id_ in file_ids(each.attributes))

    def _build(self, chosen: Chosen, words: Wording) -> tuple[Tree, Sequence[Diagnostic]]:
        taken = self.target.declared | self._recorded.keys()
        subjects = name_subjects(chosen.new, taken, recorded=self.target.inside, known=chosen.known)
        attached = [*words.files.values(), *words.stores.values()]
        proof = Proof(
            self.target.project,
            self.site.environment.name,
            self.target.prefix,
            {
                **{each.address: each.id for each in attached if each.address},
                **{each.address: each.id for each in subjects},
            },
            self.site.project.inputs,
            self.target.standing_in(attached),
        )
        return proved(subjects, words, taken, proof, strict=True)

    def _left(self, prepared: _Prepared, events: Iterable[Event]) -> Mapping[Address, str]:
        """Find the ids of what is declared by now, and which the next plan won't know."""
        finished = prepared.chosen.finished.items()
        before = {key: each.live.id for key, each in finished if not each.address}
        if self.request.take_over:
            done = {each.live.id for each in prepared.chosen.new if each.address}
            done |= {each.id or "" for each in events if isinstance(each, Succeeded)}
        else:
            done = set(prepared.chosen.known)
        written = {key: each.id for key, each in prepared.tree.subjects.items()}
        return {key: id_ for key, id_ in {**before, **written}.items() if id_ not in done}


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
