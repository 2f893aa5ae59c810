"""A tiny HTTP server on this machine that answers as it is told, and remembers every request."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

DROP = "drop"
"""An answer that never comes: the connection is closed instead."""
HANG = "hang"
"""An answer that doesn't come as long as the test runs."""


@dataclass(frozen=True)
class Answer:
    """What the server answers."""

    status: int = 200
    body: Any = None
    """JSON, or bytes as they stand; None for no body."""
    headers: dict[str, str] = field(default_factory=dict)
    """Sent as they stand; length and type are added where they are missing."""


@dataclass(frozen=True)
class Seen:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    """By lower-cased name."""
    body: bytes


@dataclass
class Server:
    """Answers each request with the next of its answers, and then with the last again."""

    url: str = ""
    answers: list[Answer | str] = field(default_factory=lambda: [Answer(200, {})])
    seen: list[Seen] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def next(self) -> Answer | str:
        """Take the next answer."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def serving(*answers: Answer | str) -> Iterator[Server]:
    """Run a server with these answers."""
    server = Server(answers=list(answers) or [Answer(200, {})])

    class Handler(_Handler):
        owner = server

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    server.url = f"http://127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        http.shutdown()
        thread.join()
        http.server_close()


class _Handler(BaseHTTPRequestHandler):
    owner: Server

    def handle_any(self) -> None:
        """Remember a request, and answer it."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = self._chunks()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.owner.seen.append(Seen(self.command, self.path, headers, body))
        answer = self.owner.next()
        self.close_connection = True
        if isinstance(answer, Answer):
            self._answer(answer)
        elif answer == HANG:
            self.owner.ended.wait(20)

    def _chunks(self) -> bytes:
        found = b""
        while size := int(self.rfile.readline(), 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    def _answer(self, answer: Answer) -> None:
        whole = answer.body
        if whole is not None and not isinstance(whole, bytes):
            whole = json.dumps(whole).encode()
        self.send_response_only(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if whole is not None:
            if "Content-Length" not in answer.headers:
                self.send_header("Content-Length", str(len(whole)))
            if "Content-Type" not in answer.headers:
                self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(whole or b"")

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    do_GET = do_POST = do_DELETE = handle_any  # noqa: N815
