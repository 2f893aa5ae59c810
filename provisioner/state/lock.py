"""The lock: one writer per environment."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from filelock import FileLock, Timeout

from provisioner.diagnostics import error
from provisioner.errors import LockError
from provisioner.state.actor import user_name
from provisioner.state.files import prepare_folder, unwritable, write_atomically


@contextmanager
def locked(folder: Path, operation: str, timeout: float) -> Iterator[None]:
    """Hold the lock of an environment; wait `timeout` seconds for it.

    The operating system lets go of it when its holder dies, however that happens. Raises LockError
    that names the holder.
    """
    prepare_folder(folder)
    lock = FileLock(folder / "lock", mode=0o600)
    holder = folder / "lock.json"
    try:
        lock.acquire(timeout=timeout)
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


def _holder(operation: str) -> dict[str, object]:
    return {
        "operation": operation,
        "user": user_name(),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "since": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def _held(holder: Path) -> LockError:
    try:
        who = json.loads(holder.read_text(encoding="utf-8"))
        by = (
            f"by {who['user']}@{who['host']} (process {who['pid']}), for {who['operation']}, since"
            f" {who['since']}"
        )
    except (OSError, ValueError, KeyError, TypeError):
        by = "by another process"
    return LockError(
        error(
            "S007",
            "State is locked",
            f"The lock {holder.parent / 'lock'} is held {by}. Wait until it is done, or give"
            " --lock-timeout SECONDS to wait for it.",
        )
    )
