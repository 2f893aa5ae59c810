"""A proxy that holds one write back, kills its sender, and hands it on when it is told to."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from forwarding import Forwarder, running


@dataclass
class Holder:
    """Holds the next request of a line back."""

    target: str
    url: str = ""
    victim: int = 0
    _wanted: str = ""
    _free: threading.Event = field(default_factory=threading.Event)
    _caught: threading.Event = field(default_factory=threading.Event)
    _done: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def aim(self, line: str) -> None:
        """Hold back the next such request, and kill its sender."""
        self._wanted = line
        self._free, self._done = threading.Event(), threading.Event()
        self._caught.clear()

    @property
    def has_caught(self) -> bool:
        """Whether such a request has come."""
        return self._caught.is_set()

    def release(self) -> None:
        """Let it be carried out, and wait until it is."""
        self._free.set()
        assert self._done.wait(60)

    def let_go(self) -> None:
        """Hold nothing back any more."""
        self._free.set()

    def catch(self, line: str) -> tuple[threading.Event, threading.Event] | None:
        """Say until when a request is held back, and whom to tell then; None: not at all."""
        with self._lock:
            if line != self._wanted:
                return None
            self._wanted = ""
            free, done = self._free, self._done
        os.kill(self.victim, signal.SIGKILL)
        self._caught.set()
        return free, done


@contextmanager
def holding_proxy(target: str) -> Iterator[Holder]:
    """Run a proxy to the emulator at `target`."""
    holder = Holder(target)

    class Handler(_Handler):
        aimed = holder

    Handler.target = target
    with running(Handler) as holder.url:
        try:
            yield holder
        finally:
            holder.let_go()


class _Handler(Forwarder):
    aimed: Holder

    def handle_any(self) -> None:
        """Hand a request on, or hold it back first."""
        body = self.body()
        if caught := self.aimed.catch(self.line):
            free, done = caught
            free.wait(60)
            self.forward(body)
            done.set()
            self.close_connection = True
            return
        self.reply(*self.forward(body))

    do_GET = do_POST = do_DELETE = handle_any  # noqa: N815
