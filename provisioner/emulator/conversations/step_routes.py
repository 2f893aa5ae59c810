"""The endpoints that show the steps of a run."""

from typing import Any

from provisioner.emulator.conversations.progress import read_moved
from provisioner.emulator.conversations.run import Run
from provisioner.emulator.conversations.runs import find_run
from provisioner.emulator.conversations.steps import view_step, wants_contents
from provisioner.emulator.errors import not_found
from provisioner.emulator.paging import Source, listing, read_page
from provisioner.emulator.routing import Call, Endpoint
from provisioner.emulator.store import Row


def endpoints() -> list[Endpoint]:
    """Give the endpoints that v1 and v2 share."""
    steps = "/threads/{thread_id}/runs/{run_id}/steps"
    return [
        Endpoint("GET", steps, _list),
        Endpoint("GET", steps + "/{step_id}", _get),
    ]


def _view(call: Call, row: Row, run: Run) -> dict[str, Any]:
    return view_step(row, run, call.version, contents=wants_contents(call.query))


def _list(call: Call) -> dict[str, Any]:
    run = read_moved(call, find_run(call))
    page = read_page(call.store, Source("steps", "id", "run_id = ?", (run.id,)), call.query)
    return listing([_view(call, row, run) for row in page.rows], has_more=page.has_more)


def _get(call: Call) -> dict[str, Any]:
    run, step_id = read_moved(call, find_run(call)), call.path["step_id"]
    row = call.store.row("SELECT * FROM steps WHERE id = ? AND run_id = ?", step_id, run.id)
    if row is None:
        # OpenAI's words.
        raise not_found(f"No run step found with id '{step_id}'.")
    return _view(call, row, run)
