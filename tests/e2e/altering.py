"""A proxy to the emulator that does with single requests what a test says."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from fault_answers import JSON
from forwarding import Forwarder, Reply, Request, running

Deed: TypeAlias = Callable[["Handler", bytes], Reply | None]
"""Gives the answer to a request with this body; None for none at all."""


@dataclass
class Altering:
    """What the proxy does: for each pattern of `METHOD /path` a deed, so many times."""

    url: str = ""
    seen: list[str] = field(default_factory=list)
    """The requests that came, in their order."""
    _rules: list[tuple[re.Pattern[str], Deed]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def on(self, pattern: str, deed: Deed, times: int = 1000) -> None:
        """Do that with the next such requests."""
        with self._lock:
            self._rules.extend([(re.compile(pattern), deed)] * times)

    def clear(self) -> None:
        """Hand everything on again."""
        with self._lock:
            self._rules.clear()
            self.seen.clear()

    def take(self, line: str) -> Deed | None:
        """Take down a request, and give what is to be done with it."""
        with self._lock:
            self.seen.append(line)
            for index, (pattern, deed) in enumerate(self._rules):
                if pattern.search(line):
                    del self._rules[index]
                    return deed
        return None


class Handler(Forwarder):
    """One connection."""

    altering: Altering

    def handle_any(self) -> None:
        """Hand a request on, or do something else with it."""
        body = self.body()
        deed = self.altering.take(self.line.replace("/openai", "", 1)) or handed_on
        answer = deed(self, body)
        if answer is None:
            self.close_connection = True
        else:
            self.reply(*answer)

    do_GET = do_POST = do_DELETE = handle_any  # noqa: N815

    def post(self, tail: str) -> None:
        """Send another request first: to the path of this one without its last part, and `tail`."""
        path, _, query = self.path.partition("?")
        headers = {"api-key": self.headers["api-key"], "Content-Type": "application/json"}
        where = f"{path.rpartition('/')[0]}{tail}?{query}"
        Request(self.target, "POST", where, headers, b"{}").send()


def handed_on(handler: Handler, body: bytes) -> Reply:
    """Do nothing else."""
    return handler.forward(body)


def answered(status: int, value: Any) -> Deed:
    """Answer so in the place of the service."""
    return lambda _handler, _body: (status, [JSON], json.dumps(value).encode())


def lost(handler: Handler, body: bytes) -> None:
    """Carry the request out, and lose the answer."""
    handler.forward(body)


def changed(change: Callable[[Any], Any]) -> Deed:
    """Change the answer's JSON."""

    def deed(handler: Handler, body: bytes) -> Reply:
        status, headers, answer = handler.forward(body)
        value = json.loads(answer)
        change(value)
        left = [each for each in headers if each[0].lower() != "content-length"]
        return status, left, json.dumps(value).encode()

    return deed


@contextmanager
def altering_proxy(target: str) -> Iterator[Altering]:
    """Run a proxy to the emulator at `target`; until it is told more it only hands on."""
    given = Altering()

    class Own(Handler):
        altering = given

    Own.target = target
    with running(Own) as given.url:
        yield given
