"""What an export writes: chosen among what is live, and not declared already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from provisioner.address import Address
from provisioner.export.files import Attached, unmanaged
from provisioner.export.matching import match
from provisioner.export.references import file_ids, searched
from provisioner.export.selection import Found, Ownership, select, tell_owners
from provisioner.export.stores import unfit
from provisioner.operations.finishing import Site
from provisioner.operations.reading import STORE, completed
from provisioner.operations.surroundings import Surroundings
from provisioner.resource import RemoteObject, Resource


@dataclass(frozen=True, slots=True)
class Chosen:
    """What an export is about."""

    new: Sequence[Found]
    """What is to be written, vector stores first."""
    finished: Mapping[Address, Found]
    """What carries no tag, and is declared already."""
    files: Mapping[str, RemoteObject]
    """The live files, by id, if anything that was chosen holds any."""
    stores: Mapping[str, Attached]
    """What a manifest writes for the vector stores that aren't written themselves, by id."""
    known: frozenset[str]
    """The ids of what the next plan will know."""


@dataclass
class Choosing:
    """The choice of one export; lives no longer than that."""

    site: Site
    target: Surroundings
    take_over: bool
    notes: list[str]

    def choose(self, targets: Sequence[str], *, foreign: bool) -> Chosen:
        """Choose what is ours, foreign or named, and the stores that its assistants search."""
        selected, left_out = select(self._found, targets, foreign=foreign)
        self.notes.extend(left_out)
        wanted = self._whole(selected)
        files = self._files(wanted)
        same = self._same(wanted, files)
        assistants, done = self._undeclared(_of("assistant", wanted), same)
        ids = {each.live.id for each in selected} | self._drawn_in(assistants, done, same)
        stores, filled = self._undeclared(
            (each for each in _of(STORE, wanted) if each.live.id in ids), same
        )
        stores = [each for each in stores if self._is_fit(each)]
        new, finished = [*stores, *assistants], {**filled, **done}
        known = frozenset(each.live.id for each in new if self.is_known(each))
        references = self._references(assistants, stores, finished)
        return Chosen(new, finished, files, references, known)

    def is_known(self, found: Found) -> bool:
        """Say whether the next plan will find the object: by the state, or by its tag."""
        owner = found.live.owner
        tagged = owner is not None and owner.address == found.address
        return self.take_over or (found.address is not None and (self.target.inside or tagged))

    @cached_property
    def _ownership(self) -> Ownership:
        recorded = self.site.observation.state.resources
        return Ownership(self.site.project.uid, self.site.environment.name, recorded)

    @cached_property
    def _found(self) -> list[Found]:
        live = self.site.observation.live.values()
        return tell_owners((each for each in live if each.kind != "file"), self._ownership)

    def _whole(self, selected: Iterable[Found]) -> list[Found]:
        """Add the stores that are searched, and read what is in those that observing hasn't."""
        selected = list(selected)
        ids = {each.live.id for each in selected}
        used = searched(each.live for each in selected)
        others = (each for each in self._found if each.live.id in used - ids and not each.theirs)
        wanted = {each.live.id: each for each in (*selected, *others)}
        unread = [
            each.live for each in wanted.values() if not each.address and not unfit(each.live)
        ]
        live = {id_: each.live for id_, each in wanted.items()}
        whole = completed(self.site.connection.provider, live, unread)
        return [replace(wanted[id_], live=each) for id_, each in whole.items()]

    def _files(self, wanted: Iterable[Found]) -> Mapping[str, RemoteObject]:
        if not any(file_ids(each.live.attributes) for each in wanted):
            return {}
        return {each.id: each for each in self.site.connection.provider.list("file")}

    def _same(
        self, wanted: Iterable[Found], files: Mapping[str, RemoteObject]
    ) -> Mapping[str, Address]:
        untagged = [each.live for each in wanted if not each.address and not each.theirs]
        stores = {
            address: each.id
            for address, each in self._ownership.recorded.items()
            if address.kind == STORE
        }
        return match(untagged, self._waiting(), files, self.target.resources, stores)

    def _waiting(self) -> list[Resource]:
        """List what is declared where nothing stands yet."""
        ours = filter(self._ownership.owns, self.site.observation.live.values())
        standing = self._ownership.recorded.keys() | {
            each.owner.address for each in ours if each.owner
        }
        return [each for key, each in self.target.resources.items() if key not in standing]

    def _undeclared(
        self, wanted: Iterable[Found], same: Mapping[str, Address]
    ) -> tuple[list[Found], dict[Address, Found]]:
        """Split what is to be written from what is declared already: ours, and what is alike."""
        new: list[Found] = []
        finished: dict[Address, Found] = {}
        for each in wanted:
            address = each.address or same.get(each.live.id)
            if address is None or address not in self.target.declared:
                new.append(each)
                continue
            self.notes.append(f"{each.live.id} is declared already{self._place(address)}.")
            if each.live.owner is None:
                finished[address] = each
        return new, finished

    def _place(self, address: Address) -> str:
        document = self.target.documents.get(address)
        return f", as {address} at {document.position('metadata', 'name')}" if document else ""

    def _drawn_in(
        self, new: Iterable[Found], done: Mapping[Address, Found], same: Mapping[str, Address]
    ) -> set[str]:
        """Tell which stores come with the assistants that search them.

        One that the next plan won't know doesn't come with an assistant that it will know: the plan
        would make another store for it.
        """
        known = {each.live.id for each in self._found if self.is_known(each)}
        ours = searched(each.live for each in new if self.is_known(each))
        theirs = searched(each.live for each in new if not self.is_known(each))
        return (ours & known) | theirs | (searched(e.live for e in done.values()) & same.keys())

    def _is_fit(self, store: Found) -> bool:
        why = unfit(store.live)
        if why:
            self.notes.append(f"{_shown(store.live)} is left out: {why}.")
        return not why

    def _references(
        self,
        assistants: Iterable[Found],
        stores: Iterable[Found],
        finished: Mapping[Address, Found],
    ) -> Mapping[str, Attached]:
        """Find what a manifest writes for the stores that it can't name by their new documents."""
        fresh = {each.live.id for each in stores}
        known = {each.live.id for each in stores if self.is_known(each)}
        others = searched(each.live for each in assistants) - fresh
        others |= searched(each.live for each in assistants if self.is_known(each)) - known
        here = {each.id: address for address, each in self._ownership.recorded.items()}
        if self.take_over:
            here |= {each.live.id: address for address, each in finished.items()}
        return {id_: self._reference(id_, here.get(id_)) for id_ in sorted(others)}

    def _reference(self, id_: str, address: Address | None) -> Attached:
        if address and address in self.target.resources:
            return Attached(id_, address.name, address)
        found = next((each for each in self._found if each.live.id == id_), None)
        live = found.live if found else None
        self.notes.append(f"{_shown(live) if live else id_} stays a live id: {_why(found)}.")
        return unmanaged(id_, live.attributes.get("name") if live else None)


def _of(kind: str, found: Iterable[Found]) -> list[Found]:
    return [each for each in found if each.live.kind == kind]


def _shown(live: RemoteObject) -> str:
    return f"{live.id} ({live.attributes.get('name') or 'without a name'!r})"


def _why(found: Found | None) -> str:
    """Say why a store that is searched isn't declared."""
    if found is None:
        return "the service doesn't show it"
    if found.theirs:
        return f"project {found.theirs.uid}, environment {found.theirs.environment}, owns it"
    return unfit(found.live) or "with --import it would become the project's own"
