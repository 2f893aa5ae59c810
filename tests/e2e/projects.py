"""Projects, and the command line, put together as users put them together."""

from __future__ import annotations

import contextlib
import io
import json
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.cli import run

ROOT = Path(__file__).parents[2]
KEY = "a-key-for-tests"
V1, V2 = "2024-02-15-preview", "2024-05-01-preview"
LATE = "2025-03-01-preview"


@dataclass(frozen=True)
class Result:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The result as JSON."""
        return json.loads(self.out)


def command(*arguments: str) -> Result:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(list(arguments))
    return Result(int(code), out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class Service:
    """The emulator, looked at from behind: plain HTTP, none of our code."""

    url: str
    api_version: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Make a request, as somebody else would."""
        request = urllib.request.Request(
            f"{self.url}/openai{path}{'&' if '?' in path else '?'}api-version={self.api_version}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"api-key": KEY, "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or "null")

    def assistants(self) -> list[dict[str, Any]]:
        """List the first hundred assistants."""
        found: list[dict[str, Any]] = self.call("GET", "/assistants?limit=100&order=asc")["data"]
        return found

    def files(self) -> list[dict[str, Any]]:
        """List all files."""
        found: list[dict[str, Any]] = self.call("GET", "/files")["data"]
        return found


@dataclass(frozen=True)
class Project:
    """A project in a folder of its own, with one environment at the emulator."""

    folder: Path
    service: Service

    def run(self, *arguments: str) -> Result:
        """Run a command in the project."""
        return command("-C", str(self.folder), *arguments)

    def apply(self, *arguments: str) -> Result:
        """Apply, which must go well."""
        result = self.run("apply", "--auto-approve", *arguments)
        assert result.code == 0, result.err + result.out
        return result

    def plan(self, *arguments: str) -> Result:
        """Plan, with exit code 2 for changes."""
        return self.run("plan", "--detailed-exitcode", *arguments)

    def changes(self) -> dict[str, list[str]]:
        """Plan as JSON; give the actions by address, those that do nothing left out."""
        planned = self.run("plan", "--format", "json").json
        found = {each["address"]: each["change"]["actions"] for each in planned["resource_changes"]}
        return {address: actions for address, actions in found.items() if actions != ["no-op"]}

    def write(self, name: str, text: str) -> Path:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file of the project."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    @property
    def state(self) -> Any:
        """The state file."""
        path = self.folder / ".provisioner" / "test" / "state.json"
        return json.loads(path.read_text(encoding="utf-8"))

    def id(self, address: str) -> str:
        """Give the recorded id at an address."""
        return str(self.state["resources"][address]["id"])


PROJECT = """\
apiVersion: provisioner/v1
kind: Project
metadata: {{name: {name}, uid: "{uid}"}}
spec:
  environments:
    test:
      provider:
        type: azure-openai
        endpoint: {url}
        api_version: {api_version}
        auth: {{type: api_key, env: AZURE_OPENAI_API_KEY}}
      models: {{chat: gpt-4o, fast: gpt-4o-mini}}
"""
