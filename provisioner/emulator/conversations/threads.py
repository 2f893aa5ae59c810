"""Threads: create, get, modify, delete; there is no list of them."""

import json
from collections.abc import Mapping
from typing import Any

from provisioner.emulator import ids
from provisioner.emulator.checks import check_body
from provisioner.emulator.conversation_bodies import create_thread, modify_thread
from provisioner.emulator.conversations.adding import add_message, check_message
from provisioner.emulator.conversations.thread_resources import (
    check_thread_resources,
    files_of,
    set_resources,
)
from provisioner.emulator.conversations.views import view_thread
from provisioner.emulator.errors import not_found
from provisioner.emulator.routing import Answer, Call, Endpoint
from provisioner.emulator.store import Row


def endpoints() -> list[Endpoint]:
    """Give the endpoints of threads, which v1 and v2 share."""
    return [
        Endpoint("POST", "/threads", _create),
        Endpoint("GET", "/threads/{thread_id}", _get),
        Endpoint("POST", "/threads/{thread_id}", _modify),
        Endpoint("DELETE", "/threads/{thread_id}", _delete),
    ]


def find_thread(call: Call) -> Row:
    """Find the thread of the path, or raise the 404 (recorded)."""
    thread_id = call.path["thread_id"]
    row = call.store.row("SELECT * FROM threads WHERE id = ?", thread_id)
    if row is None:
        raise not_found(f"No thread found with id '{thread_id}'.")
    return row


def make_thread(call: Call, body: Mapping[str, Any]) -> tuple[Row, float]:
    """Make the thread that a checked body describes; give it, and the seconds that this takes."""
    check_thread_resources(call, body, creates=True)
    for message in body.get("messages", ()):
        check_message(call, message)
    now, thread_id = int(call.service.now()), ids.thread_id()
    call.store.run(
        "INSERT INTO threads (id, created_at, metadata, vector_store_ids) VALUES (?, ?, ?, '[]')",
        *(thread_id, now, json.dumps(body.get("metadata") or {})),
    )
    delay = set_resources(call, thread_id, body.get("tool_resources") or {})
    # Recorded: the first messages are as old as the thread, or as the end of the wait for a store.
    for message in body.get("messages", ()):
        add_message(call, thread_id, message, now + int(delay))
    return read_thread(call, thread_id), delay


def show_thread(call: Call, row: Row, *, bare: bool) -> dict[str, Any]:
    """Show a thread, `bare` as answers to POST do."""
    view: dict[str, Any] = view_thread(row, files_of(call, row["id"]), call.version, bare=bare)
    return view


def read_thread(call: Call, thread_id: str) -> Row:
    """Read a thread that exists."""
    row = call.store.row("SELECT * FROM threads WHERE id = ?", thread_id)
    return row or {}


def _create(call: Call) -> Answer:
    body = check_body(create_thread(call.version), call.body)
    row, delay = make_thread(call, body)
    return Answer(show_thread(call, row, bare=True), delay)


def _get(call: Call) -> dict[str, Any]:
    return show_thread(call, find_thread(call), bare=False)


def _modify(call: Call) -> dict[str, Any]:
    body = check_body(modify_thread(call.version), call.body)
    row = find_thread(call)
    check_thread_resources(call, body, creates=False)
    if "metadata" in body:
        call.store.run(
            "UPDATE threads SET metadata = ? WHERE id = ?",
            *(json.dumps(body["metadata"] or {}), row["id"]),
        )
    set_resources(call, row["id"], body.get("tool_resources") or {})
    return show_thread(call, read_thread(call, row["id"]), bare=True)


def _delete(call: Call) -> dict[str, Any]:
    # Messages, runs and steps go with it, also while a run is under way (recorded: 200).
    row = find_thread(call)
    call.store.run("DELETE FROM threads WHERE id = ?", row["id"])
    return {"id": row["id"], "object": "thread.deleted", "deleted": True}
