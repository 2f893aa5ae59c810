"""A proxy between a command and the emulator that holds writes back until its gate is opened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from forwarding import Forwarder, running


@dataclass
class Gate:
    """Counts the writes that have come, and those that were carried out."""

    url: str = ""
    held: int = 0
    passed: int = 0
    _open: bool = False
    _news: threading.Condition = field(default_factory=threading.Condition)

    def open(self, *, wide: bool = True) -> None:
        """Let everything through from now on, or hold it back again."""
        with self._news:
            self._open = wide
            self._news.notify_all()

    def wait_for(self, wanted: Callable[[Gate], bool]) -> None:
        """Wait until it is so."""
        with self._news:
            assert self._news.wait_for(lambda: wanted(self), timeout=60), self

    def enter(self) -> None:
        """Come to the gate, and wait until it is open."""
        with self._news:
            self.held += 1
            self._news.notify_all()
            self._news.wait_for(lambda: self._open, timeout=60)

    def leave(self) -> None:
        """Have been carried out."""
        with self._news:
            self.passed += 1
            self._news.notify_all()


@contextmanager
def gate_before(target: str) -> Iterator[Gate]:
    """Run a proxy to the emulator at `target`, its gate shut."""
    shut = Gate()

    class Handler(_Handler):
        gate = shut

    Handler.target = target
    with running(Handler) as shut.url:
        try:
            yield shut
        finally:
            shut.open()


class _Handler(Forwarder):
    gate: Gate

    def read(self) -> None:
        """Hand a request on that only reads."""
        self.reply(*self.forward(self.body()))

    def write(self) -> None:
        """Hand a request on when the gate is open."""
        body = self.body()
        self.gate.enter()
        answer = self.forward(body)
        self.gate.leave()
        self.reply(*answer)

    do_GET = read  # noqa: N815
    do_POST = do_DELETE = write  # noqa: N815
