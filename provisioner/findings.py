"""What a plan has to say besides its changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, error, warning
from provisioner.kinds import KINDS
from provisioner.plan import Action, Change
from provisioner.situation import Situation

MASS_DISAPPEARANCE = 3
"""So many recorded objects of a kind, all gone at once, are a sign of the wrong place."""


def disappeared(situation: Situation) -> Iterator[Diagnostic]:
    """Report kinds of which everything recorded is gone at once."""
    for kind in KINDS:
        states = [state for address, state in situation.recorded.items() if address.kind == kind]
        if len(states) >= MASS_DISAPPEARANCE and not any(
            state.id in situation.live for state in states
        ):
            yield error(
                "P001",
                "Every recorded object is gone",
                f"None of the {len(states)} recorded objects of kind {kind} exists any more. That"
                " usually means another resource, subscription or key than they were made with."
                " If they were really deleted, run the command again with --recreate-missing.",
            )


def violations(changes: Iterable[Change], protected: frozenset[Address]) -> Iterator[Diagnostic]:
    """Report changes that would delete what is protected."""
    for change in changes:
        if change.address not in protected or change.deposed:
            continue
        if change.action in (Action.DELETE, Action.REPLACE):
            yield error(
                "P008",
                "Object is protected",
                f"{change.address} has lifecycle.prevent_destroy, and this plan would"
                f" {'replace' if change.action is Action.REPLACE else 'delete'} it. Take the"
                " protection off in its manifest, apply, and plan again; or choose other addresses"
                " with --target.",
                change.origin,
                change.address,
            )


def orphans(situation: Situation) -> Iterator[Diagnostic]:
    """Report objects that carry our tag, but that nothing declares or records."""
    recorded = {state.id for state in situation.recorded.values()}
    for address, tagged in sorted(situation.tagged.items()):
        adopted = address in situation.desired and not _is_live(situation, address)
        for each in tagged if not adopted else ():
            if each.id not in recorded:
                yield warning(
                    "P101",
                    "Object carries our tag, but is not recorded",
                    f"{each.id} is tagged as {address}, but is neither recorded nor to be adopted."
                    " It is left alone; delete it in the portal if it is not wanted.",
                    address=address,
                )


def _is_live(situation: Situation, address: Address) -> bool:
    state = situation.recorded.get(address)
    return state is not None and state.id in situation.live


def namesakes(situation: Situation, change: Change) -> Iterator[Diagnostic]:
    """Report untagged objects of the same shown name as one that is about to be created."""
    name = (change.after or {}).get("name")
    found = situation.named.get((change.address.kind, name), ())
    if found:
        yield warning(
            "P103",
            "Another object has the same name",
            f"{', '.join(sorted(each.id for each in found))} is named {name!r} too, but is not"
            " ours: it is left alone, and a new one is created.",
            change.origin,
            change.address,
        )
