"""Which live objects are exported: ours, foreign ones, or the ones that are named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from provisioner.address import Address
from provisioner.diagnostics import error
from provisioner.errors import PlanError
from provisioner.manifest.suggestions import did_you_mean
from provisioner.resource import Owner, RemoteObject, ResourceState


@dataclass(frozen=True, slots=True)
class Found:
    """A live assistant or vector store, and whose it is."""

    live: RemoteObject
    address: Address | None = None
    """Where it stands in this project; None: it isn't ours, or can't be told to be."""
    state: ResourceState | None = None
    """What is recorded of it."""

    @property
    def theirs(self) -> Owner | None:
        """The other owner whose tag it carries, which may be a copy of ours."""
        return self.live.owner if self.address is None else None


@dataclass(frozen=True, slots=True)
class Ownership:
    """What tells which objects are this project's and environment's."""

    uid: str
    environment: str
    recorded: Mapping[Address, ResourceState]

    def owns(self, live: RemoteObject) -> bool:
        """Say whether an object carries the tag of this project and environment."""
        owner, ours = live.owner, (self.uid, self.environment)
        return owner is not None and (owner.uid, owner.environment) == ours


def tell_owners(objects: Iterable[RemoteObject], ownership: Ownership) -> list[Found]:
    """Tell of every live object whose it is; the oldest come first.

    The recorded one is ours; of those that aren't recorded, the only one with the tag of an
    address at which nothing is recorded.
    """
    found = sorted(objects, key=lambda each: (each.created_at, each.id))
    recorded = {each.id: each for each in ownership.recorded.values()}
    tagged = Counter(each.owner.address for each in found if each.owner and ownership.owns(each))
    return [_found(each, recorded.get(each.id), tagged, ownership) for each in found]


def _found(
    live: RemoteObject,
    state: ResourceState | None,
    tagged: Mapping[Address, int],
    ownership: Ownership,
) -> Found:
    ours = ownership.owns(live)
    if state and (live.owner is None or ours):
        return Found(live, state.address, state)
    address = live.owner.address if live.owner and ours else None
    if address and tagged[address] == 1 and address not in ownership.recorded:
        return Found(live, address if address.kind == live.kind else None)
    return Found(live)


def select(
    found: Sequence[Found], targets: Sequence[str], *, foreign: bool
) -> tuple[list[Found], list[str]]:
    """Choose what is exported; tell what is left out because it is somebody else's.

    Raises PlanError for targets that nothing live answers to.
    """
    if targets:
        _refuse_unknown(found, targets)
        return [each for each in found if _names(each) & set(targets)], []
    ours = [each for each in found if each.address or (foreign and not each.theirs)]
    return ours, list(_left_out(found)) if foreign else []


def _refuse_unknown(found: Sequence[Found], targets: Sequence[str]) -> None:
    known = {name for each in found for name in _names(each)}
    problems = [
        error(
            "P040",
            "Nothing live to export there",
            f"No live assistant or vector store is {each!r}.{did_you_mean(each, known)} Name an"
            " address of this project, or an id; files come with what attaches them.",
        )
        for each in targets
        if each not in known
    ]
    if problems:
        raise PlanError(*problems)


def _names(found: Found) -> set[str]:
    return {found.live.id, *([str(found.address)] if found.address else [])}


def _left_out(found: Iterable[Found]) -> Iterator[str]:
    for each in found:
        owner = each.theirs
        if owner:
            yield (
                f"{each.live.id} is left out: its ownership tag says project {owner.uid},"
                f" environment {owner.environment}, {owner.address}."
                f" Name it with --target {each.live.id} to write it all the same."
            )
