"""Commands as processes of their own, which are watched, and get signals."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pexpect
from projects import PROJECT, ROOT, V2, Project

BOT = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {{name: bot-{number}}}
spec: {{model: chat}}
"""


def bots(count: int) -> str:
    """Declare so many assistants."""
    return "---\n".join(BOT.format(number=each) for each in range(count))


def write_bots(project: Project, count: int, url: str) -> Project:
    """Declare so many assistants of the project, which reaches its service at another address."""
    text = PROJECT.format(name="demo", uid="u1", url=url, api_version=V2)
    project.write("provisioner.yaml", text)
    project.write("all.yaml", bots(count))
    return project


def command(project: Project, *arguments: str) -> list[str]:
    """Give the command line that runs a command in the project."""
    return [sys.executable, "-m", "provisioner", "-C", str(project.folder), *arguments]


def environment(**given: str) -> dict[str, str]:
    """Give the environment of a command."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **given}


@dataclass
class Run:
    """A command that runs."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    """What it has said on stderr."""
    _news: threading.Condition = field(default_factory=threading.Condition)
    _ended: bool = False

    def listen(self) -> None:
        """Take down what it says, until it ends."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                self.lines.append(line)
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    def wait_for(self, text: str) -> None:
        """Wait until it has said that."""

        def said() -> bool:
            return any(text in each for each in self.lines)

        with self._news:
            self._news.wait_for(lambda: said() or self._ended, timeout=60)
            assert said(), self.lines

    def end(self) -> tuple[int, str, str]:
        """Wait for its end; give exit code, stdout and stderr."""
        assert self.process.stdout is not None
        out = self.process.stdout.read()
        code = self.process.wait(60)
        with self._news:
            self._news.wait_for(lambda: self._ended, timeout=60)
        return code, out, "".join(self.lines)


@contextmanager
def started(project: Project, *arguments: str, **given: str) -> Iterator[Run]:
    """Start a command; whatever is left of it in the end is killed."""
    with subprocess.Popen(
        command(project, *arguments),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(**given),
    ) as process:
        run = Run(process)
        listener = threading.Thread(target=run.listen)
        listener.start()
        try:
            yield run
        finally:
            if process.poll() is None:
                process.kill()
            listener.join()


@contextmanager
def on_terminal(
    project: Project, *arguments: str, color: bool = False, **given: str
) -> Iterator[pexpect.spawn]:
    """Start a command on a terminal."""
    env = environment(**{"TERM": "xterm-256color", **given})
    if color:
        env.pop("NO_COLOR", None)
    python, *rest = command(project, *arguments)
    child = pexpect.spawn(
        python, rest, env=env, encoding="utf-8", timeout=60, dimensions=(30, 120), echo=False
    )
    try:
        yield child
    finally:
        child.close(force=True)


def rest_of(child: pexpect.spawn) -> tuple[int | None, str]:
    """Read a command on a terminal to its end; give exit code and what it said since."""
    child.expect(pexpect.EOF)
    child.wait()
    return child.exitstatus, str(child.before)


def journal(project: Project) -> Path:
    """Tell where the journal is."""
    return project.folder / ".provisioner" / "test" / "journal.jsonl"


def assert_one_each(project: Project, count: int) -> None:
    """One object per address, each recorded, nothing left to do."""
    made = sorted(each["name"] for each in project.service.assistants())
    assert made == sorted(f"bot-{each}" for each in range(count))
    assert len(project.state["resources"]) == count
    assert project.plan().code == 0
