"""Halting: a run that starts nothing new, and finishes what is under way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Reason(Enum):
    """Why a run is halted."""

    INTERRUPTED = "interrupted"
    TIMED_OUT = "timed out"


@dataclass
class Halt:
    """Whether a run is halted, and why; may be set at any moment, by a signal or another thread."""

    reason: Reason | None = None
