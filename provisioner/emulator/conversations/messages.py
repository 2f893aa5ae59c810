"""Messages of a thread: create, list, get, modify, delete; and the files of a message in v1."""

import json
from typing import Any

from provisioner.emulator.checks import check_body
from provisioner.emulator.conversation_bodies import MODIFY_MESSAGE, create_message
from provisioner.emulator.conversations.adding import add_message, check_message
from provisioner.emulator.conversations.messages_store import attached_files
from provisioner.emulator.conversations.progress import catch_up
from provisioner.emulator.conversations.threads import find_thread
from provisioner.emulator.conversations.views import view_message
from provisioner.emulator.errors import not_found, refused
from provisioner.emulator.paging import Source, listing, read_page
from provisioner.emulator.routing import Call, Endpoint
from provisioner.emulator.store import Row


def endpoints() -> list[Endpoint]:
    """Give the endpoints of messages: only v1 has their files, and only v2 deletes them."""
    messages = "/threads/{thread_id}/messages"
    one = messages + "/{message_id}"
    return [
        Endpoint("POST", messages, _create),
        Endpoint("GET", messages, _list),
        Endpoint("GET", one, _get),
        Endpoint("POST", one, _modify),
        Endpoint("DELETE", one, _delete, generations=(2,)),
        Endpoint("GET", one + "/files", _list_files, generations=(1,)),
        Endpoint("GET", one + "/files/{file_id}", _get_file, generations=(1,)),
    ]


def _view(call: Call, row: Row) -> dict[str, Any]:
    view: dict[str, Any] = view_message(row, attached_files(call.store, row["id"]), call.version)
    return view


def _find(call: Call) -> Row:
    thread_id, message_id = find_thread(call)["id"], call.path["message_id"]
    catch_up(call, thread_id)
    row = call.store.row(
        "SELECT * FROM messages WHERE id = ? AND thread_id = ?", message_id, thread_id
    )
    if row is None:
        # In the form of the other unknown objects; no recording holds this one.
        raise not_found(f"No message found with id '{message_id}'.")
    return row


def _create(call: Call) -> dict[str, Any]:
    body = check_body(create_message(call.version), call.body)
    thread_id = find_thread(call)["id"]
    run = catch_up(call, thread_id)
    if run is not None:
        # OpenAI's words (openai-python#1023).
        raise refused(f"Can't add messages to {thread_id} while a run {run.id} is active.")
    check_message(call, body)
    return _view(call, add_message(call, thread_id, body, int(call.service.now())))


def _list(call: Call) -> dict[str, Any]:
    thread_id = find_thread(call)["id"]
    catch_up(call, thread_id)
    of_run = call.query.get("run_id") if call.version.generation != 1 else None
    narrowed = ("1", ()) if of_run is None else ("run_id = ?", (of_run,))
    source = Source("messages", "id", "thread_id = ?", (thread_id,), *narrowed)
    page = read_page(call.store, source, call.query)
    return listing([_view(call, row) for row in page.rows], has_more=page.has_more)


def _get(call: Call) -> dict[str, Any]:
    return _view(call, _find(call))


def _modify(call: Call) -> dict[str, Any]:
    body = check_body(MODIFY_MESSAGE, call.body)
    row = _find(call)
    if "metadata" in body:
        metadata = json.dumps(body["metadata"] or {})
        call.store.run("UPDATE messages SET metadata = ? WHERE id = ?", metadata, row["id"])
    view = _view(call, _find(call))
    if call.version.generation == 1:
        return view
    # Recorded, still in March 2025: this one answer has v1's `file_ids` in place of `attachments`.
    return {**{name: view[name] for name in view if name != "attachments"}, "file_ids": []}


def _delete(call: Call) -> dict[str, Any]:
    # Allowed while a run is under way (recorded: 200).
    row = _find(call)
    call.store.run("DELETE FROM messages WHERE id = ?", row["id"])
    return {"id": row["id"], "object": "thread.message.deleted", "deleted": True}


def _view_file(row: Row) -> dict[str, Any]:
    return {
        "id": row["file_id"],
        "object": "thread.message.file",
        "created_at": row["created_at"],
        "message_id": row["message_id"],
    }


def _list_files(call: Call) -> dict[str, Any]:
    source = Source("message_files", "file_id", "message_id = ?", (_find(call)["id"],))
    page = read_page(call.store, source, call.query)
    return listing([_view_file(row) for row in page.rows], has_more=page.has_more)


def _get_file(call: Call) -> dict[str, Any]:
    row, file_id = _find(call), call.path["file_id"]
    for file in attached_files(call.store, row["id"]):
        if file["file_id"] == file_id:
            return _view_file(file)
    raise not_found(f"No message file found with id '{file_id}'.")
