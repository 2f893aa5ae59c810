"""The lock: one writer per environment."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeAlias

from filelock import FileLock, Timeout

from provisioner.diagnostics import error
from provisioner.errors import LockError
from provisioner.state.actor import actor
from provisioner.state.files import prepare_folder, unwritable, write_atomically

Held: TypeAlias = Callable[[str, float], None]
"""Told by whom the lock is held, and for how many seconds at most it is waited for."""


@contextmanager
def locked(
    folder: Path, operation: str, timeout: float, held: Held = lambda _holder, _seconds: None
) -> Iterator[None]:
    """Hold the lock of an environment; wait `timeout` seconds for it.

    The operating system lets go of it when its holder dies, however that happens. Raises LockError
    that names the holder.
    """
    prepare_folder(folder)
    lock = FileLock(folder / "lock", mode=0o600)
    holder = folder / "lock.json"
    try:
        _acquire(lock, holder, timeout, held)
    except Timeout as trouble:
        raise _held(holder) from trouble
    except OSError as trouble:
        raise unwritable(folder / "lock", trouble) from trouble
    try:
        write_atomically(holder, json.dumps(_holder(operation)) + "\n")
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _acquire(lock: FileLock, holder: Path, timeout: float, held: Held) -> None:
    """Take the lock; say so when that means to wait. Raises Timeout."""
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not timeout:
            raise
        held(_by(holder), timeout)
        lock.acquire(timeout=timeout)


def _holder(operation: str) -> dict[str, object]:
    who = actor(os.environ)
    return {
        "operation": operation,
        "user": who.user,
        "host": who.host,
        "pid": os.getpid(),
        "since": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        **({"run": who.run} if who.run else {}),
    }


def _held(holder: Path) -> LockError:
    return LockError(
        error(
            "S007",
            "State is locked",
            f"The lock {holder.parent / 'lock'} is held {_by(holder)}. Wait until it is done, or"
            " give --lock-timeout SECONDS to wait for it.",
        )
    )


def _by(holder: Path) -> str:
    """Say who holds the lock, as far as the holder's note tells."""
    try:
        who = json.loads(holder.read_text(encoding="utf-8"))
        run = f" in {who['run']}" if "run" in who else ""
        return (
            f"by {who['user']}@{who['host']} (process {who['pid']}), for {who['operation']}, since"
            f" {who['since']}{run}"
        )
    except (OSError, ValueError, KeyError, TypeError):
        return "by another process"
