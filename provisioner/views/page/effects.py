"""What a plan means to those who talk to the assistants, and which resources that is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from provisioner.address import Address
from provisioner.impact import impact
from provisioner.plan import Action, Plan
from provisioner.views.scalars import size

_FEW = 12
"""So many resources are named at once; of more, the others are one click away."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A resource that is spoken of."""

    address: Address
    tools: tuple[str, ...] = ()
    """Those that it gains or loses."""


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
    made, gone = (_assistants(plan, each) for each in (Action.CREATE, Action.DELETE))
    yield _effect("new assistant", "new assistants", made)
    yield _effect("assistant goes", "assistants go", gone)
    one = "assistant that stays answers differently"
    yield _effect(one, "assistants that stay answer differently", found.behaviour)
    gained, lost = found.tools_gained, found.tools_lost
    yield _effect("assistant gains tools", "assistants gain tools", gained, gained)
    yield _effect("assistant loses tools", "assistants lose tools", lost, lost)
    sent = size(found.upload_bytes)
    one, more = f"file is uploaded, {sent}", f"files are uploaded, {sent}"
    yield _effect(one, more, found.uploads)


def _assistants(plan: Plan, action: Action) -> list[Address]:
    """List the assistants that come or go."""
    named = (each for each in plan.changes if each.action is action and not each.deposed)
    return [each.address for each in named if each.address.kind == "assistant"]


def _effect(
    one: str,
    more: str,
    addresses: Iterable[Address],
    tools: Mapping[Address, tuple[str, ...]] | None = None,
) -> Effect:
    found = [Mention(each, tools[each] if tools else ()) for each in addresses]
    what = one if len(found) == 1 else more
    return Effect(len(found), what, tuple(found[:_FEW]), tuple(found[_FEW:]))
