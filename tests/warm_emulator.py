"""A warm process that forks emulators: each a process of its own, without the time to import.

Run as a program it serves the socket that it is given, and ends when its standard input does. A
connection brings the arguments of one emulator as a line of JSON; it is answered with the process
id and then with what the emulator prints. Closing it tells nothing: an emulator lives until a
signal ends it.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
import sys

from provisioner.emulator.__main__ import main as emulator


def serve(path: str) -> None:
    """Fork an emulator for each connection."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(path)
        listener.listen()
        print("ready", flush=True)  # noqa: T201
        # What was imported stays as it is: forks share it as long as nobody counts in it.
        gc.freeze()
        while True:
            ready, _, _ = select.select([listener, sys.stdin], [], [])
            if sys.stdin in ready:
                return
            link, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                break
            link.close()
    _become(link)


def _become(link: socket.socket) -> None:
    """Be an emulator, whose output goes where it was asked for."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with link, link.makefile("r") as stream:
        arguments = json.loads(stream.readline())
        link.sendall(f"{os.getpid()}\n".encode())
        os.dup2(link.fileno(), sys.stdout.fileno())
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    emulator(arguments)


if __name__ == "__main__":
    serve(sys.argv[1])
