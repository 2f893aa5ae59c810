"""The executor: a plan's steps carried out, independent ones at the same time."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from queue import Empty, SimpleQueue
from threading import Event as Flag
from typing import Protocol

from provisioner.address import Address
from provisioner.errors import ProvisionerError, StateError, WaitingEndedError
from provisioner.events import (
    Continuing,
    Event,
    Failed,
    NotStarted,
    Progressed,
    Skipped,
    Started,
    Succeeded,
)
from provisioner.halt import Halt
from provisioner.outcome import Outcome, Progress
from provisioner.steps import Key, Step

TOLD_EVERY_SECONDS = 10.0
"""So often it is told that a call is still under way, if nothing about it changes."""


class CarryOut(Protocol):
    """Carries out a step, and tells how it goes on."""

    def __call__(self, step: Step, progress: Progress) -> Outcome:
        """Make the call; raises ProvisionerError."""


def execute(
    steps: Mapping[Key, Step], carry_out: CarryOut, parallelism: int, halt: Halt | None = None
) -> Generator[Event, None, None]:
    """Carry out every step; tell what happens while it happens.

    One failure doesn't stop what doesn't depend on it. A halt starts nothing more, and tells what
    was not started; closing the iterator starts nothing more, and returns when what is under way is
    done. For what the service works on by itself nobody waits then. Raises StateError at once when
    the journal can't be written: nothing may be done that isn't written down.
    """
    with ThreadPoolExecutor(parallelism) as pool:
        run = _Run(steps, carry_out, pool, parallelism, halt or Halt())
        try:
            yield from run.events()
        finally:
            run.ended.set()


@dataclass
class _Running:
    """A step under way."""

    step: Step
    began: float
    done: int = 0
    told: float = 0.0
    """When it was last told how far it is."""


@dataclass
class _Run:
    """One walk through the steps."""

    steps: Mapping[Key, Step]
    carry_out: CarryOut
    pool: ThreadPoolExecutor
    parallelism: int
    halt: Halt
    culprits: dict[Key, Address] = field(default_factory=dict)
    """The steps that weren't done, each with the address whose failure was the cause."""
    begun: set[Key] = field(default_factory=set)
    """The steps that were started or skipped."""
    running: dict[Future[Outcome], _Running] = field(default_factory=dict)
    news: SimpleQueue[Future[Outcome] | Progressed] = field(default_factory=SimpleQueue)
    """What the threads report: that one has ended, or how far its work is."""
    ended: Flag = field(default_factory=Flag)

    def events(self) -> Iterator[Event]:
        waits = {key: step.waits_for & self.steps.keys() for key, step in self.steps.items()}
        order = TopologicalSorter(waits)
        order.prepare()
        ready: list[Key] = []
        while order.is_active() and not (self.halt.reason and not self.running):
            ready.extend(sorted(order.get_ready(), key=_order))
            while ready and len(self.running) < self.parallelism and not self.halt.reason:
                key = ready.pop(0)
                yield self._start_or_skip(key)
                if key in self.culprits:
                    order.done(key)
                    ready.extend(sorted(order.get_ready(), key=_order))
            if self.running:
                yield from self._next(order)
        for key in sorted(self.steps.keys() - self.begun, key=_order):
            step = self.steps[key]
            yield NotStarted(step.change.address, step.operation, step.id, step.deposed)

    def _start_or_skip(self, key: Key) -> Event:
        step = self.steps[key]
        self.begun.add(key)
        causes = [self.culprits[each] for each in step.waits_for if each in self.culprits]
        address, operation = step.change.address, step.operation
        if causes:
            self.culprits[key] = min(causes)
            return Skipped(address, operation, step.id, min(causes), step.deposed)
        running = _Running(step, began := time.monotonic(), told=began)
        future = self.pool.submit(self.carry_out, step, self._progress(running))
        self.running[future] = running
        future.add_done_callback(self.news.put)
        return Started(address, operation, step.id, step.deposed)

    def _progress(self, running: _Running) -> Progress:
        """Make what a call tells its progress to, in its own thread."""

        def tell(done: int, total: int) -> None:
            if self.ended.is_set() or self.halt.reason:
                raise WaitingEndedError
            now = time.monotonic()
            if done == running.done and now - running.told < TOLD_EVERY_SECONDS:
                return
            running.done, running.told = done, now
            step, seconds = running.step, now - running.began
            change = step.change
            self.news.put(
                Progressed(
                    change.address, step.operation, step.id, seconds, done, total, step.deposed
                )
            )

        return tell

    def _next(self, order: TopologicalSorter[Key]) -> Iterator[Event]:
        """Wait for the next thing that happens, or until it is told that work goes on."""
        due = min(each.told for each in self.running.values()) + TOLD_EVERY_SECONDS
        try:
            news = self.news.get(timeout=max(0.0, due - time.monotonic()))
        except Empty:
            yield from self._continuing()
            return
        if isinstance(news, Progressed):
            yield news
            return
        running = self.running.pop(news)
        yield self._outcome(running.step, news, time.monotonic() - running.began)
        order.done(running.step.key)

    def _continuing(self) -> Iterator[Event]:
        """Tell of each call of which nothing was told for a while."""
        now = time.monotonic()
        for running in self.running.values():
            if now - running.told >= TOLD_EVERY_SECONDS:
                running.told = now
                step, seconds = running.step, now - running.began
                yield Continuing(
                    step.change.address, step.operation, step.id, seconds, step.deposed
                )

    def _outcome(self, step: Step, future: Future[Outcome], seconds: float) -> Event:
        address, operation = step.change.address, step.operation
        try:
            outcome = future.result()
        except StateError:
            self.ended.set()
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
