"""What a plan means to those who talk to the assistants, and which resources that is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from provisioner.address import Address
from provisioner.coverage import coverage
from provisioner.impact import impact
from provisioner.plan import Plan
from provisioner.views.scalars import size

_FEW = 12
"""So many resources are named at once; of more, the others are one click away."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A resource that is spoken of."""

    address: Address
    details: tuple[str, ...] = ()
    """The tools that it gains or loses, or the checks that it has."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a plan means, and for whom."""

    count: int
    what: str
    """What goes on behind the count."""
    few: tuple[Mention, ...]
    more: tuple[Mention, ...]


def effects(plan: Plan) -> tuple[Effect, ...]:
    """List what somebody notices, or what is uploaded."""
    return tuple(each for each in _effects(plan) if each.count)


def _effects(plan: Plan) -> Iterator[Effect]:
    found = impact(plan)
    yield _effect("new assistant", "new assistants", found.made)
    yield _effect("assistant goes", "assistants go", found.gone)
    one = "assistant that stays answers differently"
    yield _effect(one, "assistants that stay answer differently", found.behaviour)
    gained, lost = found.tools_gained, found.tools_lost
    yield _effect("assistant gains tools", "assistants gain tools", gained, gained)
    yield _effect("assistant loses tools", "assistants lose tools", lost, lost)
    sent = size(found.upload_bytes)
    one, more = f"file is uploaded, {sent}", f"files are uploaded, {sent}"
    yield _effect(one, more, found.uploads)
    yield from _checks(plan)


def _checks(plan: Plan) -> Iterator[Effect]:
    """Tell which checks look after what is new or answers differently, if there are any at all."""
    if plan.checks:
        found = coverage(plan)
        one, more = "assistant of these has checks", "assistants of these have checks"
        yield _effect(one, more, found.covered, found.covered)
        one, more = "assistant of these has no check", "assistants of these have no check"
        yield _effect(one, more, found.uncovered)


def _effect(
    one: str,
    more: str,
    addresses: Iterable[Address],
    details: Mapping[Address, tuple[str, ...]] | None = None,
) -> Effect:
    found = [Mention(each, details[each] if details else ()) for each in addresses]
    what = one if len(found) == 1 else more
    return Effect(len(found), what, tuple(found[:_FEW]), tuple(found[_FEW:]))
