"""Importing: which live object an import takes over, and why it may not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, error, warning
from provisioner.kinds import KINDS
from provisioner.plan import Difference
from provisioner.refactoring import Import
from provisioner.resource import Attributes, Owner, RemoteObject
from provisioner.situation import Situation


def refusals(situation: Situation, wanted: Import) -> Iterator[Diagnostic]:
    """Say why an object can't be taken over at an address where nothing is recorded."""
    address, id_ = wanted.address, wanted.id
    live = situation.live.get(id_)
    holder = _holder(situation, id_)
    if live is None or live.kind != address.kind:
        yield error(
            "P031",
            "Object to import doesn't exist",
            f"The service has no {address.kind} {id_}, which {address} is to take over. Correct"
            " the id.",
            wanted.position,
            address,
        )
    elif holder:
        yield error(
            "P032",
            "Object to import is recorded already",
            f"{id_} is recorded as {holder}, so {address} can't be it too. To rename it, write"
            f" `moved: [{{from: {holder}, to: {address}}}]` into provisioner.yaml.",
            wanted.position,
            address,
        )
    elif live.owner and not situation.is_ours(live.owner):
        yield replace(owned_elsewhere(id_, live.owner), position=wanted.position, address=address)


def owned_elsewhere(id_: str, owner: Owner) -> Diagnostic:
    """Refuse to take an object over from the owner that its tag names."""
    return error(
        "P033",
        "Object to import belongs to somebody else",
        f"The ownership tag of {id_} says project {owner.uid}, environment {owner.environment},"
        f" {owner.address}. Forget it there first (`removed: [{{from: ADDRESS}}]`), and delete its"
        " metadata pair `provisioner`.",
    )


def _holder(situation: Situation, id_: str) -> Address | None:
    for address, state in situation.recorded.items():
        if id_ in (state.id, *state.deposed):
            return situation.previous.get(address, address)
    return None


def untold(live: RemoteObject, after: Attributes) -> Attributes:
    """Take for given what the service doesn't tell of an object that is taken over."""
    form = KINDS[live.kind].normal_form(live.attributes)
    missing = KINDS[live.kind].unreadable - form.keys()
    return {**form, **{key: after[key] for key in missing if key in after}}


def incomparable(wanted: Import) -> Iterator[Diagnostic]:
    """Warn of what nobody has compared."""
    if not KINDS[wanted.address.kind].tagged:
        yield warning(
            "P111",
            "Imported bytes can't be compared",
            f"{wanted.id} is taken for {wanted.address}, because name and size are the same; the"
            " service tells nothing of its bytes. If they may differ, take the import out: then"
            " the file is uploaded.",
            wanted.position,
            wanted.address,
        )


def unchangeable(
    wanted: Import, found: Iterable[Difference], immutable: frozenset[str]
) -> Iterator[Diagnostic]:
    """Refuse an object that differs from what is declared where it can't be changed."""
    told = [
        f"{each.path[0]} is {each.before!r}, not {each.after!r}"
        for each in found
        if each.path[0] in immutable
    ]
    if told:
        yield error(
            "P034",
            "Object to import is another one",
            f"{wanted.id} can't become {wanted.address}: {'; '.join(told)}. That can't be changed."
            " Correct the id or the manifest; or take the import out, and a new one is made.",
            wanted.position,
            wanted.address,
        )
