"""How far a run is: what is under way and for how long, what waits for what, how much is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from provisioner.events import (
    Event,
    Failed,
    NotStarted,
    Operation,
    Progressed,
    Skipped,
    Started,
    Succeeded,
)
from provisioner.steps import Key, Step
from provisioner.views import events as view

MOST_RUNNING, MOST_WAITING = 8, 3
"""So many are named; the others are counted."""


@dataclass
class Progress:
    """What is known of a run while it goes on."""

    steps: Mapping[Key, Step]
    began: float
    running: dict[Key, tuple[str, float]] = field(default_factory=dict)
    """What was last said of each call under way, and when it began."""
    ended: dict[Key, type[Event]] = field(default_factory=dict)

    def take(self, event: Event, now: float) -> None:
        """Take in what has happened."""
        key = _key(event)
        if isinstance(event, (Succeeded, Failed, Skipped, NotStarted)):
            self.running.pop(key, None)
            self.ended[key] = type(event)
        elif isinstance(event, Started):
            self.running[key] = view.under_way(event), now
        elif isinstance(event, Progressed):
            _, began = self.running[key]
            self.running[key] = view.under_way(event), began

    def lines(self, now: float) -> list[str]:
        """Say how far the run is, in a few lines."""
        return [*self._running(now), *self._waiting(), self._sum(now)]

    def _running(self, now: float) -> Iterator[str]:
        oldest = sorted(self.running.values(), key=lambda each: each[1])
        for said, began in oldest[:MOST_RUNNING]:
            yield f"  {said} [{view.duration(now - began)} elapsed]"
        if len(oldest) > MOST_RUNNING:
            yield f"  and {len(oldest) - MOST_RUNNING} more"

    def _waiting(self) -> Iterator[str]:
        """Say which steps wait for another one; what only waits for its turn is counted."""
        left = [each for key, each in self.steps.items() if not self._is_begun(key)]
        held = [(each, blocking) for each in left if (blocking := self._blocking(each))]
        for step, blocking in held[:MOST_WAITING]:
            yield f"  {step.change.address}: Waiting for {blocking}"
        if len(held) > MOST_WAITING:
            yield f"  and {len(held) - MOST_WAITING} more that wait for others"

    def _is_begun(self, key: Key) -> bool:
        return key in self.running or key in self.ended

    def _blocking(self, step: Step) -> str:
        waits_for = step.waits_for & self.steps.keys()
        return ", ".join(sorted({str(key[0]) for key in waits_for if key not in self.ended}))

    def _sum(self, now: float) -> str:
        kinds = list(self.ended.values())
        failed, skipped = kinds.count(Failed), kinds.count(Skipped)
        troubles = (f", {failed} failed" if failed else "") + (
            f", {skipped} skipped" if skipped else ""
        )
        return (
            f"{kinds.count(Succeeded)} of {len(self.steps)} done{troubles},"
            f" {len(self.running)} under way [{view.duration(now - self.began)} elapsed]"
        )


def _key(event: Event) -> Key:
    """Tell which step an event is about."""
    removes = event.operation in (Operation.DELETE, Operation.FORGET)
    return event.address, event.operation, (event.id or "") if removes else ""
