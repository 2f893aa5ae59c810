"""Writing the journal: from several threads, each intent on disk before its call is made."""

from __future__ import annotations

import errno
import json
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from provisioner.errors import StateError
from provisioner.resource import Attributes
from provisioner.state.files import encoded, unwritable
from provisioner.state.journal import VERSION, Intent
from provisioner.state.model import State, resource_to_json
from provisioner.state.storage import Log


def beginning(state: State, pending: Iterable[Intent] = ()) -> bytes:
    """Write the beginning of a journal that leads on from a state; what is pending stays so."""
    lines = [_header(state), *(_entry(intent) for intent in pending)]
    return b"".join(_line(each) for each in lines)


def _entry(intent: Intent) -> dict[str, Any]:
    return {
        "intent": intent.operation_id,
        "operation": intent.operation.value,
        "address": str(intent.address),
        "id": intent.id,
        "becomes": resource_to_json(intent.becomes) if intent.becomes else None,
        "deposes": intent.deposes,
        "deposed": intent.deposed,
        "sent_at": intent.sent_at,
        **({"moved_from": str(intent.moved_from)} if intent.moved_from else {}),
        **({"retries": intent.retries} if intent.retries else {}),
    }


def _header(state: State) -> dict[str, Any]:
    return {
        "journal": VERSION,
        "lineage": state.lineage,
        "serial": state.serial,
        "project": state.project,
        "uid": state.uid,
        "environment": state.environment,
        "provider": asdict(state.service),
    }


def _line(entry: Mapping[str, Any]) -> bytes:
    return encoded(json.dumps(entry, ensure_ascii=False, separators=(",", ":")) + "\n")


@dataclass
class JournalWriter:
    """Appends to a journal; safe to use from several threads."""

    place: str
    """Where the journal is, for people."""
    _log: Log
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _sync: threading.Lock = field(default_factory=threading.Lock)
    _written: int = 0
    _synced: int = 0
    _broken: OSError | StateError | None = None
    """After a write that failed nothing more is appended: its line may stand there torn."""

    def intend(self, intent: Intent) -> None:
        """Write an intent; it is on disk when this returns, and so is all that came before."""
        self._append(_entry(intent), sync=True)

    def done(self, operation_id: str, id_: str | None, filled: Attributes) -> None:
        """Write that an intent was carried out; on disk at the latest with the next intent."""
        self._append({"done": operation_id, "id": id_, "filled": dict(filled)}, sync=False)

    def failed(self, operation_id: str) -> None:
        """Write that the service refused an intent: nothing came of it."""
        self._append({"failed": operation_id}, sync=False)

    def lost(self, operation_id: str) -> None:
        """Write that nobody waits for an intent any more, though it may be carried out yet."""
        self._append({"lost": operation_id}, sync=False)

    def close(self) -> None:
        """Bring everything to disk and let go of the file.

        Raises StateError also where another run went on since: the state is that run's as well.
        """
        with self._lock, self._sync:
            # A call that is still under way must not write to a file that is no longer ours.
            before, self._broken = self._broken, OSError(errno.EBADF, "the journal is closed")
            try:
                self._log.close()
            except OSError as trouble:
                raise unwritable(self.place, trouble) from trouble
            if isinstance(before, StateError):
                raise before

    def _append(self, entry: Mapping[str, Any], *, sync: bool) -> None:
        data = _line(entry)
        try:
            with self._lock:
                if self._broken:
                    raise self._broken
                self._log.write(data)
                self._written += 1
                ours = self._written
            if sync:
                self._commit(ours)
        except StateError as overtaken:
            self._broken = overtaken
            raise
        except OSError as trouble:
            self._broken = trouble
            raise unwritable(self.place, trouble) from trouble

    def _commit(self, ours: int) -> None:
        """Group commit: one sync serves every thread that waits for it."""
        with self._sync:
            if self._broken:
                # The system tells of a failed sync once; it is so for all who waited for it.
                raise self._broken
            if self._synced >= ours:
                return
            upto = self._written
            try:
                self._log.sync()
            except (OSError, StateError) as trouble:
                self._broken = trouble
                raise
            self._synced = upto
