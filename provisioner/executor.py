"""The executor: a plan's steps carried out, independent ones at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from graphlib import TopologicalSorter

from provisioner.address import Address
from provisioner.errors import ProvisionerError, StateError
from provisioner.events import Event, Failed, Skipped, Started, Succeeded
from provisioner.outcome import Outcome
from provisioner.steps import Key, Step


def execute(
    steps: Mapping[Key, Step], carry_out: Callable[[Step], Outcome], parallelism: int
) -> Generator[Event, None, None]:
    """Carry out every step; tell what happens while it happens.

    One failure doesn't stop what doesn't depend on it. Closing the iterator starts nothing more,
    and returns when what is under way is done. Raises StateError at once when the journal can't be
    written: nothing may be done that isn't written down.
    """
    with ThreadPoolExecutor(parallelism) as pool:
        yield from _Run(steps, carry_out, pool, parallelism).events()


@dataclass
class _Run:
    """One walk through the steps."""

    steps: Mapping[Key, Step]
    carry_out: Callable[[Step], Outcome]
    pool: ThreadPoolExecutor
    parallelism: int
    culprits: dict[Key, Address] = field(default_factory=dict)
    """The steps that weren't done, each with the address whose failure was the cause."""
    running: dict[Future[Outcome], tuple[Step, float]] = field(default_factory=dict)

    def events(self) -> Iterator[Event]:
        waits = {key: step.waits_for & self.steps.keys() for key, step in self.steps.items()}
        order = TopologicalSorter(waits)
        order.prepare()
        ready: list[Key] = []
        while order.is_active():
            ready.extend(sorted(order.get_ready(), key=_order))
            while ready and len(self.running) < self.parallelism:
                key = ready.pop(0)
                yield self._start_or_skip(key)
                if key in self.culprits:
                    order.done(key)
                    ready.extend(sorted(order.get_ready(), key=_order))
            for step, event in self._finished():
                order.done(step.key)
                yield event

    def _start_or_skip(self, key: Key) -> Event:
        step = self.steps[key]
        causes = [self.culprits[each] for each in step.waits_for if each in self.culprits]
        address, operation = step.change.address, step.operation
        if causes:
            self.culprits[key] = min(causes)
            return Skipped(address, operation, step.id, min(causes), step.deposed)
        self.running[self.pool.submit(self.carry_out, step)] = (step, time.monotonic())
        return Started(address, operation, step.id, step.deposed)

    def _finished(self) -> Iterator[tuple[Step, Event]]:
        if not self.running:
            return
        for future in wait(self.running, return_when=FIRST_COMPLETED).done:
            step, began = self.running.pop(future)
            yield step, self._outcome(step, future, time.monotonic() - began)

    def _outcome(self, step: Step, future: Future[Outcome], seconds: float) -> Event:
        address, operation = step.change.address, step.operation
        try:
            outcome = future.result()
        except StateError:
            self.pool.shutdown(cancel_futures=True)
            raise
        except ProvisionerError as trouble:
            self.culprits[step.key] = address
            found = trouble.diagnostics
            return Failed(address, operation, step.id, seconds, found, step.deposed)
        return Succeeded(
            address,
            operation,
            outcome.id,
            seconds,
            step.deposed,
            outcome.diagnostics,
            step.change.importing,
        )


def _order(key: Key) -> tuple[Address, str, str]:
    address, operation, id_ = key
    return address, operation.value, id_
