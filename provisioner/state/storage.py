"""Storage: where the contents that make up the state of one environment are kept, by their names.

The state, its generations, the journal and the revisions are made the same way everywhere; a
storage only keeps bytes. Names have folders: `generations/12-5c3a90f1b7de2264.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

Held: TypeAlias = Callable[[str, float], None]
"""Told by whom the lock is held, and for how many seconds at most it is waited for."""


STATE, JOURNAL = "state.json", "journal.jsonl"
"""The two names that decide what is recorded."""


class StorageError(OSError):
    """A storage that is no file system refuses, or can't be reached; `strerror` says why."""

    def __init__(self, place: str, why: str) -> None:
        super().__init__(None, why)
        self.place = place


@dataclass(frozen=True, slots=True)
class Entry:
    """One content in a folder."""

    name: str
    size: int
    """In bytes."""
    order: int
    """Grows from one to what was written, or dated, later."""


class Log(Protocol):
    """A content that grows at its end; safe to use from several threads."""

    def write(self, data: bytes) -> None:
        """Append bytes; kept for good at the latest with the next `sync`. Raises OSError."""

    def sync(self) -> None:
        """Keep all that was written before for good. Raises OSError."""

    def close(self) -> None:
        """Sync, and let go of it; nothing can be written any more. Raises OSError."""


class Storage(Protocol):
    """Where the contents of one environment are kept.

    What can't be read or written raises OSError, and FileNotFoundError where there is nothing; what
    others have replaced since it was read raises StateError. Nothing has changed then.
    """

    def place(self, name: str = "") -> str:
        """Tell a person where a content is, or all of them are; holds no credential."""

    def prepare(self) -> None:
        """Make room for contents, where that takes anything. Raises StateError."""

    def locked(self, operation: str, timeout: float, held: Held) -> AbstractContextManager[None]:
        """Hold the lock for a command; raises LockError that names its holder."""

    def abandoned(self) -> str | None:
        """Tell whose lock was never let go of, and is held by nobody; None where there is none."""

    def break_lock(self) -> str | None:
        """Take the lock away from its holder; tell who it was, None where it is held by nobody.

        Raises LockError where that would not be safe.
        """

    def read(self, name: str) -> bytes:
        """Give a content."""

    def file(self, name: str) -> Path:
        """Give a file that has a content, for what takes only files."""

    def write(self, name: str, content: Iterable[bytes], order: int | None = None) -> None:
        """Replace a content, whole or not at all; kept for good when this returns.

        It gets this place in the order of entries, like `date`. Where the iterable raises anything,
        nothing has changed.
        """

    def date(self, name: str, order: int) -> None:
        """Give a content its place in the order of entries, in nanoseconds since 1970."""

    def delete(self, *names: str) -> None:
        """Delete contents; those that aren't there are no trouble."""

    def entries(self, folder: str) -> list[Entry]:
        """List what is in a folder; nothing where there is none."""

    def read_log(self, name: str) -> bytes:
        """Give a log, to the end of what was kept for good; the last line may be torn."""

    def begin_log(self, name: str, content: bytes) -> None:
        """Replace a log by one that begins so, whole or not at all."""

    def continue_log(self, name: str) -> Log:
        """Append to a log that is there; a torn last line is dropped first."""

    def seen(self) -> object:
        """Tell, to `claim` alone, which state and journal were read here."""

    def claim(self, seen: object, initial: bytes) -> None:
        """See to it that nobody who read before this can write any more; the lock is held.

        Where there was no state it may begin with `initial`. Raises StateError where something is
        no longer as it was seen.
        """
