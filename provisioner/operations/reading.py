"""Reading what is live: whole lists, and one by one only what these don't show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeAlias

from provisioner.address import Address
from provisioner.kinds import KINDS
from provisioner.kinds.vector_store import EXPIRED
from provisioner.providers.base import Provider
from provisioner.resource import RemoteObject, Resource, ResourceState
from provisioner.state.journal import Intent
from provisioner.state.model import State

STORE = "vectorstore"
READERS = 8
"""So many lists, or objects that lists don't show whole, are read at the same time."""

Live: TypeAlias = Mapping[str, RemoteObject]
"""By id."""


def kinds_to_read(
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
    used |= {each.address.kind for each in state.lost_creates}
    return [kind for kind in KINDS if kind in used]


@contextmanager
def _readers() -> Iterator[Executor]:
    """Read at the same time; whoever is interrupted meanwhile doesn't wait for the answers."""
    pool = ThreadPoolExecutor(READERS)
    try:
        yield pool
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def read_live(
    provider: Provider, kinds: Iterable[str], state: State, pending: Iterable[Intent]
) -> Live:
    """Read all objects of some kinds, and what else is recorded or pending."""
    with _readers() as pool:
        listed = pool.map(lambda kind: list(provider.list(kind)), kinds)
        live: Live = {each.id: each for found in listed for each in found}
    live = with_named(provider, live, _named(state.resources.values(), pending))
    return completed(provider, live, _ours(live, state))


def with_named(provider: Provider, listed: Live, named: Iterable[tuple[str, str]]) -> Live:
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


def with_stores_of_others(
    provider: Provider, live: Live, kinds: Collection[str], state: State
) -> Live:
    """Look into the vector stores of others, too: they may hold files of ours.

    That costs a request for each of them. An expired one is of no use to anybody (Azure's page on
    file search): it need not be asked. Only `kinds` are in `live` as a whole.
    """
    if STORE not in provider.kinds:
        return live
    listed = () if STORE in kinds else provider.list(STORE)
    found = {each.id: each for each in listed} | dict(live)
    known = {each.id for each in _ours(live, state)}
    unread = (each for each in found.values() if each.id not in known)
    others = [each for each in unread if each.attributes.get("status") != EXPIRED]
    return completed(provider, found, others)


def _named(
    recorded: Iterable[ResourceState], pending: Iterable[Intent]
) -> dict[tuple[str, str], None]:
    """List every id that we know of, each once."""
    states = [(each.address.kind, id_) for each in recorded for id_ in (each.id, *each.deposed)]
    intents = [(each.address.kind, each.id) for each in pending if each.id]
    return dict.fromkeys([*states, *intents])
