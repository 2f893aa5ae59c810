"""Messages as they are kept, with the files that were sent with them."""

import json
from collections.abc import Mapping
from typing import Any

from provisioner.emulator import ids
from provisioner.emulator.store import Row, Store


def text_part(value: str, annotations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """Make the part of a message that holds its text."""
    return {"type": "text", "text": {"value": value, "annotations": annotations or []}}


def insert_message(store: Store, thread_id: str, created_at: int, fields: Mapping[str, Any]) -> Row:
    """Keep a message; one without `content` is still to be written."""
    message_id = ids.message_id()
    content = fields.get("content")
    whole = content is not None
    store.run(
        "INSERT INTO messages (id, created_at, thread_id, role, content, metadata, assistant_id,"
        " run_id, status, ended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(message_id, created_at, thread_id, fields["role"], json.dumps(content or [])),
        *(json.dumps(fields.get("metadata") or {}), fields.get("assistant_id")),
        *(fields.get("run_id"), "completed" if whole else "in_progress"),
        created_at if whole else None,
    )
    return read_message(store, message_id)


def find_message(store: Store, message_id: str) -> Row | None:
    """Read a message, if it is there."""
    return store.row("SELECT * FROM messages WHERE id = ?", message_id)


def read_message(store: Store, message_id: str) -> Row:
    """Read a message that exists."""
    row = find_message(store, message_id)
    if row is None:
        raise LookupError(message_id)
    return row


def write_message(store: Store, message_id: str, content: list[dict[str, Any]]) -> Row:
    """Write the content of a message that was made without."""
    store.run("UPDATE messages SET content = ? WHERE id = ?", json.dumps(content), message_id)
    return read_message(store, message_id)


def attach_file(store: Store, message: Row, file_id: str, tools: list[Any]) -> None:
    """Attach a file to a message, to be used by these tools."""
    store.run(
        "INSERT INTO message_files (created_at, message_id, file_id, tools) VALUES (?, ?, ?, ?)",
        *(message["created_at"], message["id"], file_id, json.dumps(tools)),
    )


def attached_files(store: Store, message_id: str) -> list[Row]:
    """Give the files of a message, in the order in which they were sent."""
    return store.rows("SELECT * FROM message_files WHERE message_id = ? ORDER BY seq", message_id)
