"""What proxies of the tests share: requests are handed on to the emulator as they come."""

from __future__ import annotations

import contextlib
import http.client
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Reply = tuple[int, list[tuple[str, str]], bytes]
"""Status, headers and body of an answer."""


@dataclass(frozen=True)
class Request:
    """A request as it came."""

    target: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def send(self) -> Reply:
        """Ask the emulator."""
        host = urlsplit(self.target)
        connection = http.client.HTTPConnection(host.hostname or "", host.port)
        connection.request(self.method, self.path, self.body or None, dict(self.headers))
        answer = connection.getresponse()
        try:
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()


class Forwarder(BaseHTTPRequestHandler):
    """Hands requests on, one at a time as they come; subclasses say what `do_GET` and so on do."""

    protocol_version = "HTTP/1.1"
    target: str

    @property
    def line(self) -> str:
        """Method and path."""
        return f"{self.command} {urlsplit(self.path).path}"

    def body(self) -> bytes:
        """Read what was sent."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def as_sent(self, body: bytes) -> Request:
        """Take down the request, so that it can be handed on at any time."""
        headers = {key: value for key, value in self.headers.items() if key.lower() != "host"}
        return Request(self.target, self.command, self.path, headers, body)

    def forward(self, body: bytes) -> Reply:
        """Ask the emulator."""
        return self.as_sent(body).send()

    def reply(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Answer, if anybody still listens."""
        with contextlib.suppress(OSError):
            self.send_response(status)
            for name, value in headers:
                if name.lower() not in ("transfer-encoding", "connection", "date", "server"):
                    self.send_header(name, value)
            if not any(name.lower() == "content-length" for name, _ in headers):
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def reply_in_part(self, answer: Reply) -> None:
        """Say how long the answer is, give half of it, and close the connection."""
        status, headers, body = answer
        left = [each for each in headers if each[0].lower() != "content-length"]
        self.reply(status, [*left, ("Content-Length", str(len(body)))], body[: len(body) // 2])
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say what went wrong, but not that a command has died: that is what proxies are for."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


@contextmanager
def running(handler: type[Forwarder]) -> Iterator[str]:
    """Run a proxy; give its URL."""
    server = _Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
