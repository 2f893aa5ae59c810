"""The state of one environment: read, written, and recorded in while things happen.

The same wherever it is kept; `storage` says where.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.state.cures import cure
from provisioner.state.files import encoded, unreachable, unwritable
from provisioner.state.generations import Generations
from provisioner.state.integrity import refuse_contradictions
from provisioner.state.journal import (
    Header,
    Intent,
    Journal,
    Whereabouts,
    header,
    replay,
    unreadable,
    whole_lines,
)
from provisioner.state.journal_writer import JournalWriter, beginning
from provisioner.state.model import State, damaged, dump, load
from provisioner.state.moved import refuse_moved
from provisioner.state.recorder import Recorder
from provisioner.state.storage import JOURNAL, STATE, Storage, StorageError
from provisioner.state.writing import write_state


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was read: the state that is kept (None: nothing was ever applied), its continuation."""

    stored: State | None
    journal: Journal | None
    seen: object = field(default=None, compare=False, repr=False)
    """By which the storage knows what it was read from."""

    @property
    def state(self) -> State | None:
        """What is recorded, the journal's results included."""
        return self.journal.state if self.journal else self.stored

    @property
    def pending(self) -> tuple[Intent, ...]:
        """The intents whose outcome is unknown."""
        return self.journal.pending if self.journal else ()


@dataclass(frozen=True, slots=True)
class Backend:
    """The state of one environment."""

    storage: Storage
    environment: str
    """Its name, as messages write it."""

    @property
    def state_place(self) -> str:
        """Where the state is, for people."""
        return self.storage.place(STATE)

    @property
    def journal_place(self) -> str:
        """Where the journal is, for people."""
        return self.storage.place(JOURNAL)

    def read(self) -> Recorded:
        """Read state and journal; changes nothing. Raises StateError for what can't be trusted."""
        # The journal first: an apply that ends in between leaves a state that is newer than it,
        # and not a journal that is missing.
        lines = self.journal_lines()
        stored = self._stored(header(lines))
        return Recorded(stored, replay(self._where, lines, stored), self.storage.seen())

    def journal_lines(self) -> list[str]:
        """Read the journal's whole lines; raises StateError where that can't be done."""
        try:
            return whole_lines(self._where, self.storage.read_log(JOURNAL))
        except FileNotFoundError:
            return []
        except StorageError as trouble:
            raise unreachable(trouble) from trouble
        except OSError as trouble:
            raise unreadable(self._where, trouble.strerror or str(trouble)) from trouble

    def cure(self, journal: Header | None = None) -> str:
        """Say how a state is brought back; with a journal, the one that it continues."""
        return cure(self.storage, self.environment, journal)

    @property
    def _where(self) -> Whereabouts:
        return Whereabouts(self.journal_place, self.environment, self.cure)

    def _stored(self, journal: Header | None) -> State | None:
        def what_to_do() -> str:
            return self.cure(journal)

        place = self.state_place
        try:
            content = self.storage.read(STATE)
            text = content.decode("utf-8", errors="surrogatepass")
        except FileNotFoundError:
            refuse_moved(self.storage, self.environment)
            return None
        except StorageError as trouble:
            raise unreachable(trouble) from trouble
        except OSError as trouble:
            what = trouble.strerror or str(trouble)
            raise damaged(place, what, f"Mend that. {what_to_do()}") from trouble
        except UnicodeDecodeError as trouble:
            raise damaged(place, f"it is no UTF-8 ({trouble})", what_to_do()) from trouble
        state = load(text, place, what_to_do)
        refuse_contradictions(state, place, what_to_do)
        kept = Generations(self.storage).lineage(content)
        if kept not in (None, state.lineage):
            raise _foreign(place, state.lineage, f"{kept}. {what_to_do()}")
        return state

    def write(self, state: State, *, clear: bool = True) -> str | None:
        """Make this the state, whatever stands there; tells where that is kept.

        A journal is cleared, so it must have nothing that this state doesn't have; or it stays,
        and leads on from this state. Raises StateError when the state can't be written; nothing
        has changed then.
        """
        self.storage.prepare()
        kept = write_state(self.storage, state)
        if clear:
            self.clear_journal()
        return self.storage.place(kept) if kept else None

    def set_aside_journal(self) -> None:
        """Keep a journal that belongs to what is replaced as one that is damaged."""
        self.storage.prepare()
        try:
            content = self.storage.read_log(JOURNAL)
        except FileNotFoundError:
            return
        except OSError as trouble:
            raise unwritable(self.journal_place, trouble) from trouble
        Generations(self.storage).keep_damaged(JOURNAL, content)

    def clear_journal(self) -> None:
        """Remove a journal whose results the state has."""
        try:
            self.storage.delete(JOURNAL)
        except OSError as trouble:
            raise unwritable(self.journal_place, trouble) from trouble

    def begin_journal(self, state: State, pending: Sequence[Intent]) -> None:
        """Let the journal lead on from a state that is written; what is pending stays so."""
        try:
            self.storage.begin_log(JOURNAL, beginning(state, pending))
        except OSError as trouble:
            raise unwritable(self.journal_place, trouble) from trouble

    def open(self, recorded: Recorded, state: State) -> Recorder:
        """Get ready to record changes; `state` is what is recorded, pending intents settled.

        The caller holds the lock. Raises StateError where others have written since it was read.
        """
        self.storage.prepare()
        began = recorded.stored or replace(state, resources={})
        try:
            self.storage.claim(recorded.seen, encoded(dump(began)))
        except OSError as trouble:
            raise unwritable(self.state_place, trouble) from trouble
        if not (recorded.journal and recorded.journal.continues):
            self.begin_journal(began, recorded.pending)
        try:
            log = self.storage.continue_log(JOURNAL)
        except OSError as trouble:
            raise unwritable(self.journal_place, trouble) from trouble
        writer = JournalWriter(self.journal_place, log)
        pending = {intent.operation_id: intent for intent in recorded.pending}
        return Recorder(self, recorded.stored, state, writer, pending)


def _foreign(place: str, lineage: str, kept: str) -> StateError:
    return StateError(
        error(
            "S023",
            "State is of another lineage",
            f"{place} is of lineage {lineage}, and was not put there by this program: the newest"
            f" generation is of lineage {kept} If the other one is meant, run `provisioner state"
            " push --force` with a copy of it.",
        )
    )
