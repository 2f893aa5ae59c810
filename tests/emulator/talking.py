"""Conversations with an emulator whose clock stands still: a run goes on when it is looked at."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator_client import V2, Client, Reply

from provisioner.emulator.embedded import running
from provisioner.emulator.settings import EmulatorSettings

ACTIVE = ("queued", "in_progress", "cancelling")
CODE = {"type": "code_interpreter"}
WEATHER = {"type": "function", "function": {"name": "get_weather"}}


@dataclass
class Clock:
    """A clock that stands still."""

    now: float = 1_700_000_000.5

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@dataclass(frozen=True)
class Talk:
    """One emulator, its clock, and short words for what tests do to it."""

    client: Client
    clock: Clock = field(default_factory=Clock)

    def at(self, version: str) -> "Talk":
        """Give the same with another API version."""
        return Talk(self.client.at(version), self.clock)

    def thread(self, *texts: str, **fields: Any) -> str:
        """Make a thread with these messages; give its id."""
        messages = [{"role": "user", "content": text} for text in texts]
        made: str = self.client.make("/threads", {"messages": messages, **fields})["id"]
        return made

    def start(
        self, text: str, *, tools: Any = (), run: Any = None, **fields: Any
    ) -> dict[str, Any]:
        """Ask a new assistant something in a new thread; give the run as it was answered."""
        assistant = self.client.make_assistant(tools=[*tools], **fields)
        body = {"assistant_id": assistant["id"], **(run or {})}
        return self.client.make(f"/threads/{self.thread(text)}/runs", body)

    def look(self, run: dict[str, Any]) -> dict[str, Any]:
        """Look at a run once."""
        reply = self.client.get(path(run))
        assert reply.status == 200, reply.body
        found: dict[str, Any] = reply.body
        return found

    def finish(self, run: dict[str, Any]) -> dict[str, Any]:
        """Look at a run until it is over or waits for outputs."""
        for _ in range(50):
            run = self.look(run)
            if run["status"] not in ACTIVE:
                return run
        raise AssertionError(f"the run does not end: {run}")

    def ask(self, text: str, **fields: Any) -> dict[str, Any]:
        """Ask, and look until the run is over or waits for outputs."""
        return self.finish(self.start(text, **fields))

    def submit(self, run: dict[str, Any], *outputs: str, **fields: Any) -> Reply:
        """Submit outputs for the calls that a run waits for, in their order."""
        calls = run["required_action"]["submit_tool_outputs"]["tool_calls"]
        body = [
            {"tool_call_id": call["id"], "output": output}
            for call, output in zip(calls, outputs, strict=True)
        ]
        return self.client.post(
            f"{path(run)}/submit_tool_outputs", {"tool_outputs": body, **fields}
        )

    def messages(self, run: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
        """List the messages of a run's thread, newest first."""
        return self.client.get(f"/threads/{run['thread_id']}/messages", **query).body["data"]

    def answer(self, run: dict[str, Any]) -> str:
        """Give the text of the newest message."""
        text: str = self.messages(run)[0]["content"][-1]["text"]["value"]
        return text

    def steps(self, run: dict[str, Any], **query: Any) -> list[dict[str, Any]]:
        """List the steps of a run, newest first."""
        return self.client.get(f"{path(run)}/steps", **query).body["data"]


def path(run: dict[str, Any]) -> str:
    """Give the path of a run."""
    return f"/threads/{run['thread_id']}/runs/{run['id']}"


Talking = Callable[..., Talk]


@contextmanager
def talking(folder: Path, transcript: str = "turns: []", **settings: Any) -> Iterator[Talk]:
    """Run an emulator with a transcript, in this process, where stages end by looks alone."""
    file, clock = folder / "transcript.yaml", Clock()
    file.write_text(transcript, encoding="utf-8")
    with running(EmulatorSettings(transcript=file, clock=clock, **settings)) as url:
        yield Talk(Client(url, V2), clock)
