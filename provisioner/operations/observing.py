"""Finding out how things stand: what is recorded, what is live, and what became of lost calls."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from provisioner.address import Address
from provisioner.errors import PlanError
from provisioner.events import Operation
from provisioner.kinds import KINDS
from provisioner.lost_create import LostCreate
from provisioner.operations.reading import (
    Live,
    completed,
    kinds_to_read,
    read_live,
    with_named,
    with_stores_of_others,
)
from provisioner.providers.base import Provider
from provisioner.refactoring import Import
from provisioner.resource import Resource
from provisioner.settling import Settlement, settle
from provisioner.state.backend import Recorded
from provisioner.state.journal import Intent, complete, lost_create
from provisioner.state.model import State
from provisioner.uploads import Files, Late, in_use

FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 0.25, 8.0

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
    since: float = 0.0
    """When the looking began, by the service's clock: what had arrived by then is live."""


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
    kinds = kinds_to_read(state, desired, recorded.pending, also)
    began = time.monotonic()
    live, settlement = _look(_Looking(provider, kinds, state, recorded.pending), waiting)
    # Only answers show the service's clock, so it is read after them.
    since = provider.now() - (time.monotonic() - began)
    if settlement.problems:
        raise PlanError(*settlement.problems)
    settled = state
    for intent, id_, filled in settlement.done:
        settled = complete(settled, intent, id_, filled)
    lost = (*state.lost_creates, *map(lost_create, settlement.overtaken))
    wanted = [
        (each.address.kind, each.id)
        for each in imports
        if each.address in desired and each.address not in settled.resources
    ]
    live = with_named(provider, live, wanted)
    strangers = [live[id_] for _, id_ in wanted if id_ in live]
    live = completed(provider, live, strangers)
    return Observation(replace(settled, lost_creates=lost), state, live, settlement, kinds, since)


def renamed(observation: Observation, destinations: Mapping[Address, Address]) -> Observation:
    """Let lost creates be tried again at the addresses that they would be made at now."""
    settlement = observation.settlement
    intents = [
        replace(each, address=destinations.get(each.address, each.address))
        for each in settlement.open
    ]
    return replace(observation, settlement=replace(settlement, open=intents))


def with_all_stores(provider: Provider, observation: Observation) -> Observation:
    """Look into the vector stores of others, too: for plans that delete files only."""
    live = with_stores_of_others(provider, observation.live, observation.kinds, observation.state)
    return replace(observation, live=live)


@dataclass(frozen=True, slots=True)
class _Looking:
    """Looks at one service for what is pending or lost, as often as it takes."""

    provider: Provider
    kinds: Collection[str]
    state: State
    pending: Sequence[Intent]
    sha256: dict[str, str | None] = field(default_factory=dict)
    """The bytes of files that may be lost uploads, by id; None: the service keeps them back."""

    def read(self) -> Live:
        return read_live(self.provider, self.kinds, self.state, self.pending)

    def settle(self, live: Live) -> Settlement:
        self._download(live)
        known = {id_: each for id_, each in self.sha256.items() if each is not None}
        recorded, lost = self.state.resources.values(), self.state.lost_creates
        return settle(self.pending, live, recorded, lost, known)

    def _download(self, live: Live) -> None:
        """Ask for the bytes of what may be a lost upload, each once."""
        uploads = [*self.state.lost_creates, *map(lost_create, self._creates())]
        if not any(each.filename for each in uploads):
            return
        recorded = self.state.resources.values()
        taken = {id_ for each in recorded for id_ in (each.id, *each.deposed)} | in_use(live)
        files = Files(live, taken)
        for each in (found.id for upload in uploads for found in files.like(upload)):
            if each not in self.sha256:
                content = self.provider.content(each)
                self.sha256[each] = None if content is None else _digest(content)

    def _creates(self) -> Iterable[Intent]:
        return (each for each in self.pending if each.operation is Operation.CREATE)


def _look(looking: _Looking, waiting: Waiting) -> tuple[Live, Settlement]:
    live = looking.read()
    settlement = looking.settle(live)
    now = looking.provider.now()
    in_flight = [each for each in settlement.open if now < lost_create(each).until]
    if in_flight:
        waiting(in_flight, looking.provider.settle_seconds)
        live, settlement = _wait(looking)
    if not _found_uploads(settlement):
        return live, settlement
    # What an upload is told by is that nothing refers to it: one list may be behind, and the
    # stores of others aren't looked into otherwise.
    live = with_stores_of_others(looking.provider, looking.read(), looking.kinds, looking.state)
    again = looking.settle(live)
    return live, replace(again, late=_both(settlement.late, again.late))


def _wait(looking: _Looking) -> tuple[Live, Settlement]:
    """Look again, less and less often, until everything is found or the time is up."""
    until = looking.provider.now() + looking.provider.settle_seconds
    pause = FIRST_POLL_SECONDS
    while True:
        time.sleep(pause)
        live = looking.read()
        settlement = looking.settle(live)
        if not settlement.open or looking.provider.now() >= until:
            return live, settlement
        pause = min(2 * pause, LONGEST_POLL_SECONDS)


def _found_uploads(settlement: Settlement) -> bool:
    late = settlement.late
    return bool(late.proved or late.suspected) or any(
        intent.operation is Operation.CREATE and not KINDS[intent.address.kind].tagged
        for intent, _, _ in settlement.done
    )


def _both(first: Late, second: Late) -> Late:
    """Take what two looks agree upon."""
    seen = first.proved.keys() | first.suspected.keys()

    def confirmed(found: Mapping[str, LostCreate]) -> Mapping[str, LostCreate]:
        return {id_: each for id_, each in found.items() if id_ in seen}

    return Late(confirmed(second.proved), confirmed(second.suspected))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
