"""A warm process that forks commands: each a process of its own, without the time to import.

Run as a program it listens on the socket that it is given, and ends when its standard input does.
A connection brings one command as a line of JSON; it is answered with the command's process id,
and, when it has ended, with how (negative: the signal that killed it).
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
COLD = ("provisioner.emulator", "provisioner.__main__")
"""What no command imports that talks to an emulator elsewhere."""


@dataclass(frozen=True)
class Zygote:
    """The client's side."""

    path: str

    def start(self, command: dict[str, Any]) -> Running:
        """Start a command: arguments, environment, out and err (paths), injection."""
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.connect(self.path)
        link.sendall(json.dumps(command).encode() + b"\n")
        stream = link.makefile("r")
        return Running(int(stream.readline()), link, stream)


@dataclass
class Running:
    """A command that runs."""

    pid: int
    link: socket.socket
    stream: Any

    def wait(self) -> int:
        """Wait for its end; give its exit code, or minus the signal that killed it."""
        said = self.stream.readline()
        self.stream.close()
        self.link.close()
        return int(said)


@contextmanager
def zygote(folder: Path) -> Iterator[Zygote]:
    """Run a zygote whose socket is in this folder."""
    path = str(folder / "zygote")
    command = [sys.executable, __file__, path]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == b"ready\n"
            yield Zygote(path)
        finally:
            process.stdin.close()


def main(path: str) -> None:
    """Serve, and become a command in each grandchild."""
    _warm()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        listener.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        command = _serve(listener)
    if command is not None:
        _become(command)


def _warm() -> None:
    """Import all that commands import, and fill what is made once per process."""
    sys.path.insert(0, str(Path(__file__).parent))
    import provisioner

    for each in pkgutil.walk_packages(provisioner.__path__, "provisioner."):
        if not each.name.startswith(COLD):
            importlib.import_module(each.name)
    import injection  # noqa: F401
    from httpx2._transports import default

    from provisioner.cli import run
    from provisioner.providers.limiter import Limiter
    from provisioner.providers.transport import Credential, Transport

    # Nothing is sent over TLS here, and reading a hundred certificates takes longer than a plan.
    context = default.create_ssl_context()
    default.create_ssl_context = lambda *_, **__: context
    nowhere = io.StringIO()
    with redirect_stdout(nowhere), redirect_stderr(nowhere):
        run(["-C", str(ROOT / "examples" / "handbook"), "validate"])
    Transport("http://127.0.0.1", "2024-05-01-preview", Credential("-"), Limiter(), direct=True)


def _serve(listener: socket.socket) -> dict[str, Any] | None:
    """Fork a keeper for each connection, and from that the command; in the command, return."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            return None
        link, _ = listener.accept()
        if os.fork() == 0:
            return _keep(link)
        link.close()


def _keep(link: socket.socket) -> dict[str, Any] | None:
    """Wait for the command that is forked here, and tell how it ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with link.makefile("r") as stream:
        command: dict[str, Any] = json.loads(stream.readline())
    pid = os.fork()
    if pid == 0:
        link.close()
        return command
    link.sendall(f"{pid}\n".encode())
    _, status = os.waitpid(pid, 0)
    link.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _become(command: dict[str, Any]) -> None:
    """Run the command as `python -m provisioner` would."""
    os.environ.clear()
    os.environ.update(command["environment"])
    for path, number in ((os.devnull, 0), (command["out"], 1), (command["err"], 2)):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND
        handle = os.open(path, flags, 0o600)
        os.dup2(handle, number)
        os.close(handle)
    sys.argv = ["provisioner", *command["arguments"]]
    from injection import inject

    inject(command["injection"])
    from provisioner.cli import main as run

    try:
        run()
    except SystemExit as end:
        # What the interpreter does at its end, but for taking apart what ends with it anyway.
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(end.code if isinstance(end.code, int) else 0)


if __name__ == "__main__":
    main(sys.argv[1])
