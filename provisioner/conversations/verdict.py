"""Verdicts: how checks have ended, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from provisioner.check import Check
from provisioner.conversations.turn import Turn
from provisioner.diagnostics import Diagnostic


class Outcome(Enum):
    """How a conversation, or a whole check, has ended."""

    PASSED = "passed"
    FAILED = "failed"
    """Something is not as it must be."""
    ERROR = "error"
    """It could not be held, or not to its end."""


@dataclass(frozen=True, slots=True)
class TurnVerdict:
    """A turn, and what of it is not as it must be."""

    turn: Turn
    unmet: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """One conversation of a check."""

    turns: tuple[TurnVerdict, ...]
    """Those that came to their end; one whose expectations fail is the last."""
    problems: tuple[Diagnostic, ...]
    """Why it could not be held to its end."""
    timed_out: bool
    """It took longer than the check allows, which is a failure."""
    seconds: float
    left: tuple[Diagnostic, ...] = ()
    """Warnings of what could not be deleted at the service; they change no outcome."""

    @property
    def outcome(self) -> Outcome:
        """How it has ended."""
        if any(each.unmet for each in self.turns) or self.timed_out:
            return Outcome.FAILED
        return Outcome.ERROR if self.problems else Outcome.PASSED


@dataclass(frozen=True, slots=True)
class Verdict:
    """A check, and how each of its conversations has ended."""

    check: Check
    conversations: tuple[Held, ...]

    @property
    def at_least(self) -> int:
        """How many conversations must go well; left out, all."""
        return int(self.check.spec.get("at_least", self.repeat))

    @property
    def repeat(self) -> int:
        """How many conversations are held."""
        return repeat(self.check)

    @property
    def went_well(self) -> int:
        """How many conversations went well."""
        return sum(each.outcome is Outcome.PASSED for each in self.conversations)

    @property
    def seconds(self) -> float:
        """How long the longest conversation took: they are held at the same time."""
        return max((each.seconds for each in self.conversations), default=0.0)

    @property
    def outcome(self) -> Outcome:
        """How the check has ended; an error only where it would decide."""
        if self.went_well >= self.at_least:
            return Outcome.PASSED
        errors = sum(each.outcome is Outcome.ERROR for each in self.conversations)
        return Outcome.ERROR if self.went_well + errors >= self.at_least else Outcome.FAILED


def repeat(check: Check) -> int:
    """Tell how many times a check's conversation is held."""
    return int(check.spec.get("repeat", 1))
