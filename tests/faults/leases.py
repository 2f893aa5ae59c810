"""Cases whose state is in Azure Blob Storage: leases lost midway, and answers of the storage."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import cases
from bench import KILLED, Ended, LostError, Site
from fault_proxy import HOLDS, Spot
from holding import Barrier
from invention import Declared
from oracle import STATE
from playing import disturbed, expect
from storage_proxy import STORAGE_HANDLED, STORAGE_KILLS, STORAGE_UNHANDLED

UNLOCK = ("state", "unlock", "--force")
OVERTAKEN = "S024"
MOST_REQUESTS = 35
"""About so many requests an apply sends to the storage."""
REPEATED = (*STORAGE_UNHANDLED, *STORAGE_HANDLED)
"""The SDK repeats a request that met one of these."""


def broken(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Break the lease of a run that is held back; another machine goes on, and may be killed."""
    other = site.checked_out()
    with _held_back(chance, site, command, at_storage=chance.random() < 0.3) as (first, barrier):
        if first.done():
            return first.result()
        expect(other.run(*UNLOCK))
        if chance.random() < 0.3:
            return _both_at_once(other, command, first, barrier)
        return _one_after_the_other(chance, other, command, first, barrier)


def _one_after_the_other(
    chance: random.Random,
    other: Site,
    command: tuple[str, ...],
    first: Future[Ended],
    barrier: Barrier,
) -> Ended:
    """Let the other one end before the first goes on."""
    kills = _kill(chance) if chance.random() < 0.4 else ({}, {})
    second = disturbed(other, command, chance.random(), kills[0], stored=kills[1])
    other.calm()
    _went_well_or_was_overtaken(second)
    stood = _state(other)
    barrier.opened.set()
    ended = first.result()
    _went_well_or_was_overtaken(ended)
    if ended.code and _state(other) != stood:
        raise LostError("a run that had lost its lock has written over the state")
    if second.code == KILLED:
        expect(other.run(*UNLOCK))
    other.hurt["lease broken"] += 1
    return ended


def _both_at_once(
    other: Site, command: tuple[str, ...], first: Future[Ended], barrier: Barrier
) -> Ended:
    """Let the first go on as soon as the other one has begun."""
    running = other.start(*command)
    barrier.opened.set()
    second = other.end(running, command, " (at once)")
    for each in (ended := first.result(), second):
        _went_well_or_was_overtaken(each)
    other.hurt["lease broken (at once)"] += 1
    return ended


def killed(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Kill a run at a request to the storage or to the service; somebody ends its lease."""
    due, stored = _kill(chance)
    ended = disturbed(site, command, chance.random(), due, stored=stored)
    other = site.checked_out()
    other.calm()
    if ended.code == KILLED and chance.random() < 0.3:
        _told_to_wait(other.undisturbed(*command))
    expect(other.undisturbed(*UNLOCK))
    return ended


def answers(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Let requests to the storage meet faults: one, or a few, or a fifth of all."""
    many = chance.choice((1, 1, 1, 3, 0))
    if many:
        stored = {_request(chance): chance.choice(REPEATED) for _ in range(many)}
    else:
        spots: list[Spot] = [("any", each) for each in range(120) if chance.random() < 0.2]
        stored = {each: chance.choice(REPEATED) for each in spots}
    ended = disturbed(site, command, chance.random(), stored=stored)
    if ended.code and len(stored) == 1:
        raise LostError("one lost answer of the storage is too much")
    # A lease that could not be given up would end by itself.
    expect(site.undisturbed(*UNLOCK))
    return ended


def machines(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Start the same on two or three machines at once; only one at a time gets through."""
    sites = [site, *(site.checked_out() for _ in range(chance.randint(1, 2)))]
    site.calm()
    site.stored.begin({("any", each): "slow" for each in range(60) if chance.random() < 0.2})
    patient = chance.random() < 0.4
    every = (*command, "--lock-timeout", "60") if patient else command
    running = [(each, each.start(*every)) for each in sites]
    ended = [each.end(process, every, " (at once)") for each, process in running]
    site.hurt["race of machines"] += 1
    for each in ended:
        _told_to_wait(each)
        if patient and each.code:
            raise LostError("one that was to wait for the lock did not get through")
    return ended[0]


def replaced(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Put something else in the place of the state while a run is held back."""
    assert site.container is not None
    with _held_back(chance, site, command, at_storage=False) as (first, barrier):
        if first.done():
            return first.result()
        backup = site.container.read(STATE)
        put = chance.choice((_touched, _newer, _of_another_lineage, _garbage))(backup)
        site.container.write(STATE, put)
        barrier.opened.set()
        ended = first.result()
    site.hurt[f"state replaced ({'touched' if put == backup else 'changed'})"] += 1
    # It goes well where what it did is recorded already: drift, put right.
    _went_well_or_was_overtaken(ended)
    if _state(site) != put:
        raise LostError("somebody else's state was overwritten")
    if put != backup:
        _put_right(site, backup)
    return ended


def _touched(state: bytes) -> bytes:
    return state


def _newer(state: bytes) -> bytes:
    found = json.loads(state)
    return json.dumps({**found, "serial": found["serial"] + 7}).encode()


def _of_another_lineage(state: bytes) -> bytes:
    return json.dumps({**json.loads(state), "lineage": "somebody-elses"}).encode()


def _garbage(state: bytes) -> bytes:
    return state[: len(state) // 2]


def _put_right(site: Site, backup: bytes) -> None:
    """Do what the message says; where it names no generation, put the backup back."""
    assert site.container is not None
    said = site.undisturbed("plan").err
    named = re.search(r"state push -e \S+ --generation (\S+?)`", " ".join(said.split()))
    if named:
        expect(site.undisturbed("state", "push", "--generation", named[1]))
    else:
        site.container.write(STATE, backup)


Hurt = Callable[[random.Random, Site, tuple[str, ...]], Ended]
KINDS: tuple[Hurt, ...] = (broken, killed, answers, replaced, broken, machines)


def kind(seed: int) -> str:
    """Name what a seed's case is about."""
    return f"lease: {KINDS[seed % len(KINDS)].__name__}"


def play(chance: random.Random, site: Site, declared: Declared) -> None:
    """Keep the state remotely, and hurt a run; either machine goes on from there."""
    declared.state = site.store_remotely()

    def hurt(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
        ended = KINDS[site.seed % len(KINDS)](chance, site, command)
        if chance.random() < 0.5:
            site.checkout = site.checked_out().checkout
        return ended

    cases.play(chance, site, declared, hurt)


@contextmanager
def _held_back(
    chance: random.Random, site: Site, command: tuple[str, ...], *, at_storage: bool
) -> Iterator[tuple[Future[Ended], Barrier]]:
    """Run a command until a request of it comes to the barrier, or it ends."""
    proxy, barrier = (site.stored if at_storage else site.faults), Barrier()
    spot: Spot = (
        ("any", chance.randint(5, 40))
        if at_storage
        else ("write", chance.choice((0, 0, 0, 1, 1, 2)))
    )
    site.calm()
    proxy.barrier = barrier
    proxy.begin({spot: chance.choice(HOLDS)})
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(site.run, *command, note=" (held back)")
        try:
            while not barrier.reached.wait(0.02) and not first.done():
                pass
            yield first, barrier
        finally:
            barrier.opened.set()


def _kill(chance: random.Random) -> tuple[dict[Spot, str], dict[Spot, str]]:
    """Choose a request to the service, or to the storage, at which a command is killed."""
    due = {cases.spot(chance): chance.choice(STORAGE_KILLS)}
    if chance.random() < 0.3:
        return due, {}
    return {}, {_request(chance): chance.choice(STORAGE_KILLS)}


def _request(chance: random.Random) -> Spot:
    return ("any", chance.randint(0, MOST_REQUESTS))


def _state(site: Site) -> bytes:
    assert site.container is not None
    return site.container.read(STATE) if STATE in site.container.names() else b""


def _went_well_or_was_overtaken(ended: Ended) -> None:
    if ended.code not in (0, KILLED) and OVERTAKEN not in ended.refused:
        raise LostError("a run that was overtaken ended otherwise than with S024")


def _told_to_wait(ended: Ended) -> None:
    if ended.code and "S007" not in ended.refused:
        raise LostError("one neither got through nor was told to wait")
