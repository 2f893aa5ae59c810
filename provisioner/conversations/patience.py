"""How long a conversation may take, and what ends it sooner."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from provisioner.halt import Halt, Reason

FIRST_WAIT, LONGEST_WAIT, GROWTH = 0.1, 2.0, 1.25
"""Seconds between two looks at a run. Recorded runs take from 2 s (an answer) to 49 s (a picture).
"""


class EndedError(Exception):
    """A conversation isn't waited for any longer."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass
class Patience:
    """Shared by all conversations of a command; may be ended by a signal or another thread."""

    halt: Halt = field(default_factory=Halt)
    _ended: threading.Event = field(default_factory=threading.Event)

    def stop(self) -> None:
        """Let nothing wait any longer."""
        self._ended.set()

    def interrupt(self) -> None:
        """End everything, as a person wants."""
        self.halt.reason = Reason.INTERRUPTED
        self.stop()

    def check(self, until: float) -> None:
        """Raise EndedError when the command ends, and from `until` on by the monotonic clock."""
        self._heed_halt()
        if time.monotonic() >= until:
            raise EndedError(Reason.TIMED_OUT)

    def wait(self, seconds: float, until: float) -> None:
        """Wait before a run is looked at again; at `until` it is looked at for the last time.

        Raises EndedError when the command ends, and when it would take longer.
        """
        self.check(until)
        self._ended.wait(min(seconds, max(0.0, until - time.monotonic())))
        self._heed_halt()

    def _heed_halt(self) -> None:
        if self.halt.reason:
            raise EndedError(self.halt.reason)
