"""Streams of events: a client that looks at its run without pause, and is told everything."""

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from provisioner.emulator.conversations.events import Event, Events
from provisioner.emulator.conversations.progress import read_moved
from provisioner.emulator.routing import Call

_PAUSE_SECONDS = 0.01
_AT_ONCE = 64


def stream(call: Call, run_id: str, events: Events) -> StreamingResponse:
    """Answer with what was told already and all that happens from now on, up to `done`.

    It ends when the run is over or waits for outputs. If the client hangs up, the run goes on.
    """
    return _Stream(call, run_id, events)


class _Stream(StreamingResponse):
    """Is told of its run before its first byte is sent: others may move the run on meanwhile."""

    def __init__(self, call: Call, run_id: str, events: Events) -> None:
        super().__init__(_written(call, run_id, events), media_type="text/event-stream")
        self._streamed, self._run_id, self._events = call.service.streamed, run_id, events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events, up to the last one or until the client hangs up."""
        self._streamed[self._run_id] = self._events
        try:
            await super().__call__(scope, receive, send)
        finally:
            # Outputs may have been submitted by now, with a stream of their own.
            if self._streamed.get(self._run_id) is self._events:
                del self._streamed[self._run_id]


async def _written(call: Call, run_id: str, events: Events) -> AsyncIterator[str]:
    goes_on = True
    while goes_on and not call.service.closing.is_set():
        goes_on = _look(call, run_id)
        # Other requests may move the run on too, between this look and the next.
        while events.told:
            number = min(_AT_ONCE, len(events.told))
            yield "".join(_write(events.told.popleft()) for _ in range(number))
            # A long text keeps nobody else waiting.
            await asyncio.sleep(0)
        await asyncio.sleep(_PAUSE_SECONDS if goes_on else 0)
    if not call.service.closing.is_set():
        yield "event: done\ndata: [DONE]\n\n"


def _write(event: Event) -> str:
    name, body = event
    return f"event: {name}\ndata: {json.dumps(body, separators=(',', ':'))}\n\n"


def _look(call: Call, run_id: str) -> bool:
    with call.store.transaction():
        row = call.store.row("SELECT * FROM runs WHERE id = ?", run_id)
        # Somebody may have deleted the thread.
        run = read_moved(call, row) if row else None
        return run is not None and run.active and run.status != "requires_action"
