"""Start the emulator as a process of its own, as a user would.

It is forked from a process that has imported everything: most tests need one, and most of the time
that starting one takes would be imports.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import provisioner

_READY = "listening on "
_ROOT = Path(provisioner.__file__).parents[1]


@dataclass(frozen=True)
class EmulatorProcess:
    """An emulator that runs."""

    pid: int
    link: socket.socket
    """Closed at its other end when the process is gone."""

    def send_signal(self, number: int) -> None:
        """Send a signal, if it is alive."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float = 60) -> None:
        """Wait for its end."""
        gone, _, _ = select.select([self.link], [], [], timeout)
        assert gone, "the emulator did not end"


@contextmanager
def emulator_process(*arguments: str) -> Iterator[tuple[str, EmulatorProcess]]:
    """Give the base URL and the process of an emulator; whatever is left of it is killed."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.connect(_warm()[0])
        link.sendall(json.dumps(["--port", "0", *arguments]).encode() + b"\n")
        with link.makefile("r") as stream:
            process = EmulatorProcess(int(stream.readline()), link)
            try:
                line = stream.readline()
                assert line.startswith(_READY), f"the emulator did not start: {line!r}"
                yield line.removeprefix(_READY).strip(), process
            finally:
                process.kill()
                process.wait()


@contextmanager
def start_emulator(*arguments: str) -> Iterator[str]:
    """Give the base URL of an emulator started with these arguments; kill it at the end."""
    with emulator_process(*arguments) as (url, _):
        yield url


@contextmanager
def cold_emulator(*arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Give the base URL and the process of an emulator that was started from the command line."""
    command = [sys.executable, "-m", "provisioner.emulator", "--port", "0", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=_environment()
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(_READY), f"the emulator did not start: {line!r}"
            yield line.removeprefix(_READY).strip(), process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)


def _environment() -> dict[str, str]:
    # The package under test is found from any folder, be it installed or not.
    return {**os.environ, "PYTHONWARNINGS": "error", "PYTHONPATH": str(_ROOT)}


@cache
def _warm() -> tuple[str, subprocess.Popen[str]]:
    """Run the process that forks emulators; give its socket, and itself. It ends with this one."""
    folder = tempfile.mkdtemp(prefix="emulators-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = f"{folder}/socket"
    command = [sys.executable, str(Path(__file__).with_name("warm_emulator.py")), path]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=_environment()
    )
    assert process.stdin is not None
    assert process.stdout is not None
    atexit.register(process.stdin.close)
    assert process.stdout.readline() == "ready\n"
    process.stdout.close()
    return path, process
