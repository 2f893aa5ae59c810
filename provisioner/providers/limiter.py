"""The pace of all requests of a command: fewer at once after a refusal, more after successes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

LONGEST_WAIT = 120.0
"""So many seconds a service may ask to wait; when it asks for more, that is an error at once."""
LONGEST_STANDSTILL = 300.0
"""So long one request goes on being refused, or all of them while none is let through."""
MOST, LEAST = 64.0, 2.0
"""How many requests may be under way at most, and however often they are refused: the second one
finds out whether the service really refuses everything while the first one waits.
"""
SHRINK, GROWTH, QUICK_GROWTH = 0.5, 0.25, 0.5
"""What a refusal leaves of that number; what is added when as many were let through; and what each
success adds while others wait: then the service refuses some requests, and not all.
"""
TOLD_EVERY_SECONDS = 30.0

Slowed: TypeAlias = Callable[[float, int], None]
"""Told for how many seconds a request waits, and how many may be under way from now on."""


class GaveUpError(Exception):
    """A refused request isn't sent again; says why."""


class StoppedError(Exception):
    """A request isn't sent again, because the run ends."""


@dataclass
class Turn:
    """One request's place among those under way, also while it is sent again."""

    began: float
    sent_at: float
    refusals: int = 0
    """With 429: the request was certainly not carried out."""
    failures: int = 0
    """Any others after which it was sent again."""


class Limiter:
    """Shared by all threads of a command.

    A request that was refused keeps its place while it waits: when all that may be under way wait,
    nobody sends anything. So a service that refuses everything brings everything to a rest, and one
    that refuses now and then only slows things down.
    """

    def __init__(
        self,
        slowed: Slowed = lambda _seconds, _at_once: None,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], object] | None = None,
    ) -> None:
        """`pause` waits for some seconds; left out, really, or until `stop`."""
        self._slowed, self._clock = slowed, clock
        self._stopped = threading.Event()
        self._pause = pause or self._stopped.wait
        self._changed = threading.Condition()
        self._allowed = MOST
        self._sending = self._waiting = 0
        self._shrunk_at = self._refused_at = self._told_at = float("-inf")
        self._refused_since: float | None = None

    @property
    def at_once(self) -> int:
        """Tell how many requests may be under way."""
        return int(self._allowed)

    @property
    def waiting(self) -> int:
        """Tell how many requests wait because they were refused."""
        return self._waiting

    def stop(self) -> None:
        """Let nothing wait any more: what would have to is given up."""
        with self._changed:
            self._stopped.set()
            self._changed.notify_all()

    def pause(self, seconds: float) -> None:
        """Wait before a request is sent again; raises StoppedError when the run ends meanwhile."""
        self._pause(seconds)
        if self._stopped.is_set():
            raise StoppedError

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Wait for a place among the requests under way, and keep it until the end."""
        with self._changed:
            self._until(lambda: self._sending + self._waiting < self.at_once)
            self._sending += 1
        try:
            yield Turn(now := self._clock(), now)
        finally:
            with self._changed:
                self._sending -= 1
                self._changed.notify_all()

    def passed(self, turn: Turn) -> None:
        """Note that a request was let through."""
        with self._changed:
            self._refused_since = None
            if self._sending + self._waiting >= self.at_once:
                others_wait = self._waiting and turn.sent_at > self._refused_at
                growth = QUICK_GROWTH if others_wait else GROWTH / self._allowed
                self._allowed = min(MOST, self._allowed + growth)
                self._changed.notify_all()

    def refused(self, turn: Turn, seconds: float) -> None:
        """Wait with a refused request, its place kept.

        Raises GaveUpError where that would take too long, StoppedError when the run ends.
        """
        turn.refusals += 1
        standstill = self._shrink(turn)
        self._bound(turn, seconds, standstill)
        self._tell(seconds)
        self._rest(seconds)
        turn.sent_at = self._clock()

    def _shrink(self, turn: Turn) -> float:
        """Allow fewer at once; tell for how many seconds nothing has been let through."""
        with self._changed:
            self._refused_at = now = self._clock()
            if self._refused_since is None:
                self._refused_since = now
            # Those that were under way together say together only once that they were too many.
            if turn.sent_at >= self._shrunk_at:
                self._allowed = max(LEAST, SHRINK * min(self._allowed, self._sending))
                self._shrunk_at = now
            return now - self._refused_since

    def _bound(self, turn: Turn, seconds: float, standstill: float) -> None:
        if seconds > LONGEST_WAIT:
            raise GaveUpError(
                f"The service asks to wait {seconds:.0f} s, and {LONGEST_WAIT:.0f} s are waited at"
                " most"
            )
        spent = self._clock() - turn.began
        if max(spent, standstill) + seconds > LONGEST_STANDSTILL:
            raise GaveUpError(
                f"It was refused {turn.refusals} times within {spent:.0f} s, and nothing is tried"
                f" for longer than {LONGEST_STANDSTILL:.0f} s"
            )

    def _rest(self, seconds: float) -> None:
        with self._changed:
            self._sending -= 1
            self._waiting += 1
        try:
            self.pause(seconds)
        finally:
            with self._changed:
                self._until(lambda: self._sending < self.at_once)
                self._waiting -= 1
                self._sending += 1

    def _until(self, free: Callable[[], bool]) -> None:
        """Wait for a place; when the run ends nobody waits."""
        self._changed.wait_for(lambda: free() or self._stopped.is_set())

    def _tell(self, seconds: float) -> None:
        """Tell now and then: who waits is not told of each refusal."""
        with self._changed:
            if self._clock() - self._told_at < TOLD_EVERY_SECONDS:
                return
            self._told_at = self._clock()
        self._slowed(seconds, self.at_once)
