"""A stream among other requests, each put just where it matters: the application without a server.

Over a socket nobody can say which of two requests comes first.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import pytest
from emulator_client import V2
from starlette.types import ASGIApp

from provisioner.emulator.app import create_app
from provisioner.emulator.settings import EmulatorSettings
from provisioner.emulator.store import Store

Meanwhile = Callable[[dict[str, Any]], Awaitable[None]]


async def _nothing(_message: dict[str, Any]) -> None:
    pass


@dataclass(frozen=True)
class Direct:
    """Requests to an application in the same event loop."""

    app: ASGIApp

    async def send(
        self, method: str, path: str, body: Any = None, meanwhile: Meanwhile = _nothing
    ) -> bytes:
        """Send a request; `meanwhile` gets each message of its answer before it is sent on."""
        scope: dict[str, Any] = {
            "type": "http",
            "method": method,
            "path": f"/openai{path}",
            "query_string": f"api-version={V2}".encode(),
            "headers": [(b"api-key", b"any")],
        }
        asked = [{"type": "http.request", "body": json.dumps(body or {}).encode()}]
        answered: list[bytes] = []

        async def receive() -> dict[str, Any]:
            # Who has asked stays on the line.
            return asked.pop() if asked else await asyncio.Future()

        async def answer(message: Any) -> None:
            await meanwhile(message)
            answered.append(message.get("body", b""))

        await self.app(scope, receive, answer)
        return b"".join(answered)

    async def make(self, path: str, body: Any = None) -> str:
        """Make something; give its id."""
        made: str = json.loads(await self.send("POST", path, body))["id"]
        return made


@pytest.fixture
def direct() -> Iterator[Direct]:
    """Make an application whose model is the echo, and whose clock stands still."""
    with closing(Store(None)) as store:
        settings = EmulatorSettings(clock=lambda: 1_700_000_000.5)
        yield Direct(create_app(settings, store))


async def runs_of(direct: Direct, text: str) -> tuple[str, dict[str, Any]]:
    """Make a thread that says something; give the path of its runs, and the body of a stream."""
    assistant = await direct.make("/assistants", {"model": "gpt-4o"})
    messages = [{"role": "user", "content": text}]
    thread = await direct.make("/threads", {"messages": messages})
    return f"/threads/{thread}/runs", {"assistant_id": assistant, "stream": True}


def test_a_stream_hears_what_happens_before_its_first_event(direct: Direct) -> None:
    """Who moves the run on while the answer's head is sent takes nothing from the stream."""

    async def converse() -> bytes:
        runs, body = await runs_of(direct, "Hi")

        async def look(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                for _ in range(6):
                    await direct.send("GET", runs)

        return await direct.send("POST", runs, body, look)

    told = asyncio.run(converse()).decode()

    assert [told.count(f"event: thread.run.{name}\n") for name in ("queued", "in_progress")] == [
        *(1, 1),
    ]
    assert told.count("event: thread.message.completed\n") == 1
    assert told.count("event: thread.run.completed\n") == 1


def test_a_long_answer_keeps_nobody_waiting(direct: Direct) -> None:
    """While thousands of tokens are streamed, other requests are answered."""
    answered_then: list[int] = []

    async def converse() -> None:
        runs, body = await runs_of(direct, "word " * 5_000)
        sent = 0

        async def count(_message: dict[str, Any]) -> None:
            nonlocal sent
            sent += 1

        streaming = asyncio.create_task(direct.send("POST", runs, body, count))
        while not streaming.done():
            await direct.send("GET", "/assistants")
            answered_then.append(sent)
            await asyncio.sleep(0)

    asyncio.run(converse())

    assert len(set(answered_then)) > 10
