"""A proxy between a command and the emulator that refuses requests at random with 429."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from forwarding import Forwarder, Reply, running

TOO_MANY = 429
Hint = tuple[dict[str, str], str]
"""Headers, and words of the message, of a 429."""

QUICK_HINTS: Sequence[Hint] = (
    ({"Retry-After": "0"}, ""),
    ({"retry-after-ms": "40"}, ""),
    ({}, " Try again in 0.1 seconds."),
    ({}, ""),
)
"""All forms in which Azure says how long to wait, and none; none of them long."""


def refusal(hint: Hint) -> Reply:
    """Give the answer that refuses a request for now."""
    headers, words = hint
    error = {"code": "429", "message": f"Rate limit is exceeded.{words}"}
    given = [*headers.items(), ("Content-Type", "application/json")]
    return TOO_MANY, given, json.dumps({"error": error}).encode()


@dataclass
class Busy:
    """Refuses a share of the requests; the same ones for the same seed, in the order they come."""

    share: float
    hints: Sequence[Hint]
    chance: random.Random
    only: str
    """With what the refused requests' lines begin."""
    url: str = ""
    passed: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def verdict(self, line: str) -> Reply | None:
        """Decide on a request: None lets it pass."""
        with self._lock:
            if not line.startswith(self.only) or self.chance.random() >= self.share:
                return None
            self.refused.append(line)
            return refusal(self.chance.choice(self.hints))

    def note(self, line: str, status: int) -> None:
        """Note what the emulator itself did with a request."""
        with self._lock:
            (self.refused if status == TOO_MANY else self.passed).append(line)


@contextmanager
def busy_proxy(
    target: str, share: float, hints: Sequence[Hint] = QUICK_HINTS, only: str = ""
) -> Iterator[Busy]:
    """Run a proxy to the emulator at `target` that refuses this share of the requests."""
    limits = Busy(share, hints, random.Random(7), only)  # noqa: S311

    class Handler(_Handler):
        busy = limits

    Handler.target = target
    with running(Handler) as limits.url:
        yield limits


class _Handler(Forwarder):
    busy: Busy

    def handle_any(self) -> None:
        """Refuse a request, or hand it on."""
        body = self.body()
        answer = self.busy.verdict(self.line)
        if answer is None:
            answer = self.forward(body)
            self.busy.note(self.line, answer[0])
        self.reply(*answer)

    do_GET = do_POST = do_DELETE = handle_any  # noqa: N815
