"""Recording: what a run does, written down while it happens."""

from __future__ import annotations

import json
import threading
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from provisioner.address import Address
from provisioner.resource import Attributes, ResourceState
from provisioner.state.integrity import without_lost_dependencies
from provisioner.state.journal import Intent, lost_create, record
from provisioner.state.journal_writer import JournalWriter
from provisioner.state.model import State, lost_to_json, resource_to_json


class Ending(Protocol):
    """Where what was recorded goes when it is over."""

    def write(self, state: State, *, clear: bool) -> str | None:
        """Make this the state."""

    def begin_journal(self, state: State, pending: Sequence[Intent]) -> None:
        """Let the journal lead on from a state."""

    def clear_journal(self) -> None:
        """Remove the journal."""


@dataclass
class Recorder:
    """Records changes while they happen; safe to use from several threads."""

    backend: Ending
    stored: State | None
    _began: State
    _writer: JournalWriter
    _pending: dict[str, Intent]
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._resources = dict(self._began.resources)
        self._lost = list(self._began.lost_creates)

    @property
    def resources(self) -> Mapping[Address, ResourceState]:
        """What is recorded now."""
        return self._resources

    def intend(self, intent: Intent) -> None:
        """Write down what is about to be done; kept for good when this returns."""
        self._writer.intend(intent)
        with self._lock:
            self._pending[intent.operation_id] = intent
            self._give_up(intent.retries)

    def done(self, intent: Intent, id_: str | None, filled: Attributes) -> None:
        """Record that an intent was carried out."""
        self._writer.done(intent.operation_id, id_, filled)
        with self._lock:
            self._pending.pop(intent.operation_id, None)
            record(self._resources, intent, id_, filled)

    def failed(self, intent: Intent) -> None:
        """Record that nothing came of an intent."""
        self._writer.failed(intent.operation_id)
        with self._lock:
            self._pending.pop(intent.operation_id, None)

    def lost(self, intent: Intent) -> None:
        """Record that nobody waits for a create any more, and that it may be carried out yet."""
        self._writer.lost(intent.operation_id)
        with self._lock:
            self._give_up(intent.operation_id)

    def _give_up(self, operation_id: str | None) -> None:
        if given_up := self._pending.pop(operation_id or "", None):
            self._lost.append(lost_create(given_up))

    def forget_lost(self, operation_ids: Container[str]) -> None:
        """Drop lost creates of which nothing can arrive any more, and nothing is left."""
        with self._lock:
            self._lost = [each for each in self._lost if each.operation_id not in operation_ids]

    def record(self, resource: ResourceState) -> None:
        """Bring the record of a resource up to date where nothing was sent."""
        with self._lock:
            self._resources[resource.address] = resource

    def close(self) -> State:
        """Write the state, if anything changed, and clear the journal of what the state holds.

        The state comes first: until the journal is cleared, its results are in both.
        """
        self._writer.close()
        with self._lock:
            kept = without_lost_dependencies(self._resources)
            state = replace(self._began, resources=kept, lost_creates=tuple(self._lost))
            pending = tuple(self._pending.values())
        if self._is_new(state):
            state = replace(state, serial=state.serial + 1)
            self.backend.write(state, clear=False)
        if pending:
            self.backend.begin_journal(state, pending)
        else:
            self.backend.clear_journal()
        return state

    def _is_new(self, state: State) -> bool:
        if self.stored is None:
            return bool(state.resources or state.lost_creates)
        return self.stored.service != state.service or _text(self.stored) != _text(state)


def _text(state: State) -> str:
    """Write what is kept such that 1 and true, which Python takes for equal, differ."""
    resources = {str(at): resource_to_json(each) for at, each in state.resources.items()}
    return json.dumps([resources, lost_to_json(state.lost_creates)], sort_keys=True)
