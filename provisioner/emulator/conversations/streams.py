"""Streams of events: a client that looks at its run without pause, and is told everything."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable

from starlette.responses import StreamingResponse

from provisioner.emulator.conversations.events import Event
from provisioner.emulator.conversations.progress import go_on
from provisioner.emulator.conversations.run import Run, read_run
from provisioner.emulator.conversations.scene import make_scene
from provisioner.emulator.routing import Call

_PAUSE_SECONDS = 0.01


def stream(call: Call, run_id: str, told: Iterable[Event]) -> StreamingResponse:
    """Answer with what was told already and all that happens from now on, up to `done`.

    It ends when the run is over or waits for outputs. If the client hangs up, the run goes on.
    """
    return StreamingResponse(_written(call, run_id, list(told)), media_type="text/event-stream")


async def _written(call: Call, run_id: str, told: list[Event]) -> AsyncIterator[str]:
    streamed = call.service.streamed
    streamed.add(run_id)
    try:
        for event in told:
            yield _write(event)
        async for event in _events(call, run_id):
            yield _write(event)
        yield "event: done\ndata: [DONE]\n\n"
    finally:
        streamed.discard(run_id)


def _write(event: Event) -> str:
    name, body = event
    return f"event: {name}\ndata: {json.dumps(body, separators=(',', ':'))}\n\n"


async def _events(call: Call, run_id: str) -> AsyncIterator[Event]:
    status = None
    while True:
        run, events = _look(call, run_id, status)
        for event in events:
            yield event
        if run is None or not run.active or run.status == "requires_action":
            return
        status = run.status
        await asyncio.sleep(_PAUSE_SECONDS)


def _look(call: Call, run_id: str, before: str | None) -> tuple[Run | None, list[Event]]:
    scene = make_scene(call.service, call.version, streamed=True)
    with call.store.transaction():
        row = call.store.row("SELECT * FROM runs WHERE id = ?", run_id)
        # Somebody has deleted the thread.
        if row is None:
            return None, []
        run = read_run(row)
        # Cancelled by another request since the last look.
        if run.status == "cancelling" != before and before is not None:
            scene.events.run(run)
        return go_on(scene, run, look=True), scene.events.told
