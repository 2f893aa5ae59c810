"""Leftovers: objects of ours in whose place others stand, by a replacement or a lost answer."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.kinds import KINDS
from provisioner.plan import Action, Change
from provisioner.resource import ResourceState
from provisioner.situation import Situation

LATE = "it arrived late: its create was given up when no answer came"


def deposed(situation: Situation, state: ResourceState) -> Iterator[Change]:
    """Finish replacements that were interrupted before the old object was deleted."""
    for id_ in state.deposed:
        live = situation.live.get(id_)
        kept = state.address in situation.refactoring.forgotten
        yield Change(
            state.address,
            Action.DELETE if live and not kept else Action.FORGET,
            id_,
            live.attributes if live else None,
            None,
            released_by=situation.dependents.get(state.address, ()),
            deposed=True,
        )


def late(situation: Situation) -> Iterator[Change]:
    """Delete what has come of lost creates by now; what `removed` forgets is left alone."""
    for id_, address in sorted(situation.late.items()):
        if address not in situation.refactoring.forgotten:
            found = situation.live[id_]
            yield Change(
                address,
                Action.DELETE,
                id_,
                KINDS[found.kind].normal_form(found.attributes),
                None,
                reason=LATE,
                released_by=situation.dependents.get(address, ()),
                deposed=True,
            )
