"""Sparing what is still in use: deleting a file pulls it out of everything that refers to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, warning
from provisioner.kinds import KINDS
from provisioner.plan import Action, Change
from provisioner.situation import Situation


def spare(situation: Situation, changes: Iterable[Change]) -> tuple[list[Change], list[Diagnostic]]:
    """Take out of the changes what would delete an object that something goes on using.

    A replacement then keeps its predecessor; a deletion is left out, and with it the deletion of
    whatever else is recorded at its address, so that the record still names the object.
    """
    changes = list(changes)
    by_id = {each.id: each for each in changes if each.id and not each.deposed}
    warnings: list[Diagnostic] = []
    spared: list[Change] = []
    staying: set[Address] = set()
    for change in changes:
        holders = _holders(situation, change, by_id)
        if not holders:
            spared.append(_waiting(situation, change, by_id))
            continue
        warnings.append(_in_use(change, holders))
        if change.action is Action.REPLACE:
            spared.append(replace(change, keep_old=True))
        else:
            staying.add(change.address)
    return [each for each in spared if not _removes_record(each, staying)], warnings


def _waiting(situation: Situation, change: Change, by_id: Mapping[str, Change]) -> Change:
    """Let a deletion wait for whoever holds the object now, in the portal's doing or ours."""
    if change.action not in (Action.DELETE, Action.REPLACE) or not change.id:
        return change
    referrers = situation.referrers.get(change.id, ())
    holders = {by_id[each.id].address for each in referrers if each.id in by_id}
    return replace(change, released_by=tuple(sorted(holders | set(change.released_by))))


def _holders(situation: Situation, change: Change, by_id: Mapping[str, Change]) -> list[str]:
    """List what will still refer to the object that a change deletes."""
    deletes = change.action in (Action.DELETE, Action.REPLACE)
    if not deletes or not change.id or not KINDS[change.address.kind].repoints_silently:
        return []
    referrers = situation.referrers.get(change.id, ())
    return sorted(each.id for each in referrers if not _releases(by_id.get(each.id), change.id))


def _releases(change: Change | None, id_: str) -> bool:
    """Say whether a holder's own change lets go of the id."""
    if change is None:
        return False
    if change.action is Action.UPDATE:
        references = KINDS[change.address.kind].references(change.after or {})
        return id_ not in references
    return change.action in (Action.DELETE, Action.REPLACE)


def _removes_record(change: Change, staying: set[Address]) -> bool:
    removes = change.action in (Action.DELETE, Action.FORGET) and not change.deposed
    return removes and change.address in staying


def _in_use(change: Change, holders: list[str]) -> Diagnostic:
    return warning(
        "P102",
        "Object is still in use",
        f"{change.id} ({change.address}) stays, because {', '.join(holders)} will still use it"
        " after this plan: deleting it would take it from them.",
        address=change.address,
    )
