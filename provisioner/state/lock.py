"""The lock: one writer per environment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from provisioner.state import holder
from provisioner.state.files import prepare_folder, unwritable, write_atomically
from provisioner.state.storage import Held

NOTE = "lock.json"
"""Says, beside the lock, who holds it."""


@contextmanager
def locked(
    folder: Path, operation: str, timeout: float, told: Held = lambda _holder, _seconds: None
) -> Iterator[None]:
    """Hold the lock of an environment; wait `timeout` seconds for it.

    The operating system lets go of it when its holder dies, however that happens. Raises LockError
    that names the holder.
    """
    prepare_folder(folder)
    lock = FileLock(folder / "lock", mode=0o600)
    note = folder / NOTE
    try:
        _acquire(lock, note, timeout, told)
    except Timeout as trouble:
        raise holder.locked(str(folder / "lock"), _by(note)) from trouble
    except OSError as trouble:
        raise unwritable(folder / "lock", trouble) from trouble
    try:
        write_atomically(note, holder.note(operation))
        yield
    finally:
        # A note that stays misleads nobody: who can take the lock doesn't read it.
        with suppress(OSError):
            note.unlink(missing_ok=True)
        lock.release()


def _acquire(lock: FileLock, note: Path, timeout: float, told: Held) -> None:
    """Take the lock; say so when that means to wait. Raises Timeout."""
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not timeout:
            raise
        told(_by(note), timeout)
        lock.acquire(timeout=timeout)


def left_behind(folder: Path) -> str | None:
    """Tell whose note stands beside the lock; None where nobody's does."""
    try:
        return holder.begun_by((folder / NOTE).read_bytes())
    except FileNotFoundError:
        return None
    except OSError:
        return holder.UNTOLD


def _by(note: Path) -> str:
    try:
        return holder.held_by(note.read_bytes())
    except OSError:
        return holder.held_by(b"")
