"""Steps of a run: how they begin and end, and the endpoints that show them."""

import json
from collections.abc import Mapping
from typing import Any

from provisioner.emulator import ids
from provisioner.emulator.conversations.run import Run
from provisioner.emulator.conversations.views import view_usage
from provisioner.emulator.store import Row, Store
from provisioner.emulator.versions import ApiVersion

_INCLUDED = "step_details.tool_calls[*].file_search.results[*].content"

_USAGE = """
SELECT total(json_extract(usage, '$.prompt_tokens')) AS prompt_tokens,
  total(json_extract(usage, '$.completion_tokens')) AS completion_tokens
FROM steps WHERE run_id = ?
"""


def wants_contents(query: Mapping[str, str]) -> bool:
    """Tell whether a request asks by `include[]` for what a search has found."""
    return _INCLUDED in (query.get("include[]"), query.get("include"))


def begin_step(store: Store, run: Run, at: float, details: Mapping[str, Any]) -> Row:
    """Make a step that is in progress."""
    step_id = ids.step_id()
    store.run(
        "INSERT INTO steps (id, created_at, run_id, type, status, details)"
        " VALUES (?, ?, ?, ?, 'in_progress', ?)",
        *(step_id, int(at), run.id, details["type"], json.dumps(details)),
    )
    return read_step(store, step_id)


def read_step(store: Store, step_id: str) -> Row:
    """Read a step that exists."""
    row = store.row("SELECT * FROM steps WHERE id = ?", step_id)
    if row is None:
        raise LookupError(step_id)
    return row


def end_step(
    store: Store, step_id: str, status: str, at: float, *, usage: Any, last_error: Any
) -> Row:
    """End a step."""
    store.run(
        "UPDATE steps SET status = ?, ended_at = ?, usage = ?, last_error = ? WHERE id = ?",
        *(status, int(at), json.dumps(usage), json.dumps(last_error), step_id),
    )
    return read_step(store, step_id)


def details_of(store: Store, step_id: str) -> dict[str, Any]:
    """Read the details of a step: the message it makes, or its tool calls."""
    details: dict[str, Any] = json.loads(read_step(store, step_id)["details"])
    return details


def set_details(store: Store, step_id: str, details: Mapping[str, Any]) -> None:
    """Change the details of a step."""
    store.run("UPDATE steps SET details = ? WHERE id = ?", json.dumps(details), step_id)


def usage_so_far(store: Store, run_id: str) -> dict[str, int]:
    """Add up what the steps of a run took (recorded: a run's usage is the sum of theirs)."""
    row = store.row(_USAGE, run_id) or {}
    return {name: int(number) for name, number in row.items()}


def view_step(
    row: Row,
    run: Run,
    version: ApiVersion,
    *,
    streamed: bool = False,
    opening: bool = False,
    contents: bool = False,
) -> dict[str, Any]:
    """Show a step; `opening` as streams do when it begins, with no tool calls yet."""
    ended, usage = row["ended_at"], json.loads(row["usage"] or "null")
    view = {
        "id": row["id"],
        "object": "thread.run.step",
        "created_at": row["created_at"],
        "run_id": run.id,
        "assistant_id": run.assistant_id,
        "thread_id": run.thread_id,
        "type": row["type"],
        "status": row["status"],
        "cancelled_at": ended if row["status"] == "cancelled" else None,
        "completed_at": ended if row["status"] == "completed" else None,
        # Recorded: a step that is over keeps it in streams, and only there.
        "expires_at": run.expires_at if streamed or ended is None else None,
        "failed_at": ended if row["status"] == "failed" else None,
        "last_error": json.loads(row["last_error"] or "null"),
        "step_details": _details(json.loads(row["details"]), version, opening, contents),
    }
    return view if version.generation == 1 else {**view, "usage": view_usage(usage, version)}


def _details(
    details: dict[str, Any], version: ApiVersion, opening: bool, contents: bool
) -> dict[str, Any]:
    if details["type"] != "tool_calls":
        return details
    calls = [] if opening else [_call(call, version, contents) for call in details["tool_calls"]]
    return {"type": "tool_calls", "tool_calls": calls}


def _call(call: dict[str, Any], version: ApiVersion, contents: bool) -> dict[str, Any]:
    if call["type"] != "file_search":
        return call
    if version.generation == 1:
        return {"id": call["id"], "type": "retrieval", "retrieval": {}}
    # Azure's documents: an empty object in 2024-05-01-preview, results in 2025-03-01-preview.
    if not version.since("2025-03"):
        return {**call, "file_search": {}}
    left_out = () if contents else ("content",)
    results = [
        {name: value for name, value in result.items() if name not in left_out}
        for result in call["file_search"]["results"]
    ]
    return {**call, "file_search": {"results": results}}
