"""Requests that are held back on their way."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from forwarding import Request


@dataclass(frozen=True)
class Barrier:
    """Where a request waits until it is let go on."""

    reached: threading.Event = field(default_factory=threading.Event)
    opened: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        """Come to it, and wait."""
        self.reached.set()
        self.opened.wait(60)


@dataclass
class Held:
    """A request that is still under way."""

    request: Request
    collection: str | None
    """The list that a create is to show in."""
    after: int
    """So many requests for that list (for others: so many requests) later it arrives."""
    run: int
