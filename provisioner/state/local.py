"""State in local files: `.provisioner/<environment>/state.json` and the journal beside it."""

from __future__ import annotations

import json
import threading
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from provisioner.address import Address
from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.resource import Attributes, ResourceState
from provisioner.state.cures import Header, cure
from provisioner.state.files import prepare_folder, sync_folder, unwritable
from provisioner.state.generations import Generations
from provisioner.state.integrity import refuse_contradictions, without_lost_dependencies
from provisioner.state.journal import (
    Intent,
    Journal,
    header,
    lost_create,
    read_lines,
    record,
    replay,
)
from provisioner.state.journal_writer import JournalWriter, begin
from provisioner.state.model import State, damaged, load, lost_to_json, resource_to_json
from provisioner.state.writing import write_state


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was read: the state on disk (None: nothing was ever applied) and its continuation."""

    stored: State | None
    journal: Journal | None

    @property
    def state(self) -> State | None:
        """What is recorded, the journal's results included."""
        return self.journal.state if self.journal else self.stored

    @property
    def pending(self) -> tuple[Intent, ...]:
        """The intents whose outcome is unknown."""
        return self.journal.pending if self.journal else ()


@dataclass(frozen=True, slots=True)
class LocalState:
    """The state of one environment in local files."""

    folder: Path

    @property
    def path(self) -> Path:
        """The state file."""
        return self.folder / "state.json"

    @property
    def journal_path(self) -> Path:
        """The journal."""
        return self.folder / "journal.jsonl"

    def read(self) -> Recorded:
        """Read state and journal; changes nothing. Raises StateError for what can't be trusted."""
        # The journal first: an apply that ends in between leaves a state that is newer than it,
        # and not a journal that is missing.
        lines = read_lines(self.journal_path)
        stored = self._stored(header(lines))
        return Recorded(stored, replay(self.journal_path, stored, lines))

    def _stored(self, journal: Header | None) -> State | None:
        def what_to_do() -> str:
            return cure(self.folder, journal)

        try:
            content = self.path.read_bytes()
            text = content.decode("utf-8", errors="surrogatepass")
        except FileNotFoundError:
            return None
        except OSError as trouble:
            what = trouble.strerror or str(trouble)
            raise damaged(str(self.path), what, f"Mend that. {what_to_do()}") from trouble
        except UnicodeDecodeError as trouble:
            raise damaged(str(self.path), f"it is no UTF-8 ({trouble})", what_to_do()) from trouble
        state = load(text, str(self.path), what_to_do)
        refuse_contradictions(state, str(self.path), what_to_do)
        kept = Generations.beside(self.folder).lineage(content)
        if kept not in (None, state.lineage):
            raise _foreign(self.path, state.lineage, f"{kept}. {what_to_do()}")
        return state

    def write(self, state: State, *, clear: bool = True) -> Path | None:
        """Make this the state, whatever stands there; tells where that is kept.

        A journal is cleared, so it must have nothing that this state doesn't have; or it stays,
        and leads on from this state. Raises StateError when the state can't be written; nothing
        has changed then.
        """
        kept = write_state(self.prepared() / self.path.name, state)
        if clear:
            self.clear_journal()
        return kept

    def prepared(self) -> Path:
        """Give the folder, made where there is none."""
        prepare_folder(self.folder)
        return self.folder

    def clear_journal(self) -> None:
        """Remove a journal whose results the state has."""
        try:
            self.journal_path.unlink(missing_ok=True)
            sync_folder(self.folder)
        except OSError as trouble:
            raise unwritable(self.journal_path, trouble) from trouble

    def open(self, recorded: Recorded, state: State) -> Recorder:
        """Get ready to record changes; `state` is what is recorded, pending intents settled."""
        prepare_folder(self.folder)
        if not (recorded.journal and recorded.journal.continues):
            begin(
                self.journal_path, recorded.stored or replace(state, resources={}), recorded.pending
            )
        writer = JournalWriter(self.journal_path)
        pending = {intent.operation_id: intent for intent in recorded.pending}
        return Recorder(self, recorded.stored, state, writer, pending)


def _foreign(path: Path, lineage: str, kept: str) -> StateError:
    return StateError(
        error(
            "S023",
            "State is of another lineage",
            f"{path} is of lineage {lineage}, and was not put there by this program: the newest"
            f" generation is of lineage {kept} If the other one is meant, run `provisioner state"
            " push --force` with a copy of it.",
        )
    )


@dataclass
class Recorder:
    """Records changes while they happen; safe to use from several threads."""

    backend: LocalState
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
        """Write down what is about to be done, on disk when this returns."""
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
            write_state(self.backend.path, state)
        self._clear_journal(state, pending)
        return state

    def _is_new(self, state: State) -> bool:
        if self.stored is None:
            return bool(state.resources or state.lost_creates)
        return self.stored.service != state.service or _text(self.stored) != _text(state)

    def _clear_journal(self, state: State, pending: Sequence[Intent]) -> None:
        if pending:
            begin(self.backend.journal_path, state, pending)
        else:
            self.backend.clear_journal()


def _text(state: State) -> str:
    """Write what is kept such that 1 and true, which Python takes for equal, differ."""
    resources = {str(at): resource_to_json(each) for at, each in state.resources.items()}
    return json.dumps([resources, lost_to_json(state.lost_creates)], sort_keys=True)
