"""Start the emulator as a process of its own, as a user would."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import provisioner

_READY = "listening on "
_ROOT = Path(provisioner.__file__).parents[1]


@contextmanager
def emulator_process(
    *arguments: str, stderr: int | None = None
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Give the base URL and the process of an emulator; whatever is left of it is killed."""
    command = [sys.executable, "-m", "provisioner.emulator", "--port", "0", *arguments]
    # The package under test is found from any folder, be it installed or not.
    environment = {**os.environ, "PYTHONWARNINGS": "error", "PYTHONPATH": str(_ROOT)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith(_READY), f"the emulator did not start: {line!r}"
            yield line.removeprefix(_READY).strip(), process
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)


@contextmanager
def start_emulator(*arguments: str) -> Iterator[str]:
    """Give the base URL of an emulator started with these arguments; kill it at the end."""
    with emulator_process(*arguments) as (url, _):
        yield url
