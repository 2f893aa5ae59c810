"""What a plan means to those who talk to the assistants."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from provisioner.address import Address
from provisioner.kinds import KINDS
from provisioner.plan import Action, Change, ChangeSeverity, Plan

_MAKES = (Action.CREATE, Action.REPLACE)


@dataclass(frozen=True, slots=True)
class Impact:
    """The blast radius of a plan: whose assistants answer otherwise, and what is sent for it."""

    behaviour: tuple[Address, ...]
    """The assistants that stay, and answer otherwise: also because of a file or store of theirs."""
    tools_gained: Mapping[Address, tuple[str, ...]]
    """By assistant that stays, the tools that it gets: a type, or `function NAME`."""
    tools_lost: Mapping[Address, tuple[str, ...]]
    uploads: tuple[Address, ...]
    """The files that are uploaded."""
    upload_bytes: int

    @property
    def is_nothing(self) -> bool:
        """Say whether nobody notices, and nothing is uploaded."""
        return not (self.behaviour or self.tools_gained or self.tools_lost or self.uploads)


def severity(change: Change) -> ChangeSeverity | None:
    """Tell the most that a change means; None where nothing changes at the service."""
    if change.deposed:
        return ChangeSeverity.COSMETIC
    if change.action in (Action.CREATE, Action.DELETE):
        return ChangeSeverity.CAPABILITY
    if change.action is Action.FORGET or change.is_idle:
        return None
    rate = KINDS[change.address.kind].severity
    found = (rate(each) for each in change.differences)
    return max(found, key=lambda each: each.rank, default=ChangeSeverity.COSMETIC)


def impact(plan: Plan) -> Impact:
    """Sum up what a plan means."""
    uploads = [
        each for each in plan.changes if each.address.kind == "file" and each.action in _MAKES
    ]
    sizes = (int((each.after or {}).get("bytes", 0)) for each in uploads)
    staying = [each for each in plan.changes if _is_staying(each)]
    gained = {each.address: tuple(_tools(each, gained=True)) for each in staying}
    lost = {each.address: tuple(_tools(each, gained=False)) for each in staying}
    touched = _touched(plan.changes)
    return Impact(
        tuple(each.address for each in staying if each.address in touched),
        {address: tools for address, tools in gained.items() if tools},
        {address: tools for address, tools in lost.items() if tools},
        tuple(each.address for each in uploads),
        sum(sizes),
    )


def _is_staying(change: Change) -> bool:
    stays = change.action in (Action.UPDATE, Action.REPLACE, Action.NO_OP)
    return stays and change.address.kind == "assistant" and not change.deposed


def _touched(changes: Iterable[Change]) -> set[Address]:
    """Find whatever answers otherwise: what changes so, and what depends on that."""
    dependents: dict[Address, list[Address]] = defaultdict(list)
    for change in changes:
        for each in change.depends_on:
            dependents[each].append(change.address)
    waiting = [
        each.address for each in changes if severity(each) not in (None, ChangeSeverity.COSMETIC)
    ]
    reached: set[Address] = set()
    while waiting:
        address = waiting.pop()
        if address not in reached:
            reached.add(address)
            waiting.extend(dependents[address])
    return reached


def _tools(change: Change, *, gained: bool) -> Iterator[str]:
    """Name the tools that one side has and the other hasn't, as paths name them."""
    keyed = KINDS[change.address.kind].keyed_form
    before, after = (
        keyed(form or {}).get("tools", {})
        for form in (change.before, change.after if change.after is not None else change.before)
    )
    mine, theirs = (after, before) if gained else (before, after)
    yield from (str(name) for name in mine if name not in theirs)
