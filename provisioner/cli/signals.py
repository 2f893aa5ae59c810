"""Ctrl-C and SIGTERM: once to end well, twice to end now."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import FrameType
from typing import TypeAlias

from provisioner.cli.terminal import Exit, has_cursor
from provisioner.halt import Halt, Reason

Handler: TypeAlias = Callable[[int, FrameType | None], None]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SHOW_CURSOR = "\x1b[?25h"


@dataclass(frozen=True, slots=True)
class Words:
    """What is said of a signal, or of the end of the time."""

    remarks: Mapping[Reason, str]
    """Why a run is halted."""
    stopped: str
    """What becomes of what was under way when it ends at once."""


APPLYING = Words(
    {
        Reason.INTERRUPTED: "Interrupt received. Finishing what is under way, starting nothing new."
        " Interrupt again to stop now.",
        Reason.TIMED_OUT: "Time is up (--timeout). Finishing what is under way, starting nothing"
        " new.",
    },
    "Stopped. The next run finds out what became of what was under way.",
)
CONVERSING = Words(
    {
        Reason.INTERRUPTED: "Interrupt received. Cancelling the runs that are under way, and"
        " deleting their threads. Interrupt again to stop now."
    },
    "Stopped. Threads that were under way stay at the service, with their files; their runs end by"
    " themselves.",
)


@contextmanager
def interruptible(words: Words = APPLYING) -> Iterator[list[int]]:
    """Let the first signal raise KeyboardInterrupt, whichever it is, and the second end at once.

    Gives the list of those that have come.
    """
    seen: list[int] = []

    def interrupt(number: int, _frame: FrameType | None) -> None:
        if seen:
            _stop_now(words)
        seen.append(number)
        raise KeyboardInterrupt

    with _handled(interrupt):
        yield seen


@contextmanager
def halting(
    halt: Halt,
    seconds: float | None,
    remark: Callable[[str], None],
    stop: Callable[[], None],
    words: Words = APPLYING,
) -> Iterator[None]:
    """Halt a run at the first signal, or after so many seconds; end at once at the second signal.

    `remark` is told why, in these words; `stop` ends what only waits.
    """
    # A signal may come at any moment, also in the midst of printing: all that its handler does is
    # to put something into a queue that was made for that.
    news: SimpleQueue[Reason | None] = SimpleQueue()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        if halt.reason is Reason.INTERRUPTED:
            _stop_now(words)
        halt.reason = Reason.INTERRUPTED
        news.put(halt.reason)

    def watch() -> None:
        for reason in _reasons(news, seconds):
            halt.reason = halt.reason or reason
            remark(words.remarks[reason])
            stop()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        with _handled(interrupt):
            yield
    finally:
        news.put(None)
        watcher.join()


def _reasons(news: SimpleQueue[Reason | None], seconds: float | None) -> Iterator[Reason]:
    """Go through the reasons to halt, until nobody needs them any more."""
    until = None if seconds is None else time.monotonic() + seconds
    while True:
        try:
            reason = news.get(timeout=None if until is None else max(0, until - time.monotonic()))
        except Empty:
            reason, until = Reason.TIMED_OUT, None
        if reason is None:
            return
        yield reason


@contextmanager
def _handled(handler: Handler) -> Iterator[None]:
    """Handle signals so; only the main thread can."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, handler) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, previous in before.items():
            signal.signal(each, signal.SIG_DFL if previous is None else previous)


def _stop_now(words: Words) -> None:
    """End without waiting for anything, as a kill would; the journal knows what was under way."""
    text = f"\n{words.stopped}\n"
    shown = f"{_SHOW_CURSOR}{text}" if has_cursor(sys.stderr) else text
    try:
        os.write(2, shown.encode())
    finally:
        os._exit(Exit.ERROR)
