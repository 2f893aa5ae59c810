"""Ctrl-C and SIGTERM: once to end well, twice to end now."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from types import FrameType
from typing import TypeAlias

from provisioner.cli.terminal import Exit, has_cursor
from provisioner.halt import Halt, Reason

Handler: TypeAlias = Callable[[int, FrameType | None], None]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SHOW_CURSOR = "\x1b[?25h"
_REMARKS = {
    Reason.INTERRUPTED: "Interrupt received. Finishing what is under way, starting nothing new."
    " Interrupt again to stop now.",
    Reason.TIMED_OUT: "Time is up (--timeout). Finishing what is under way, starting nothing new.",
}
CONVERSING = {
    Reason.INTERRUPTED: "Interrupt received. Cancelling the runs that are under way, and deleting"
    " their threads. Interrupt again to stop now."
}


@contextmanager
def interruptible() -> Iterator[list[int]]:
    """Let the first signal raise KeyboardInterrupt, whichever it is, and the second end at once.

    Gives the list of those that have come.
    """
    seen: list[int] = []

    def interrupt(number: int, _frame: FrameType | None) -> None:
        if seen:
            _stop_now()
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
    remarks: Mapping[Reason, str] = _REMARKS,
) -> Iterator[None]:
    """Halt a run at the first signal, or after so many seconds; end at once at the second signal.

    `remark` is told why, in the words of `remarks`; `stop` ends what only waits.
    """
    # A signal may come at any moment, also in the midst of printing: all that its handler does is
    # to put something into a queue that was made for that.
    news: SimpleQueue[Reason | None] = SimpleQueue()

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        if halt.reason is Reason.INTERRUPTED:
            _stop_now()
        halt.reason = Reason.INTERRUPTED
        news.put(halt.reason)

    def watch() -> None:
        for reason in _reasons(news, seconds):
            halt.reason = halt.reason or reason
            remark(remarks[reason])
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


def _stop_now() -> None:
    """End without waiting for anything, as a kill would; the journal knows what was under way."""
    text = "\nStopped. The next run finds out what became of what was under way.\n"
    shown = f"{_SHOW_CURSOR}{text}" if has_cursor(sys.stderr) else text
    try:
        os.write(2, shown.encode())
    finally:
        os._exit(Exit.ERROR)
