"""Azurite, which is Azure Blob Storage on this machine, as a process."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Azurite's own, which its documentation gives."""

_PROGRAM = Path(__file__).parent / "azurite" / "node_modules" / "azurite" / "dist" / "src" / "blob"


@contextmanager
def azurite() -> Iterator[str]:
    """Run Azurite with everything in memory; give the account's URL."""
    node = shutil.which("node")
    if node is None or not (_PROGRAM / "main.js").exists():
        pytest.skip("Azurite is not installed: script/node-tools does that")
    port = _free_port()
    command = [node, str(_PROGRAM / "main.js"), "--blobHost", "127.0.0.1", "--blobPort", str(port)]
    # It refuses versions of the service that are newer than itself, which the SDK asks for.
    command += ["--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            lines = []
            for line in process.stdout:
                lines.append(line)
                if "successfully listens on" in line:
                    break
            else:
                raise AssertionError(f"Azurite did not start: {lines}")
            # It writes a line for each request: a full pipe would stop it.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield f"http://127.0.0.1:{port}/{ACCOUNT}"
        finally:
            process.send_signal(signal.SIGKILL)


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
