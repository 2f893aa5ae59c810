"""A client that speaks plain HTTP to an emulator."""

import http.client
import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

V1 = "2024-02-15-preview"
V2 = "2024-05-01-preview"
LATE = "2025-03-01-preview"


@dataclass(frozen=True)
class Reply:
    """A status, a body and headers."""

    status: int
    body: Any
    headers: http.client.HTTPMessage

    def error(self) -> dict[str, Any]:
        """Give the inner object of an error."""
        assert self.status >= 400, self.body
        return self.body["error"]


@dataclass(frozen=True)
class Client:
    """Requests to one emulator with one API version."""

    url: str
    version: str | None = V2
    headers: dict[str, str] = field(default_factory=lambda: {"api-key": "any"})

    def at(self, version: str | None) -> "Client":
        """Give the same client with another API version."""
        return Client(self.url, version, self.headers)

    def send(
        self,
        method: str,
        path: str,
        content: bytes | None = None,
        content_type: str = "application/json",
        **query: Any,
    ) -> Reply:
        """Send a request; a JSON answer is parsed."""
        if self.version is not None:
            query["api-version"] = self.version
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            headers = {**self.headers, **({"Content-Type": content_type} if content else {})}
            connection.request(method, f"/openai{path}?{urlencode(query)}", content, headers)
            response = connection.getresponse()
            body: Any = response.read()
        finally:
            connection.close()
        if response.getheader("Content-Type", "").startswith("application/json"):
            body = json.loads(body)
        return Reply(response.status, body, response.headers)

    def get(self, path: str, **query: Any) -> Reply:
        """GET."""
        return self.send("GET", path, **query)

    def post(self, path: str, body: Any = None, **query: Any) -> Reply:
        """POST as JSON."""
        content = None if body is None else json.dumps(body).encode()
        return self.send("POST", path, content, **query)

    def delete(self, path: str) -> Reply:
        """DELETE."""
        return self.send("DELETE", path)

    def upload(
        self, content: bytes = b"hello", filename: str = "a.txt", purpose: str = "assistants"
    ) -> Reply:
        """Upload a file."""
        return self.post_form({"purpose": purpose}, {"file": (filename, content)})

    def post_form(
        self, fields: dict[str, str], files: dict[str, tuple[str, bytes]] | None = None
    ) -> Reply:
        """POST a form to /files."""
        boundary = uuid.uuid4().hex
        disposition = "Content-Disposition: form-data; name="
        parts = [f'{disposition}"{k}"\r\n\r\n{v}'.encode() for k, v in fields.items()]
        parts += [
            f'{disposition}"{k}"; filename="{name}"\r\n\r\n'.encode() + content
            for k, (name, content) in (files or {}).items()
        ]
        body = b"".join(f"--{boundary}\r\n".encode() + part + b"\r\n" for part in parts)
        body += f"--{boundary}--\r\n".encode()
        return self.send("POST", "/files", body, f"multipart/form-data; boundary={boundary}")

    def make(self, path: str, body: Any = None) -> dict[str, Any]:
        """POST what must go well; give the body."""
        reply = self.post(path, body)
        assert reply.status == 200, reply.body
        return reply.body

    def make_assistant(self, **fields: Any) -> dict[str, Any]:
        """Create an assistant."""
        return self.make("/assistants", {"model": "gpt-4o", **fields})

    def make_file(self, content: bytes = b"hello", filename: str = "a.txt") -> str:
        """Upload a file; give its id."""
        reply = self.upload(content, filename)
        assert reply.status == 200, reply.body
        return reply.body["id"]
