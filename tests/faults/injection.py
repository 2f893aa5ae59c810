"""What is done to a command from inside: a kill or an I/O error at a boundary, a clock that jumps.

A boundary is one change of a file below `.provisioner/`: it is made, written to, brought to disk,
renamed, dated or deleted. They are counted from 0, in the order in which the command comes to them.
"""

from __future__ import annotations

import builtins
import datetime as dt
import errno
import io
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

BEFORE, AFTER, TEAR, FULL, BROKEN = "before", "after", "tear", "full", "broken"
"""Killed before it, after it, or when half of it is written; no space for it, also not for half of
it; an I/O error instead of it."""

_ERRORS = {FULL: errno.ENOSPC, BROKEN: errno.EIO}
_MAKING = os.O_CREAT | os.O_TRUNC


@dataclass
class Injection:
    """One command's share."""

    folder: str
    """Changes of files below this one are counted."""
    at: int | None = None
    """At which boundary it happens."""
    what: str = ""
    lasting: bool = False
    """An error comes at every later boundary, too."""
    trace: str = ""
    """A file that gets a line for each boundary."""
    hits: str = ""
    """A file that gets a line when it happens."""
    clock: float = 0.0
    """So many seconds the clock is ahead from the start."""
    jump: float = 0.0
    """So many seconds it jumps at that boundary."""
    patience: float = 0.0
    """How many seconds an answer is waited for; 0: as long as always."""
    takeover: float | None = None
    """How many seconds a request of a former holder of the lease may be under way; requests to the
    storage are repeated without a pause. None: both as always."""
    _count: int = 0
    _inside: threading.RLock = field(default_factory=threading.RLock)

    def below(self, path: object) -> bool:
        """Say whether a path, or what a file descriptor leads to, counts."""
        try:
            if isinstance(path, int):
                path = str(Path(f"/proc/self/fd/{path}").readlink())
            return os.path.realpath(os.fspath(path)).startswith(self.folder)  # type: ignore[call-overload]
        except (OSError, TypeError):
            return False

    def meet(self, name: str, act: Callable[[], Any], half: Callable[[], Any] | None = None) -> Any:
        """Come to a boundary: let it happen, or not."""
        with self._inside:
            number = self._count
            self._count += 1
            if self.trace:
                _append(self.trace, f"{name}\n")
            hit = number == self.at
            if hit:
                self._strike()
            if hit and self.what == BEFORE:
                _die()
            if hit and self.what == TEAR:
                (half or act)()
                _die()
            if self.what in _ERRORS and (hit or (self.lasting and number > (self.at or 0))):
                if half and self.what == FULL:
                    half()
                raise OSError(_ERRORS[self.what], os.strerror(_ERRORS[self.what]), self.folder)
            done = act()
            if hit and self.what == AFTER:
                _die()
            return done

    def _strike(self) -> None:
        """Take down that it happens, and set the clock."""
        self.clock += self.jump
        for what in (self.what, "jump" if self.jump else ""):
            if what and self.hits:
                _append(self.hits, f"{what}\n")


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()


_real_open, _real_write = os.open, os.write


def _append(path: str, line: str) -> None:
    handle = _real_open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    _real_write(handle, line.encode())
    os.close(handle)


def inject(given: dict[str, Any]) -> None:
    """Do to this process what is given; nothing where nothing is."""
    if not given:
        return
    injection = Injection(**given)
    _hook_calls(injection)
    _hook_files(injection)
    if injection.clock or injection.jump:
        _hook_clock(injection)
    if injection.patience:
        import httpx2

        from provisioner.providers import transport

        transport.TIMEOUT = httpx2.Timeout(injection.patience, connect=10.0)
    if injection.takeover is not None:
        from azure.storage.blob import ExponentialRetry

        from provisioner.state import blob_lease

        blob_lease.REQUEST_SECONDS = injection.takeover
        # Without a first pause and jitter there would still be 2, 4 and 8 s.
        ExponentialRetry.get_backoff_time = lambda *_: 0  # type: ignore[method-assign]


def _hook_calls(injection: Injection) -> None:
    """Count what is done by name or by file descriptor."""

    def hook(name: str, real: Callable[..., Any]) -> None:
        def hooked(*arguments: Any, **options: Any) -> Any:
            # The folder that a temporary name stands in tells just as well.
            if not injection.below(arguments[0]):
                return real(*arguments, **options)
            return injection.meet(name, lambda: real(*arguments, **options))

        setattr(os, name, hooked)

    for name in ("fsync", "replace", "rename", "unlink", "mkdir", "utime", "chmod", "fchmod"):
        hook(name, getattr(os, name))

    def opened(path: Any, flags: int, *rest: Any, **options: Any) -> int:
        def act() -> int:
            return _real_open(path, flags, *rest, **options)

        making = flags & _MAKING and injection.below(path)
        return int(injection.meet("open", act)) if making else act()

    def written(handle: int, data: Any) -> int:
        def half() -> int:
            return _real_write(handle, bytes(data)[: len(data) // 2])

        if not injection.below(handle):
            return _real_write(handle, data)
        return int(injection.meet("write", lambda: _real_write(handle, data), half))

    os.open, os.write = opened, written  # type: ignore[assignment]


def _hook_files(injection: Injection) -> None:
    """Count what is written through file objects, whose own writes no hook on `os` sees."""
    real = io.open

    class Raw(io.FileIO):
        def write(self, data: Any) -> int:
            whole = bytes(data)

            def half() -> int:
                return super(Raw, self).write(whole[: len(whole) // 2])

            return int(injection.meet("write", lambda: super(Raw, self).write(whole), half))

        def truncate(self, size: int | None = None) -> int:
            return int(injection.meet("truncate", lambda: super(Raw, self).truncate(size)))

    def opened(
        file: Any,
        mode: str = "r",
        buffering: int = -1,
        encoding: str | None = None,
        *rest: Any,
        **options: Any,
    ) -> Any:
        if not set(mode) & set("wax+") or not injection.below(file):
            return real(file, mode, buffering, encoding, *rest, **options)
        plain = mode.replace("b", "").replace("t", "")
        make = "w" in mode and not isinstance(file, int)
        raw = injection.meet("open", lambda: Raw(file, plain)) if make else Raw(file, plain)
        stream = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return stream if "b" in mode else io.TextIOWrapper(stream, encoding or "utf-8")

    io.open = builtins.open = opened  # type: ignore[assignment]


def _hook_clock(injection: Injection) -> None:
    """Set the wall clock wrong; the monotonic one goes on as it does when somebody does that."""
    real, real_ns = time.time, time.time_ns
    time.time = lambda: real() + injection.clock
    time.time_ns = lambda: real_ns() + int(injection.clock * 1e9)

    class Wrong(dt.datetime):
        @classmethod
        def now(cls, tz: dt.tzinfo | None = None) -> Wrong:
            return cls.fromtimestamp(time.time(), tz)

    for name, module in list(sys.modules.items()):
        if name.startswith("provisioner.") and getattr(module, "datetime", 0) is dt.datetime:
            module.datetime = Wrong  # type: ignore[attr-defined]


def of(folder: Path, **given: Any) -> dict[str, Any]:
    """Give an injection into a command that works in this project."""
    return {"folder": f"{os.path.realpath(folder)}{os.sep}.provisioner", **given}
