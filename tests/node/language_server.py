"""The language server that editors run for YAML, spoken to as an editor does."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MODULES = Path(__file__).parent / "node_modules"
PROGRAM = MODULES / "yaml-language-server" / "bin" / "yaml-language-server"
SETTINGS = {
    "yaml": {
        "validate": True,
        "hover": True,
        "completion": True,
        # The catalog of schemas is on the internet.
        "schemaStore": {"enable": False},
        "kubernetesCRDStore": {"enable": False},
    }
}


class LanguageServer:
    """One running server, in a folder."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._requests = 0
        self._published: dict[str, list[Any]] = {}

    def begin(self, folder: Path) -> None:
        """Introduce an editor that has opened a folder."""
        capabilities = {
            "textDocument": {"hover": {"contentFormat": ["markdown"]}},
            "workspace": {"configuration": True},
        }
        about = {"processId": None, "rootUri": folder.as_uri(), "capabilities": capabilities}
        self._ask("initialize", about)
        self._send({"method": "initialized", "params": {}})

    def problems(self, manifest: Path) -> list[tuple[int, str]]:
        """Open a manifest; give the line of each problem, and what it says."""
        uri = manifest.as_uri()
        text = manifest.read_text(encoding="utf-8")
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self._send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        while uri not in self._published:
            self._receive()
        found = self._published.pop(uri)
        return [(each["range"]["start"]["line"] + 1, each["message"]) for each in found]

    def completions(self, manifest: Path, line: int, column: int) -> set[str]:
        """List what could be written at a place of an opened manifest."""
        answer = self._at("completion", manifest, line, column)
        return {each["label"] for each in answer["items"]}

    def hover(self, manifest: Path, line: int, column: int) -> str:
        """Give what is shown of a place of an opened manifest; "" for nothing."""
        answer = self._at("hover", manifest, line, column)
        return str(answer["contents"]["value"]) if answer else ""

    def _at(self, what: str, manifest: Path, line: int, column: int) -> Any:
        place = {"line": line - 1, "character": column - 1}
        about = {"textDocument": {"uri": manifest.as_uri()}, "position": place}
        return self._ask(f"textDocument/{what}", about)

    def _ask(self, method: str, params: object) -> Any:
        self._requests += 1
        self._send({"id": self._requests, "method": method, "params": params})
        while True:
            message = self._receive()
            if "method" not in message and message.get("id") == self._requests:
                assert "error" not in message, message
                return message["result"]

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._process.stdin.flush()

    def _receive(self) -> dict[str, Any]:
        """Read one message; answer what the server asks, keep what it publishes."""
        assert self._process.stdout
        size = 0
        while head := self._process.stdout.readline().strip():
            name, _, value = head.partition(b":")
            size = int(value) if name.lower() == b"content-length" else size
        assert size, "the server ended"
        message: dict[str, Any] = json.loads(self._process.stdout.read(size))
        if message.get("method") == "textDocument/publishDiagnostics":
            about = message["params"]
            self._published[about["uri"]] = about["diagnostics"]
        elif "method" in message and "id" in message:
            self._send({"id": message["id"], "result": _settings(message)})
        return message


def _settings(message: dict[str, Any]) -> list[Any] | None:
    if message["method"] != "workspace/configuration":
        return None
    return [SETTINGS.get(each.get("section")) for each in message["params"]["items"]]


@contextmanager
def running(folder: Path) -> Iterator[LanguageServer]:
    """Run a server for an editor that has opened a folder."""
    command = ["node", str(PROGRAM), "--stdio"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            server = LanguageServer(process)
            server.begin(folder)
            yield server
        finally:
            process.kill()
