"""What a plan has to say besides its changes."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, error, warning
from provisioner.kinds import KINDS
from provisioner.plan import Action, Change
from provisioner.refactoring import Import, Moved, Removed
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
                " protection off in its manifest, apply, and plan again; where the manifest is"
                f" gone, write `removed: [{{from: {change.address}, destroy: true}}]` into"
                " provisioner.yaml; or choose other addresses with --target.",
                change.origin,
                change.address,
            )


def namesakes(situation: Situation, change: Change) -> Iterator[Diagnostic]:
    """Report untagged objects of the same shown name as one that is about to be created."""
    name = (change.after or {}).get("name")
    found = situation.named.get((change.address.kind, name), ())
    ids = sorted(each.id for each in found)
    if ids:
        yield warning(
            "P103",
            "Another object has the same name",
            f"{', '.join(ids)} is named {name!r} too, but is not ours: it is left alone, and a new"
            " one is created. To take it over instead, run `provisioner import"
            f" {change.address} {ids[0] if len(ids) == 1 else 'ID'}` first.",
            change.origin,
            change.address,
        )


def collisions(situation: Situation, scope: Container[Address]) -> Iterator[Diagnostic]:
    """Report moves to addresses at which something else is recorded."""
    for each in situation.refactoring.moved:
        target = situation.refactoring.destinations[each.origin]
        if each.origin in situation.recorded and (each.origin in scope or target in scope):
            there = situation.previous.get(target, target)
            yield error(
                "P030",
                "Both addresses of a move are recorded",
                f"{each.origin} and {there} are both recorded, and one object only can stand at"
                f" {target}. Take this block out: then {each.origin} is planned like everything"
                f" that is no longer declared. To keep its object, write `removed: [{{from:"
                f" {each.origin}}}]` in its place: then it is forgotten.",
                each.position,
                each.origin,
            )


def finished(situation: Situation) -> Iterator[Diagnostic]:
    """Report blocks that have nothing to do in this environment any more."""
    blocks: tuple[tuple[Moved | Removed | Import, str | None], ...] = (
        *((each, _moved(situation, each)) for each in situation.refactoring.moved),
        *((each, _removed(situation, each)) for each in situation.refactoring.removed),
        *((each, _imported(situation, each)) for each in situation.imports.values()),
    )
    for block, why in blocks:
        if why:
            yield warning(
                "P110",
                "Block does nothing any more",
                f"{why} in {situation.environment}. Take the block out of provisioner.yaml once"
                " every environment has been applied: others may need it still.",
                block.position,
            )


def _moved(situation: Situation, block: Moved) -> str | None:
    target = situation.refactoring.destinations[block.origin]
    in_place = target in situation.recorded and target not in situation.previous
    done = in_place and target in situation.desired and not _is_known(situation, block.origin)
    return f"Nothing stands at {block.origin}, and {target} is in place" if done else None


def _removed(situation: Situation, block: Removed) -> str | None:
    done = not _is_known(situation, block.address)
    return f"Nothing stands at {block.address}" if done else None


def _imported(situation: Situation, block: Import) -> str | None:
    state = situation.recorded.get(block.address)
    if state is None or block.address not in situation.desired:
        return None
    return f"{block.address} is recorded as {state.id}"


def _is_known(situation: Situation, address: Address) -> bool:
    """Say whether an address is recorded, or an object carries it in its tag."""
    owners = (each.owner for each in situation.live.values())
    tagged = any(
        owner and owner.address == address and situation.is_ours(owner) for owner in owners
    )
    return tagged or address in situation.recorded
