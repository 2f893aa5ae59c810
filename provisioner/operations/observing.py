"""Finding out how things stand: what is recorded, what is live, and what became of lost calls."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provisioner.address import Address
from provisioner.errors import PlanError
from provisioner.kinds import KINDS
from provisioner.providers.base import Provider
from provisioner.resource import RemoteObject, Resource, ResourceState
from provisioner.settling import Settlement, settle
from provisioner.state.journal import Intent, complete
from provisioner.state.local import Recorded
from provisioner.state.model import State

POLL_SECONDS = 0.25

Live = Mapping[str, RemoteObject]


@dataclass(frozen=True, slots=True)
class Observation:
    """How things stand."""

    state: State
    """What is recorded, settled intents included."""
    unsettled: State
    """What is recorded without them."""
    live: Live
    settlement: Settlement


def observe(
    provider: Provider,
    recorded: Recorded,
    state: State,
    desired: Mapping[Address, Resource],
) -> Observation:
    """Read whatever a plan has to know, and settle pending intents.

    Whole lists are read, a page a request; only recorded objects that are missing there are asked
    for one by one, so that a list that lags behind is not taken for a deletion.
    """
    kinds = _kinds(state, desired, recorded.pending)
    live = _read(provider, kinds, state, recorded.pending)
    settlement = settle(recorded.pending, live, state.resources.values())
    until = max((intent.sent_at for intent in settlement.open), default=0) + provider.settle_seconds
    while settlement.open and provider.now() < until:
        time.sleep(POLL_SECONDS)
        live = _read(provider, kinds, state, recorded.pending)
        settlement = settle(recorded.pending, live, state.resources.values())
    if settlement.problems:
        raise PlanError(*settlement.problems)
    settled = state
    for intent, id_, filled in settlement.done:
        settled = complete(settled, intent, id_, filled)
    return Observation(settled, state, live, settlement)


def _kinds(
    state: State, desired: Mapping[Address, Resource], pending: Iterable[Intent]
) -> list[str]:
    """List the kinds that have to be read at all.

    Assistants always: they tell by their tags what is ours, and they hold files.
    """
    used = {address.kind for address in (*state.resources, *desired)}
    used |= {intent.address.kind for intent in pending} | {"assistant"}
    return [kind for kind in KINDS if kind in used]


def _read(
    provider: Provider, kinds: Iterable[str], state: State, pending: Iterable[Intent]
) -> Live:
    live = {each.id: each for kind in kinds for each in provider.list(kind)}
    for kind, id_ in _named(state.resources.values(), pending):
        if id_ not in live:
            found = provider.read(kind, id_)
            if found:
                live[id_] = found
    return live


def _named(
    recorded: Iterable[ResourceState], pending: Iterable[Intent]
) -> dict[tuple[str, str], None]:
    """List every id that we know of, each once."""
    states = [(each.address.kind, id_) for each in recorded for id_ in (each.id, *each.deposed)]
    intents = [(each.address.kind, each.id) for each in pending if each.id]
    return dict.fromkeys([*states, *intents])
