"""Sparing what is still in use: the service deletes files and stores that others refer to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, warning
from provisioner.kinds import KINDS
from provisioner.plan import Action, Change
from provisioner.situation import Situation


def spare(situation: Situation, changes: Iterable[Change]) -> tuple[list[Change], list[Diagnostic]]:
    """Take out of the changes what would delete an object that something goes on using.

    A replacement then keeps its predecessor; a deletion is left out, and with it the deletion of
    whatever else is recorded at its address, so that the record still names the object. What a
    spared store holds is in use in its turn.
    """
    changes = list(changes)
    sparing = _Sparing(situation, {each.id: each for each in changes if each.id})
    # What refers to others is made after them: the holders are judged first.
    for change in sorted(changes, key=lambda each: -list(KINDS).index(each.address.kind)):
        sparing.judge(change)
    kept = [each for each in changes if each.id in sparing.holders]
    staying = {each.address for each in kept if each.action is not Action.REPLACE}
    spared = [sparing.result(each) for each in changes]
    warnings = [_in_use(each, sparing.holders[each.id or ""]) for each in kept]
    return [each for each in spared if each and not _removes_record(each, staying)], warnings


@dataclass
class _Sparing:
    """One look at all the changes."""

    situation: Situation
    by_id: dict[str, Change]
    """The changes of the objects that stay as planned."""
    holders: dict[str, list[str]] = field(default_factory=dict)
    """Who will still refer to each object that is to stay."""

    def judge(self, change: Change) -> None:
        deletes = change.action in (Action.DELETE, Action.REPLACE)
        if not deletes or not change.id or not KINDS[change.address.kind].spared_in_use:
            return
        referrers = self.situation.referrers.get(change.id, ())
        holders = [each.id for each in referrers if not self._releases(each.id, change.id)]
        if holders:
            self.holders[change.id] = sorted(holders)
            staying = set() if change.action is Action.REPLACE else {change.address}
            del self.by_id[change.id]
            self.by_id = {
                id_: each for id_, each in self.by_id.items() if not _removes_record(each, staying)
            }

    def _releases(self, holder: str, id_: str) -> bool:
        """Say whether a holder's own change lets go of the id."""
        change = self.by_id.get(holder)
        if change is None:
            return False
        if change.action is Action.UPDATE:
            references = KINDS[change.address.kind].references(change.after or {})
            return id_ not in references
        return change.action in (Action.DELETE, Action.REPLACE)

    def result(self, change: Change) -> Change | None:
        if change.id in self.holders:
            return replace(change, keep_old=True) if change.action is Action.REPLACE else None
        return self._waiting(change)

    def _waiting(self, change: Change) -> Change:
        """Let a deletion wait for whoever holds the object now, in the portal's doing or ours."""
        if change.action not in (Action.DELETE, Action.REPLACE) or not change.id:
            return change
        referrers = self.situation.referrers.get(change.id, ())
        holders = {self.by_id[each.id].address for each in referrers if each.id in self.by_id}
        return replace(change, released_by=tuple(sorted(holders | set(change.released_by))))


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
