"""A proxy between a command and the emulator that kills the command at a chosen request."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

Moment = Literal["before", "after"]


@dataclass
class Killer:
    """Counts requests, and kills a process before or after one of them is handled."""

    target: str
    url: str = ""
    requests: list[str] = field(default_factory=list)
    at: int | None = None
    moment: Moment = "before"
    killed: threading.Event = field(default_factory=threading.Event)
    victim: int = 0
    _news: threading.Condition = field(default_factory=threading.Condition)

    def aim(self, at: int | None, moment: Moment) -> None:
        """Begin to count anew, and kill at request number `at` (from 0; None: never)."""
        self.requests.clear()
        self.killed.clear()
        self.at, self.moment = at, moment

    def count(self, line: str) -> int:
        """Take down a request, and give its number."""
        with self._news:
            self.requests.append(line)
            self._news.notify_all()
            return len(self.requests) - 1

    def seen(self, wanted: Callable[[str], bool]) -> bool:
        """Wait until there was such a request; say whether there was."""
        with self._news:
            return self._news.wait_for(lambda: any(map(wanted, self.requests)), timeout=60)

    def kill(self, number: int, moment: Moment) -> bool:
        """Kill if this is the time; say whether the victim is dead."""
        if number == self.at and moment == self.moment:
            os.kill(self.victim, signal.SIGKILL)
            self.killed.set()
        return self.killed.is_set()


@contextmanager
def killing_proxy(target: str) -> Iterator[Killer]:
    """Run a proxy to the emulator at `target`."""
    killer = Killer(target)

    class Handler(_Handler):
        aimed = killer

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    killer.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield killer
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Hands requests on, one at a time as they come."""

    protocol_version = "HTTP/1.1"
    aimed: Killer

    def handle_any(self) -> None:
        """Hand a request on, unless its sender is dead before or after."""
        number = self.aimed.count(f"{self.command} {urlsplit(self.path).path}")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.aimed.kill(number, "before"):
            self.close_connection = True
            return
        status, headers, answer = self._forward(body)
        if self.aimed.kill(number, "after"):
            self.close_connection = True
            return
        with contextlib.suppress(OSError):
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in ("transfer-encoding", "connection", "date", "server"):
                    self.send_header(name, value)
            if not any(name.lower() == "content-length" for name, _ in headers):
                self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

    def _forward(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        host = urlsplit(self.aimed.target)
        connection = http.client.HTTPConnection(host.hostname or "", host.port)
        headers = {key: value for key, value in self.headers.items() if key.lower() != "host"}
        connection.request(self.command, self.path, body or None, headers)
        answer = connection.getresponse()
        try:
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    do_GET = do_POST = do_DELETE = handle_any  # noqa: N815
