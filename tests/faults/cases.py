"""Cases made up at random: a project, what happens to it, faults, and what has to hold then."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import oracle
from bench import KILLED, Ended, LostError, Site
from evolution import Foreign, drift, evolve
from fault_proxy import FAULTS, HANDLED, LATE, UNHANDLED, Spot
from injection import AFTER, BEFORE, BROKEN, FULL, TEAR
from invention import Declared, write
from playing import APPLY, DESTROY, applied, converge, disturbed, expect, plant

HOUR = 3600.0

Hurt = Callable[[random.Random, Site, tuple[str, ...]], Ended]
"""Runs a command, and does something to it meanwhile."""


def http(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Let one to four requests meet a fault."""
    faults = [each for each in FAULTS if not each.startswith(("kill", "late"))]
    due = {spot(chance): chance.choice(faults) for _ in range(chance.randint(1, 4))}
    return disturbed(site, command, chance.random(), due)


def storm(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Refuse a share of all requests with 429, or let a share of them fail."""
    share, kinds = chance.choice(
        ((0.5, ("busy",)), (0.25, ("error-before", "error-after", "slow")))
    )
    due = {("any", each): chance.choice(kinds) for each in range(60) if chance.random() < share}
    return disturbed(site, command, chance.random(), due)


def kill_http(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Kill the command at a request."""
    fault = chance.choice(("kill-before", "kill-after", "kill-answered"))
    return disturbed(site, command, chance.random(), {spot(chance): fault})


def kill_file(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Kill the command at a change of a file of its own."""
    what = chance.choice((BEFORE, AFTER, TEAR))
    return disturbed(site, command, at=chance.randint(0, 90), what=what)


def disk(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Let the disk be full, or fail, at a change of a file: once, or from then on."""
    what, lasting = chance.choice((FULL, BROKEN)), chance.random() < 0.6
    return disturbed(site, command, at=chance.randint(0, 70), what=what, lasting=lasting)


def clock(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Set the clock wrong from the start, or meanwhile, and lose an answer, or the command."""
    hours = [chance.choice((-30, -2, -0.3, 0, 0.3, 2, 30)) for _ in range(2)]
    due = {spot(chance): chance.choice(("drop-after", "kill-after", "kill-before"))}
    wrong = {"clock": hours[0] * HOUR, "jump": hours[1] * HOUR, "at": chance.randint(0, 30)}
    return disturbed(site, command, chance.random(), due, **wrong)


def lag(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Let lists lag behind what is made, and lose answers."""
    faults = ("drop-after", "kill-after", "error-after", "cut")
    due = {spot(chance): chance.choice(faults) for _ in range(chance.randint(1, 2))}
    return disturbed(site, command, chance.random(), due, lag=1)


def held(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Let a request arrive when the next run has begun, while that still waits for it."""
    due = {("write", chance.randint(0, 3)): chance.choice(LATE)}
    return disturbed(site, command, chance.random(), due)


def late(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Let a request arrive when the next run waits for it no more."""
    due = {("write", chance.randint(0, 3)): chance.choice(LATE)}
    return disturbed(site, command, chance.random(), due, late_by=(4, 9))


def impatient(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Give answers up sooner than they come."""
    due = {("any", each): "slow" for each in range(40) if chance.random() < 0.3}
    return disturbed(site, command, chance.random(), due, patience=0.05)


def mixed(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Do several of these at once."""
    kinds = [*UNHANDLED, *HANDLED]
    due = {spot(chance): chance.choice(kinds) for _ in range(chance.randint(1, 3))}
    injected: dict[str, Any] = {"at": chance.randint(0, 90)}
    injected["what"] = chance.choice((BEFORE, AFTER, TEAR, FULL, BROKEN, ""))
    if chance.random() < 0.3:
        injected["jump"] = chance.choice((-2, 2)) * HOUR
    return disturbed(site, command, chance.random(), due, lag=chance.choice((0, 1)), **injected)


def race(chance: random.Random, site: Site, command: tuple[str, ...]) -> Ended:
    """Start two or three at once, one of which may be killed; only one at a time gets through."""
    site.faults.begin({("any", each): "slow" for each in range(30) if chance.random() < 0.3})
    patient = chance.random() < 0.4
    every = (*command, "--lock-timeout", "60") if patient else command
    running = []
    for number in range(chance.randint(2, 3)):
        kill = {"at": chance.randint(0, 90), "what": BEFORE} if not number and not patient else {}
        running.append(site.start(*every, **kill))
    ended = [site.end(each, every, " (at once)") for each in running]
    site.hurt["race"] += 1
    for each in ended:
        if each.code not in (0, KILLED) and not (each.code == 1 and "S007" in each.refused):
            raise LostError("of those that raced one neither got through nor was told to wait")
        if patient and each.code:
            raise LostError("one that was to wait for the lock did not get through")
    return ended[0]


KINDS: tuple[Hurt, ...] = (
    *(http, storm, kill_http, kill_file, disk, clock, lag, held, impatient, mixed, race),
    *(kill_file, http),
)


def spot(chance: random.Random) -> Spot:
    """Choose a request that is likely to come."""
    return (
        ("write", chance.randint(0, 4)) if chance.random() < 0.7 else ("any", chance.randint(0, 9))
    )


def play(chance: random.Random, site: Site, declared: Declared, hurt: Hurt) -> None:
    """Apply, edit, let live objects drift, hurt the next command, and see that nothing is lost."""
    foreign = plant(chance, site, declared)
    before = oracle.foreign_now(site, foreign)
    write(declared, site.project, site.faults.url)
    if chance.random() < 0.7:
        expect(site.undisturbed(*APPLY))
        site.tell(f"* {evolve(chance, declared)}")
        write(declared, site.project, site.faults.url)
        if chance.random() < 0.5:
            recorded = oracle.read_state(site)["resources"]
            site.tell(f"* by hand: {drift(chance, site, recorded, foreign)}")
            before = oracle.foreign_now(site, foreign)
    if hurt is not race and chance.random() < 0.12:
        hurt(chance, site, DESTROY)
        converge(site, DESTROY)
        oracle.nothing_left(site, foreign)
    else:
        _apply(chance, site, declared, foreign, hurt)
    oracle.hold(site, foreign, before)


def _apply(
    chance: random.Random, site: Site, declared: Declared, foreign: Foreign, hurt: Hurt
) -> None:
    more = _replacing(chance, site, declared)
    for _ in range(chance.choice((1, 1, 1, 2))):
        hurt(chance, site, (*APPLY, *more))
    applied(site, foreign)
    oracle.whole(site, declared, foreign)


def _replacing(chance: random.Random, site: Site, declared: Declared) -> tuple[str, ...]:
    """Ask now and then that something is made anew."""
    recorded = oracle.read_state(site)["resources"]
    moved = {each["to"] for each in declared.moved}
    known = sorted(declared.addresses & set(recorded) - moved)
    if not known or chance.random() > 0.15:
        return ()
    return ("--replace", chance.choice(known))
