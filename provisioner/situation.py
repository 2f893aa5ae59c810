"""The situation that a plan is made of: what is declared, recorded and live."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from provisioner.address import Address
from provisioner.kinds import KINDS, Kind
from provisioner.lost_create import LostCreate
from provisioner.refactoring import UNCHANGED, Import, Refactoring, move
from provisioner.resource import Attributes, Owner, RemoteObject, Resource, ResourceState


@dataclass(frozen=True)
class Situation:
    """All that a plan is made of."""

    uid: str
    environment: str
    desired: Mapping[Address, Resource]
    recorded: Mapping[Address, ResourceState]
    live: Mapping[str, RemoteObject]
    """By id. Recorded objects that are missing here are known to be gone."""
    refactoring: Refactoring = UNCHANGED
    previous: Mapping[Address, Address] = field(default_factory=dict)
    """Where the state has what is recorded here, for each address that `moved` has renamed."""
    lost_creates: tuple[LostCreate, ...] = ()
    """Whose objects may still arrive, although others stand in their place."""
    late_files: Mapping[str, LostCreate] = field(default_factory=dict)
    """Files that are proved to have come of such creates, by id."""

    @cached_property
    def tagged(self) -> Mapping[Address, list[RemoteObject]]:
        """The live objects that carry this project's and environment's tag, by address.

        A tag of an address that was renamed counts for the new one.
        """
        found: dict[Address, list[RemoteObject]] = defaultdict(list)
        for each in self.live.values():
            if each.owner and self.is_ours(each.owner):
                tagged = each.owner.address
                found[self.refactoring.destinations.get(tagged, tagged)].append(each)
        return found

    @cached_property
    def imports(self) -> Mapping[Address, Import]:
        """What is to be taken over in this environment."""
        wanted = self.refactoring.imports_for(self.environment)
        return {each.address: each for each in wanted}

    @cached_property
    def referrers(self) -> Mapping[str, list[RemoteObject]]:
        """The live objects that refer to an id."""
        found: dict[str, list[RemoteObject]] = defaultdict(list)
        for each in self.live.values():
            for id_ in referred(each):
                found[id_].append(each)
        return found

    @cached_property
    def dependents(self) -> Mapping[Address, tuple[Address, ...]]:
        """Whatever depends on an address now, or will when all that is declared is in place."""
        found: dict[Address, set[Address]] = defaultdict(set)
        for address, resource in self.desired.items():
            for each in resource.depends_on:
                found[each].add(address)
        for address, state in self.recorded.items():
            for each in state.depends_on:
                found[each].add(address)
        return {address: tuple(sorted(each)) for address, each in found.items()}

    @cached_property
    def named(self) -> Mapping[tuple[str, object], list[RemoteObject]]:
        """The live objects without any tag, by kind and shown name."""
        found: dict[tuple[str, object], list[RemoteObject]] = defaultdict(list)
        for each in self.live.values():
            if each.owner is None and each.attributes.get("name"):
                found[each.kind, each.attributes["name"]].append(each)
        return found

    @cached_property
    def lost(self) -> Mapping[str, Address]:
        """The recorded objects that are gone, by their ids."""
        states = self.recorded.items()
        return {each.id: address for address, each in states if each.id not in self.live}

    @cached_property
    def recorded_ids(self) -> frozenset[str]:
        """Every id that is recorded, replaced predecessors included."""
        states = self.recorded.values()
        return frozenset(id_ for state in states for id_ in (state.id, *state.deposed))

    @cached_property
    def late(self) -> Mapping[str, Address]:
        """The objects of lost creates in whose place others stand or nothing is wanted, by id.

        What is the only one at an address that is declared, and isn't recorded, is not late.
        """
        found = {
            id_: self.refactoring.destinations.get(each.address, each.address)
            for id_, each in self.late_files.items()
        }
        imported = {each.id for each in self.imports.values()}
        for address, tagged in self.tagged.items() if self.lost_creates else ():
            free = [each for each in tagged if each.id not in self.recorded_ids]
            own = [each for each in free if self._is_lost(each, tagged) and each.id not in imported]
            own.sort(key=lambda each: (each.created_at, each.id))
            adopts = address in self.desired and address not in self.recorded
            first = 1 if adopts and len(own) == len(free) else 0
            found.update({each.id: address for each in own[first:]})
        return found

    def _is_lost(self, live: RemoteObject, others: Iterable[RemoteObject]) -> bool:
        """Say whether an object is what a lost create has made, and no copy of that.

        A lost create was sent once, and its operation id with it: one object has it at most.
        """
        operation = live.owner.operation if live.owner else None
        alike = [each for each in others if each.owner and each.owner.operation == operation]
        return len(alike) == 1 and any(
            each.operation_id == operation
            and each.address.kind == live.kind
            and each.may_have_made(live.created_at)
            for each in self.lost_creates
        )

    @cached_property
    def known_ids(self) -> frozenset[str]:
        """Every id that is recorded, and of everything that is late."""
        return self.recorded_ids | self.late.keys()

    def unrecorded(self, address: Address) -> list[RemoteObject]:
        """List the live objects with the tag of an address that nothing accounts for."""
        tagged = self.tagged.get(address, ())
        return [each for each in tagged if each.id not in self.known_ids]

    def is_ours(self, owner: Owner) -> bool:
        """Say whether a tag is of this project and environment."""
        return (owner.uid, owner.environment) == (self.uid, self.environment)


def relocated(situation: Situation) -> Situation:
    """Let what is recorded stand where `moved` says; what is recorded there already stays there."""
    recorded, previous = dict(situation.recorded), {}
    for origin, target in situation.refactoring.destinations.items():
        if origin in recorded and target not in recorded:
            move(recorded, origin, target)
            previous[target] = origin
    return replace(situation, recorded=recorded, previous=previous)


def referred(live: RemoteObject) -> Iterator[str]:
    """Go through the ids that a live object refers to, or is about to."""
    yield from map(str, KINDS[live.kind].references(live.attributes))
    yield from live.taking_in


def live_form(kind: Kind, live: RemoteObject, state: ResourceState | None) -> Attributes:
    """Bring a live object into the form in which it is compared.

    What the service doesn't give back is taken as recorded; what it filled in by itself, and still
    holds, is left out.
    """
    form = dict(kind.normal_form(live.attributes))
    if state is None:
        return form
    for key in kind.unreadable:
        if key not in form and key in state.attributes:
            form[key] = state.attributes[key]
    for key, value in state.filled.items():
        if form.get(key) == value:
            del form[key]
    return form


def keep(kind: Kind, form: Attributes, live: Attributes, paths: Iterable[str]) -> Attributes:
    """Put the live values at dotted paths in the place of the form's own."""
    if not paths:
        return form
    mine, theirs = kind.keyed_form(form), kind.keyed_form(live)
    for path in paths:
        mine = _keep(mine, theirs, path)
    return kind.unkeyed_form(mine)


def _keep(form: Attributes, live: Attributes, path: str) -> Attributes:
    """Take the longest key that the path begins with: keys may have dots of their own."""
    keys = [key for key in (*form, *live) if path == key or path.startswith(f"{key}.")]
    if not keys:
        return form
    key = max(keys, key=len)
    rest = path[len(key) + 1 :]
    mine, theirs = form.get(key), live.get(key)
    kept: Any = theirs
    if rest and not (_is_map(mine) and _is_map(theirs)):
        return form
    if rest:
        kept = _keep(mine or {}, theirs or {}, rest)
    others = {each: value for each, value in form.items() if each != key}
    return others if kept is None else {**others, key: kept}


def _is_map(value: Any) -> bool:
    return value is None or isinstance(value, Mapping)
