"""The limiter: one pace for all requests of a command."""

from __future__ import annotations

import threading
from contextlib import ExitStack

import pytest
from fake_time import FakeTime

from provisioner.providers.limiter import GaveUpError, Limiter, StoppedError, Turn


def refuse(limiter: Limiter, seconds: float = 1.0) -> None:
    """Send a request that is refused once."""
    with limiter.turn() as turn:
        limiter.refused(turn, seconds)
        limiter.passed(turn)


def give_up(limiter: Limiter, turn: Turn) -> None:
    """Let a request be refused for longer than it may wait."""
    with pytest.raises(GaveUpError):
        limiter.refused(turn, 3600)


def test_those_refused_together_halve_what_is_under_way_once() -> None:
    """Eight that were sent before the first refusal say together only once that it was too much."""
    time = FakeTime()
    limiter = time.limiter()
    with ExitStack() as stack:
        turns = [stack.enter_context(limiter.turn()) for _ in range(8)]
        time.now = 1
        for each in turns:
            give_up(limiter, each)
            assert limiter.at_once == 4


def test_two_are_always_allowed() -> None:
    """However often the service refuses, something is tried."""
    limiter = FakeTime().limiter()
    for _ in range(5):
        refuse(limiter)
    assert limiter.at_once == 2


def test_successes_bring_the_pace_back() -> None:
    """After a while as many are sent at once as before."""
    limiter = FakeTime().limiter()
    refuse(limiter)
    assert limiter.at_once == 2
    sent = 0
    while limiter.at_once < 8:
        sent += 1
        with ExitStack() as stack:
            turns = [stack.enter_context(limiter.turn()) for _ in range(limiter.at_once)]
            limiter.passed(turns[0])
    assert 8 < sent < 200


def test_successes_while_others_wait_bring_it_back_sooner() -> None:
    """Then the service refuses some requests, and not all."""
    time = FakeTime()

    def succeed(_seconds: float) -> None:
        for _ in range(4):
            time.now += 1
            with limiter.turn() as turn:
                limiter.passed(turn)

    limiter = Limiter(clock=lambda: time.now, pause=succeed)
    refuse(limiter)
    assert limiter.at_once == 3


def test_nobody_begins_while_all_that_may_be_under_way_wait() -> None:
    """Two are refused, and two are allowed: the third waits with them."""
    refused, go = threading.Barrier(3), threading.Event()
    order: list[str] = []

    def pause(_seconds: float) -> None:
        refused.wait(10)
        go.wait(10)
        order.append("waited")

    limiter = Limiter(pause=pause)

    def third() -> None:
        with limiter.turn():
            order.append("sent")

    threads = [threading.Thread(target=refuse, args=(limiter,)) for _ in range(2)]
    threads.append(threading.Thread(target=third))
    for each in threads[:2]:
        each.start()
    refused.wait(10)
    threads[2].start()
    assert limiter.waiting == 2
    go.set()
    for each in threads:
        each.join(10)
    assert order[0] == "waited"


def test_a_run_in_which_nothing_passes_comes_to_an_end() -> None:
    """After five minutes of refusals a new request isn't waited for, either."""
    time = FakeTime()
    limiter = time.limiter()

    def be_refused() -> None:
        with limiter.turn() as turn:
            while True:
                limiter.refused(turn, 60)

    for _ in range(2):
        with pytest.raises(GaveUpError):
            be_refused()
    assert time.waits == [60] * 5


def test_what_passes_makes_the_run_patient_again() -> None:
    """As long as others are let through, each request has its own five minutes."""
    time = FakeTime()
    limiter = time.limiter()
    for _ in range(20):
        refuse(limiter, 60)
    assert time.now == 1200


def test_stopping_wakes_those_who_wait() -> None:
    """A request that waits out a refusal is given up at once."""
    began = threading.Event()
    limiter = Limiter(lambda *_: began.set())
    ended: list[type[BaseException]] = []

    def send() -> None:
        try:
            refuse(limiter, 100)
        except StoppedError as trouble:
            ended.append(type(trouble))

    thread = threading.Thread(target=send)
    thread.start()
    assert began.wait(10)
    limiter.stop()
    thread.join(10)
    assert ended == [StoppedError]


def test_slowing_down_is_told_now_and_then() -> None:
    """A line says it, not one for each refusal."""
    time, told = FakeTime(), list[tuple[float, int]]()
    limiter = time.limiter(lambda seconds, at_once: told.append((seconds, at_once)))
    for _ in range(40):
        refuse(limiter, 2)
    assert len(told) == 3
    assert told[0] == (2, 2)
