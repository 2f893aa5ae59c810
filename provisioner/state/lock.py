"""The lock: one writer per environment."""

from __future__ import annotations

import getpass
import json
import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeAlias

from filelock import FileLock, Timeout

from provisioner.diagnostics import error
from provisioner.errors import LockError
from provisioner.state.files import prepare_folder, unwritable, write_atomically

_RUNS = (
    ("{}/{}/actions/runs/{}", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"),
    (
        "{}/{}/_build/results?buildId={}",
        "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI",
        "SYSTEM_TEAMPROJECT",
        "BUILD_BUILDID",
    ),
)
"""How a run's address is made of a pipeline's variables."""

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
    return {
        "operation": operation,
        "user": _user(),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "since": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        **({"run": run} if (run := _run(os.environ)) else {}),
    }


def _run(environ: Mapping[str, str]) -> str | None:
    """Give the address of the pipeline's run, where this is one: GitHub's or Azure DevOps'."""
    for form, *names in _RUNS:
        values = [environ.get(each, "") for each in names]
        if all(values):
            return form.format(values[0].rstrip("/"), *values[1:])
    return None


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # no name for this uid, as in containers
        return str(os.getuid())


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
