"""A proxy between a command and the emulator that does what networks and services do at times.

Which request meets which fault is said beforehand, by the request's number since `begin`: among
all, or among those that write. So one seed makes one story, as far as the command sends its
requests in one order.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from busy_proxy import QUICK_HINTS, refusal
from fault_answers import FORBIDDEN, GARBAGE, GATEWAY, HTML, JSON
from forwarding import Forwarder, Reply, Request, running
from holding import Barrier, Held

UNHANDLED = (
    *("drop-before", "reset-before", "error-before", "timeout-before", "garbage-before"),
    *("busy", "gateway", "forbidden", "kill-before"),
)
"""Faults after which the service has not carried the request out."""
HANDLED = (
    *("drop-after", "reset-after", "error-after", "timeout-after", "garbage-after", "cut"),
    *("slow", "kill-after", "kill-answered"),
)
"""Faults after which it has."""
LATE = ("late-drop", "late-kill")
"""The command sees no answer, or dies; the request is handed on later."""
FAULTS = (*UNHANDLED, *HANDLED, *LATE)
HOLDS = ("hold-before", "hold-after")
"""It waits at the barrier, before or after it is handled; nothing else is done to it."""

COLLECTION = re.compile(r"/openai/(assistants|files|vector_stores)$")


Spot = tuple[str, int]
"""`any` or `write`, and the number of the request among these."""


@dataclass
class Faults:
    """What the proxy does, and what it has seen."""

    target: str
    url: str = ""
    requests: list[str] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    """How often each fault was met since the proxy started."""
    barrier: Barrier = field(default_factory=Barrier)
    _counted: Counter[str] = field(default_factory=Counter)
    _due: Mapping[Spot, str] = field(default_factory=dict)
    _chance: random.Random = field(default_factory=lambda: random.Random(0))  # noqa: S311
    _victim: threading.Event = field(default_factory=threading.Event)
    _pid: int = 0
    _lag: int = 0
    _late_by: tuple[int, int] = (1, 2)
    _run: int = 0
    _dead: bool = False
    _held: list[Held] = field(default_factory=list)
    _hidden: dict[str, int] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def begin(
        self,
        due: Mapping[Spot, str] | None = None,
        seed: int = 0,
        lag: int = 0,
        late_by: tuple[int, int] = (1, 2),
    ) -> None:
        """Count a new run's requests, from 0, and let these meet these faults.

        `lag`: at most so many lists don't show what was just made. `late_by`: within so many lists
        of the next run a create that is late arrives.
        """
        with self._lock:
            self.requests.clear()
            self._counted.clear()
            self._due, self._lag, self._late_by = due or {}, lag, late_by
            self._chance = random.Random(seed)  # noqa: S311
            self._run += 1
            self._dead = False
            self._pid = 0
            self._victim.clear()

    def aim(self, pid: int) -> None:
        """Say which process a kill is for."""
        self._pid = pid
        self._victim.set()

    def drain(self) -> int:
        """Let everything arrive that is still under way; tell how much that was."""
        with self._lock:
            late, self._held = self._held, []
            self._hidden.clear()
        for each in late:
            each.request.send()
        return len(late)

    def count(self, line: str) -> tuple[str | None, random.Random]:
        """Take down a request; give the fault that it meets, and where chance comes from."""
        with self._lock:
            fault = self._due.get(("any", self._counted["any"]))
            self._counted["any"] += 1
            if not line.startswith(("GET", "HEAD")):
                fault = self._due.get(("write", self._counted["write"]), fault)
                self._counted["write"] += 1
            self.requests.append(f"{line}  <- {fault}" if fault else line)
            if fault:
                self.met[fault] += 1
            return fault, random.Random(self._chance.random())  # noqa: S311

    def arrive(self, line: str) -> None:
        """Let what is late arrive before this request is handed on."""
        method, path = line.split(" ")
        listed = COLLECTION.match(path) if method == "GET" else None
        with self._lock:
            for each in [each for each in self._held if each.run < self._run]:
                if not each.collection or (listed and listed[1] == each.collection):
                    each.after -= 1
                    if each.after <= 0:
                        self._held.remove(each)
                        each.request.send()

    def hold(self, request: Request, chance: random.Random) -> None:
        """Keep a request for later."""
        made = COLLECTION.search(request.path.split("?")[0])
        collection = made[1] if made and request.method == "POST" else None
        after = chance.randint(*self._late_by) if collection else chance.randint(1, 10)
        with self._lock:
            self._held.append(Held(request, collection, after, self._run))

    def kill(self) -> None:
        """Kill the command."""
        self._victim.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        self._dead = True

    @property
    def dead(self) -> bool:
        """Say whether the command was killed: then nothing more of it arrives."""
        return self._dead

    def lagging(self, line: str, answer: Reply) -> Reply:
        """Remember what is made, and leave it out of the next lists."""
        status, headers, body = answer
        method, path = line.split(" ")
        if status != 200 or not COLLECTION.match(path) or not (self._lag or self._hidden):
            return answer
        with self._lock:
            if method == "POST" and self._lag:
                self._hidden[json.loads(body)["id"]] = self._chance.randint(0, self._lag)
            if method != "GET":
                return answer
            page = json.loads(body)
            kept = [each for each in page["data"] if self._hidden.get(each["id"], 0) <= 0]
            for each in page["data"]:
                if each["id"] in self._hidden:
                    self._hidden[each["id"]] -= 1
            if len(kept) == len(page["data"]):
                return answer
            self.met["lag"] += 1
            self.requests.append("    (a list that lagged behind)")
        left = [each for each in headers if each[0].lower() != "content-length"]
        return status, left, json.dumps({**page, "data": kept}).encode()


@contextmanager
def fault_proxy(target: str, kind: type[FaultHandler] | None = None) -> Iterator[Faults]:
    """Run a proxy to what is at `target`; until it is told more it does no harm."""
    given = Faults(target)

    class Handler(kind or FaultHandler):  # type: ignore[misc]
        faults = given

    Handler.target = target
    with running(Handler) as given.url:
        yield given


class FaultHandler(Forwarder):
    """One connection, whose requests meet their faults."""

    faults: Faults

    def handle_any(self) -> None:
        """Hand a request on, or let it meet its fault."""
        line, body = self.line, self.body()
        if self.faults.dead:
            self.close_connection = True
            return
        fault, chance = self.faults.count(line)
        self.faults.arrive(line)
        if fault in LATE:
            self.faults.hold(self.as_sent(body), chance)
            self.vanish(fault.endswith("kill"), reset=False)
        elif fault in UNHANDLED:
            self.refuse(fault, chance)
        else:
            answer = self.faults.lagging(line, self.held(fault, body))
            self.spoil(fault, chance, answer)

    do_GET = do_POST = do_DELETE = handle_any  # noqa: N815

    def held(self, fault: str | None, body: bytes) -> Reply:
        """Hand a request on; where it is to be held back, not before the barrier is opened."""
        barrier = self.faults.barrier
        if fault == "hold-before":
            barrier.wait()
        answer = self.forward(body)
        if fault == "hold-after":
            barrier.wait()
        return answer

    def vanish(self, kill: bool, *, reset: bool) -> None:
        """Give no answer."""
        if kill:
            self.faults.kill()
        self.close_connection = True
        if reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            # Closed here and now: the server would say goodbye first.
            os.close(self.connection.detach())

    def refuse(self, fault: str, chance: random.Random) -> None:
        """Answer, or don't, without handing the request on."""
        if fault == "busy":
            self.reply(*refusal(chance.choice(QUICK_HINTS)))
        elif fault == "gateway":
            self.reply(*GATEWAY)
        elif fault == "forbidden":
            self.reply(*chance.choice(FORBIDDEN))
        else:
            self.disturb(fault, chance)

    def spoil(self, fault: str | None, chance: random.Random, answer: Reply) -> None:
        """Answer, or don't, when the request was handed on."""
        if fault is None or fault in HOLDS:
            self.reply(*answer)
        elif fault == "slow":
            self.reply_slowly(answer, chance.uniform(0.02, 0.2))
        elif fault == "cut":
            self.reply_in_part(answer)
        elif fault == "kill-answered":
            self.reply(*answer)
            time.sleep(chance.choice((0, 0, 0.002, 0.01)))
            self.vanish(kill=True, reset=False)
        else:
            self.disturb(fault, chance)

    def disturb(self, fault: str, chance: random.Random) -> None:
        """Do what can be done before and after a request was handed on alike."""
        what = fault.partition("-")[0]
        if what == "error":
            self.reply(chance.choice((500, 502, 503)), [HTML], b"<h1>Service unavailable</h1>")
        elif what == "timeout":
            body = b'{"error":{"code":"Timeout","message":"The operation was timeout."}}'
            self.reply(408, [JSON], body)
        elif what == "garbage":
            self.reply(*GARBAGE)
        else:
            self.vanish(what == "kill", reset=what == "reset")

    def reply_slowly(self, answer: Reply, seconds: float) -> None:
        """Answer in two parts, with a pause before each."""
        body = answer[2]
        time.sleep(seconds / 2)
        self.reply_in_part(answer)
        time.sleep(seconds / 2)
        with contextlib.suppress(OSError):
            self.wfile.write(body[len(body) // 2 :])
            self.close_connection = False
