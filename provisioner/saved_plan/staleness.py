"""Whether what was planned is still what would be done, resource by resource. Pure functions."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, error
from provisioner.diff import differences
from provisioner.kinds import KINDS
from provisioner.plan import Action, Change, touched
from provisioner.resource import Attributes
from provisioner.saved_plan.values import encode

Place: TypeAlias = tuple[Address, bool, str]
"""Address, whether it is a deposed object, and the id of that."""

_DONE = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.DELETE: "destroyed",
    Action.FORGET: "forgotten",
    Action.NO_OP: "left as it is",
}


def remaining(saved: Iterable[Change], now: Iterable[Change]) -> tuple[Change, ...]:
    """Take of the changes that would be made now those that the saved plan has, too."""
    planned = {_place(each): _essence(each) for each in saved if touched([each])}
    return tuple(each for each in now if planned.get(_place(each)) == _essence(each))


def stale(saved: Sequence[Change], now: Sequence[Change]) -> list[Diagnostic]:
    """Report every resource that the saved plan changes, and that isn't as it was then.

    What would be changed elsewhere by now makes no plan stale.
    """
    addresses = {each.address for each in saved if not each.is_idle}
    within = [[each for each in side if each.address in addresses] for side in (saved, now)]
    return [_stale(address, what) for address, what in moved(*within)]


def outdated(saved: Iterable[Change], refused: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Report what refuses a plan by now as what makes the saved one stale, where it touches that.

    The cures of a new plan are none of a saved one, which takes no other options.
    """
    addresses = touched(saved)
    return [
        _stale(each.address, f"a plan is refused by now ({each.code} {each.summary})")
        if each.address in addresses
        else each
        for each in refused
    ]


def moved(saved: Iterable[Change], now: Iterable[Change]) -> list[tuple[Address, str]]:
    """Say at each address what of two plans is otherwise; what both leave alone is not compared."""
    first, second = ({_place(each): each for each in changes} for changes in (saved, now))
    places = sorted({_place(each) for each in (*saved, *now) if not each.is_idle})
    told = ((place, _moved(first.get(place), second.get(place))) for place in places)
    return [(place[0], "; ".join(what)) for place, what in told if what]


def _place(change: Change) -> Place:
    return change.address, change.deposed, (change.id or "") if change.deposed else ""


def _essence(change: Change) -> Mapping[str, Any]:
    """Give all that a change does, as text by field: to Python, true and 1 are equal.

    Left out is what is for display, what follows from both sides, and what an old object waits
    for: as far as the plan changes that, it is compared itself. A replaced predecessor goes,
    whatever it is like.
    """
    before = None if change.deposed else change.before
    bare = encode(replace(change, before=before, differences=(), reason=None, released_by=()))
    return {name: json.dumps(each, sort_keys=True) for name, each in bare.items()}


def _moved(saved: Change | None, now: Change | None) -> list[str]:
    """Say what is otherwise than planned; nothing where nothing is."""
    if saved is None:
        return [f"{now.id or 'it'} would be {_DONE[now.action]} by now, too"] if now else []
    if now is None:
        gone = f"{saved.id or 'it'} would not be {_DONE[saved.action]} any more"
        return [f"{gone}: somebody did it, or something else needs it by now"]
    if _essence(saved) == _essence(now):
        return []
    return list(_otherwise(saved, now)) or [_how(saved, now)]


def _otherwise(saved: Change, now: Change) -> Iterator[str]:
    if saved.id != now.id:
        yield f"{now.id or 'nothing'} stands there now, where {saved.id or 'nothing'} stood"
    sides = ((saved.before, now.before), (saved.after, now.after))
    paths = dict.fromkeys(path for side in sides for path in _paths(saved.address, *side))
    if paths:
        yield f"{', '.join(f'`{each}`' for each in paths)} changed"
    if saved.unrecorded and not now.unrecorded:
        yield f"{now.id} is recorded by now"
    if saved.action is not now.action:
        yield f"it was to be {_DONE[saved.action]}, and would be {_DONE[now.action]} by now"


def _paths(address: Address, saved: Attributes | None, now: Attributes | None) -> list[str]:
    """Name the attributes of one side of a change that differ: also ids that are others by now."""
    if saved is None or now is None:
        return []
    form = KINDS[address.kind].keyed_form
    return [".".join(map(str, each.path)) for each in differences(form(saved), form(now))]


def _how(saved: Change, now: Change) -> str:
    """Name what else of a change is otherwise."""
    one, other = _essence(saved), _essence(now)
    names = ", ".join(name for name in one if one[name] != other[name])
    return f"it would be {_DONE[now.action]} in another way by now ({names})"


def _stale(address: Address, what: str) -> Diagnostic:
    return error(
        "P058",
        "Saved plan is stale",
        f"{address} isn't as it was when the plan was made: {what}. Nothing was"
        " applied. Plan again, and have the new plan reviewed.",
        address=address,
    )
