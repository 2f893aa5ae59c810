"""A proxy between a command and the emulator that kills the command at a chosen request."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from forwarding import Forwarder, running

Moment = Literal["before", "after"]


@dataclass
class Killer:
    """Counts requests, and kills a process before or after one of them is handled."""

    target: str
    url: str = ""
    requests: list[str] = field(default_factory=list)
    at: int | None = None
    moment: Moment = "before"
    killed: threading.Event = field(default_factory=threading.Event)
    victim: int = 0
    _news: threading.Condition = field(default_factory=threading.Condition)

    def aim(self, at: int | None, moment: Moment) -> None:
        """Begin to count anew, and kill at request number `at` (from 0; None: never)."""
        self.requests.clear()
        self.killed.clear()
        self.at, self.moment = at, moment

    def count(self, line: str) -> int:
        """Take down a request, and give its number."""
        with self._news:
            self.requests.append(line)
            self._news.notify_all()
            return len(self.requests) - 1

    def seen(self, wanted: Callable[[str], bool]) -> bool:
        """Wait until there was such a request; say whether there was."""
        with self._news:
            return self._news.wait_for(lambda: any(map(wanted, self.requests)), timeout=60)

    def kill(self, number: int, moment: Moment) -> bool:
        """Kill if this is the time; say whether the victim is dead."""
        if number == self.at and moment == self.moment:
            os.kill(self.victim, signal.SIGKILL)
            self.killed.set()
        return self.killed.is_set()


@contextmanager
def killing_proxy(target: str) -> Iterator[Killer]:
    """Run a proxy to the emulator at `target`."""
    killer = Killer(target)

    class Handler(_Handler):
        aimed = killer

    Handler.target = target
    with running(Handler) as killer.url:
        yield killer


class _Handler(Forwarder):
    aimed: Killer

    def handle_any(self) -> None:
        """Hand a request on, unless its sender is dead before or after."""
        number = self.aimed.count(self.line)
        body = self.body()
        if self.aimed.kill(number, "before"):
            self.close_connection = True
            return
        answer = self.forward(body)
        if self.aimed.kill(number, "after"):
            self.close_connection = True
            return
        self.reply(*answer)

    do_GET = do_POST = do_DELETE = handle_any  # noqa: N815
