"""Finding out how things stand: what is recorded, what is live, and what became of lost calls."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from provisioner.address import Address
from provisioner.errors import PlanError
from provisioner.events import Operation
from provisioner.kinds import KINDS
from provisioner.kinds.vector_store import EXPIRED
from provisioner.providers.base import Provider
from provisioner.refactoring import Import
from provisioner.resource import RemoteObject, Resource, ResourceState
from provisioner.settling import Settlement, settle
from provisioner.state.backend import Recorded
from provisioner.state.journal import Intent, complete
from provisioner.state.model import State

FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 0.25, 8.0

STORE = "vectorstore"
READERS = 8
"""So many lists, or objects that lists don't show whole, are read at the same time."""

IN_FLIGHT_SECONDS = 660.0
"""So long after it was sent no request is under way any more: an upload times out after 600 s."""

Live = Mapping[str, RemoteObject]
Waiting = Callable[[Sequence[Intent], float], None]
"""Told for which creates the service is waited for, and how many seconds at most."""


@dataclass(frozen=True, slots=True)
class Observation:
    """How things stand."""

    state: State
    """What is recorded, settled intents included."""
    as_read: State
    """What is recorded without them."""
    live: Live
    settlement: Settlement
    kinds: Collection[str]
    """Of which kinds everything is live that there is."""


def observe(
    provider: Provider,
    recorded: Recorded,
    state: State,
    desired: Mapping[Address, Resource],
    waiting: Waiting = lambda _intents, _seconds: None,
    imports: Iterable[Import] = (),
    also: Iterable[str] = (),
) -> Observation:
    """Read whatever a plan has to know, and settle pending intents.

    Whole lists are read, a page a request; only recorded objects, and those to be imported, that
    are missing there are asked for one by one, so that a list that lags behind is not taken for a
    deletion. A create that can't be found, and may still be under way, is waited for. `also` are
    kinds that are read whether anything of them is recorded or not.
    """
    kinds = _kinds(state, desired, recorded.pending, also)
    live = _read(provider, kinds, state, recorded.pending)
    settlement = settle(recorded.pending, live, state.resources.values())
    in_flight = [each for each in settlement.open if _in_flight(each, provider)]
    if in_flight:
        waiting(in_flight, provider.settle_seconds)
        live, settlement = _wait(provider, kinds, state, recorded)
    if _found_uploads(settlement):
        # What an upload is told by is that nothing refers to it: one list may be behind.
        live = _read(provider, kinds, state, recorded.pending)
        settlement = settle(recorded.pending, live, state.resources.values())
    if settlement.problems:
        raise PlanError(*settlement.problems)
    settled = state
    for intent, id_, filled in settlement.done:
        settled = complete(settled, intent, id_, filled)
    wanted = [
        (each.address.kind, each.id)
        for each in imports
        if each.address in desired and each.address not in settled.resources
    ]
    live = _with_named(provider, live, wanted)
    strangers = [live[id_] for _, id_ in wanted if id_ in live]
    return Observation(settled, state, completed(provider, live, strangers), settlement, kinds)


def renamed(observation: Observation, destinations: Mapping[Address, Address]) -> Observation:
    """Let lost creates be tried again at the addresses that they would be made at now."""
    settlement = observation.settlement
    intents = [
        replace(each, address=destinations.get(each.address, each.address))
        for each in settlement.open
    ]
    return replace(observation, settlement=replace(settlement, open=intents))


def _wait(
    provider: Provider, kinds: Iterable[str], state: State, recorded: Recorded
) -> tuple[Live, Settlement]:
    """Look again, less and less often, until everything is found or the time is up."""
    until = provider.now() + provider.settle_seconds
    pause = FIRST_POLL_SECONDS
    while True:
        time.sleep(pause)
        live = _read(provider, kinds, state, recorded.pending)
        settlement = settle(recorded.pending, live, state.resources.values())
        if not settlement.open or provider.now() >= until:
            return live, settlement
        pause = min(2 * pause, LONGEST_POLL_SECONDS)


def _in_flight(intent: Intent, provider: Provider) -> bool:
    return provider.now() - intent.sent_at < IN_FLIGHT_SECONDS


def _found_uploads(settlement: Settlement) -> bool:
    return any(
        intent.operation is Operation.CREATE and not KINDS[intent.address.kind].tagged
        for intent, _, _ in settlement.done
    )


def _kinds(
    state: State,
    desired: Mapping[Address, Resource],
    pending: Iterable[Intent],
    also: Iterable[str],
) -> list[str]:
    """List the kinds that have to be read at all.

    Assistants always: they tell by their tags what is ours, and they hold files and stores.
    """
    used = {address.kind for address in (*state.resources, *desired)}
    used |= {intent.address.kind for intent in pending} | {"assistant", *also}
    return [kind for kind in KINDS if kind in used]


@contextmanager
def _readers() -> Iterator[Executor]:
    """Read at the same time; whoever is interrupted meanwhile doesn't wait for the answers."""
    pool = ThreadPoolExecutor(READERS)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _read(
    provider: Provider, kinds: Iterable[str], state: State, pending: Iterable[Intent]
) -> Live:
    with _readers() as pool:
        listed = pool.map(lambda kind: list(provider.list(kind)), kinds)
        live: Live = {each.id: each for found in listed for each in found}
    live = _with_named(provider, live, _named(state.resources.values(), pending))
    return completed(provider, live, _ours(live, state))


def _with_named(provider: Provider, listed: Live, named: Iterable[tuple[str, str]]) -> Live:
    """Add what the lists don't show, asked for by kind and id."""
    asked = (provider.read(kind, id_) for kind, id_ in named if id_ not in listed)
    return {**listed, **{found.id: found for found in asked if found}}


def _ours(live: Live, state: State) -> list[RemoteObject]:
    """List the objects that are recorded, or that carry the tag of this environment."""
    ids = {id_ for each in state.resources.values() for id_ in (each.id, *each.deposed)}
    us = state.uid, state.environment
    return [
        each
        for each in live.values()
        if each.id in ids or (each.owner and (each.owner.uid, each.owner.environment) == us)
    ]


def completed(provider: Provider, live: Live, chosen: Iterable[RemoteObject]) -> Live:
    """Read what lists don't show of the chosen objects; what is gone by then is left out."""
    single = [each for each in chosen if KINDS[each.kind].read_singly]
    if not single:
        return live
    with _readers() as pool:
        whole = zip(single, pool.map(provider.complete, single), strict=True)
        found = {each.id: complete for each, complete in whole}
    return {id_: now for id_, each in live.items() if (now := found.get(id_, each))}


def with_all_stores(provider: Provider, observation: Observation) -> Observation:
    """Look into the vector stores of others, too: they may hold files of ours.

    That costs a request for each of them, so it is for plans that delete files only. An expired
    one is of no use to anybody (Azure's page on file search): it need not be asked.
    """
    listed = () if STORE in observation.kinds else provider.list(STORE)
    live = {each.id: each for each in listed} | dict(observation.live)
    known = {each.id for each in _ours(observation.live, observation.state)}
    unread = (each for each in live.values() if each.id not in known)
    others = [each for each in unread if each.attributes.get("status") != EXPIRED]
    return replace(observation, live=completed(provider, live, others))


def _named(
    recorded: Iterable[ResourceState], pending: Iterable[Intent]
) -> dict[tuple[str, str], None]:
    """List every id that we know of, each once."""
    states = [(each.address.kind, id_) for each in recorded for id_ in (each.id, *each.deposed)]
    intents = [(each.address.kind, each.id) for each in pending if each.id]
    return dict.fromkeys([*states, *intents])
