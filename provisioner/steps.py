"""Steps: a plan's changes as single calls, each with what it has to wait for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from provisioner.address import Address
from provisioner.events import Operation
from provisioner.plan import Action, Change

Key: TypeAlias = tuple[Address, Operation, str]
"""Address, operation, and the id of a deleted object ("" otherwise)."""


@dataclass(frozen=True, slots=True)
class Step:
    """One call to the service, or what is recorded without one."""

    change: Change
    operation: Operation
    id: str | None
    """The object that is updated or deleted."""
    deposed: bool = False
    waits_for: frozenset[Key] = frozenset()

    @property
    def key(self) -> Key:
        """What names the step inside its plan."""
        removes = self.operation in (Operation.DELETE, Operation.FORGET)
        return self.change.address, self.operation, (self.id or "") if removes else ""


def steps(changes: Iterable[Change]) -> Mapping[Key, Step]:
    """Break changes into steps: dependencies are made first, and deleted last."""
    single = [step for change in changes for step in _of(change)]
    by_address: dict[Address, list[Step]] = defaultdict(list)
    for step in single:
        by_address[step.change.address].append(step)
    ordered = (replace(step, waits_for=frozenset(_waits(step, by_address))) for step in single)
    return {step.key: step for step in ordered}


def _of(change: Change) -> Iterator[Step]:
    if change.action is Action.CREATE:
        yield Step(change, Operation.CREATE, None)
    elif change.only_address:
        yield Step(change, Operation.IMPORT if change.importing else Operation.MOVE, change.id)
    elif change.action is Action.UPDATE:
        yield Step(change, Operation.UPDATE, change.id)
    elif change.action is Action.REPLACE:
        yield Step(change, Operation.CREATE, None)
        if not change.keep_old:
            yield Step(change, Operation.DELETE, change.id, deposed=True)
    elif change.action is Action.DELETE:
        yield Step(change, Operation.DELETE, change.id, change.deposed)
    elif change.action is Action.FORGET:
        yield Step(change, Operation.FORGET, change.id, change.deposed)


def _waits(step: Step, by_address: Mapping[Address, list[Step]]) -> Iterator[Key]:
    change = step.change
    if not _removes(step):
        for dependency in change.depends_on:
            yield from (each.key for each in by_address[dependency] if not _removes(each))
        return
    for holder in change.released_by:
        yield from (each.key for each in by_address[holder])
    own = by_address[change.address]
    if step.deposed:
        yield from (each.key for each in own if not _removes(each))
    else:
        yield from (each.key for each in own if each.deposed)


def _removes(step: Step) -> bool:
    return step.operation in (Operation.DELETE, Operation.FORGET)
