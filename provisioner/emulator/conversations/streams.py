"""Streams of events: a client that looks at its run without pause, and is told everything."""

import asyncio
import json
from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse

from provisioner.emulator.conversations.events import Event, Events
from provisioner.emulator.conversations.progress import read_moved
from provisioner.emulator.routing import Call

_PAUSE_SECONDS = 0.01


def stream(call: Call, run_id: str, events: Events) -> StreamingResponse:
    """Answer with what was told already and all that happens from now on, up to `done`.

    It ends when the run is over or waits for outputs. If the client hangs up, the run goes on.
    """
    return StreamingResponse(_written(call, run_id, events), media_type="text/event-stream")


async def _written(call: Call, run_id: str, events: Events) -> AsyncIterator[str]:
    streamed = call.service.streamed
    streamed[run_id] = events
    try:
        async for event in _told(call, run_id, events):
            yield _write(event)
        if not call.service.closing.is_set():
            yield "event: done\ndata: [DONE]\n\n"
    finally:
        # Outputs may have been submitted by now, with a stream of their own.
        if streamed.get(run_id) is events:
            del streamed[run_id]


def _write(event: Event) -> str:
    name, body = event
    return f"event: {name}\ndata: {json.dumps(body, separators=(',', ':'))}\n\n"


async def _told(call: Call, run_id: str, events: Events) -> AsyncIterator[Event]:
    goes_on = True
    while goes_on and not call.service.closing.is_set():
        goes_on = _look(call, run_id)
        # Other requests may move the run on too, between this look and the next.
        while events.told:
            yield events.told.pop(0)
        await asyncio.sleep(_PAUSE_SECONDS if goes_on else 0)


def _look(call: Call, run_id: str) -> bool:
    with call.store.transaction():
        row = call.store.row("SELECT * FROM runs WHERE id = ?", run_id)
        # Somebody may have deleted the thread.
        run = read_moved(call, row) if row else None
        return run is not None and run.active and run.status != "requires_action"
