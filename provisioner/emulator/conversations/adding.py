"""Messages that clients add: alone, with a thread, or with a run."""

from collections.abc import Mapping
from typing import Any

from provisioner.emulator.conversations.messages_store import (
    attach_file,
    insert_message,
    read_message,
    text_part,
)
from provisioner.emulator.conversations.thread_resources import lend
from provisioner.emulator.files import find_files
from provisioner.emulator.routing import Call
from provisioner.emulator.store import Row


def check_message(call: Call, message: Mapping[str, Any]) -> None:
    """Refuse a message whose files don't exist."""
    find_files(call.store, [file_id for file_id, _ in _files(message)])
    content = message["content"]
    parts = content if isinstance(content, list) else []
    images = [part["image_file"]["file_id"] for part in parts if part["type"] == "image_file"]
    find_files(call.store, images)


def add_message(call: Call, thread_id: str, message: Mapping[str, Any], created_at: int) -> Row:
    """Add a checked message to a thread, and lend its files to their tools."""
    fields = {**message, "content": _parts(message["content"])}
    row = insert_message(call.store, thread_id, created_at, fields)
    for file_id, tools in _files(message):
        attach_file(call.store, row, file_id, tools)
        # v1 knows no tools of a file: it is for all that the assistant has.
        if call.version.generation != 1:
            lend(call, thread_id, file_id, tools)
    return read_message(call.store, row["id"])


def _files(message: Mapping[str, Any]) -> list[tuple[str, list[Any]]]:
    # As an assistant's: a list that held one twice could not be paged by ids.
    file_ids = dict.fromkeys(message.get("file_ids", ()))
    v1: list[tuple[str, list[Any]]] = [(file_id, []) for file_id in file_ids]
    attachments = message.get("attachments") or ()
    return [*v1, *((each["file_id"], each["tools"]) for each in attachments)]


def _parts(content: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    if isinstance(content, str):
        return [text_part(content)]
    return [_part(part) for part in content]


def _part(part: dict[str, Any]) -> dict[str, Any]:
    if part["type"] == "text":
        return text_part(part["text"])
    if part["type"] == "image_file":
        return part
    # Recorded: a detail left out comes back as "auto".
    return {**part, "image_url": {**part["image_url"], "detail": _detail(part["image_url"])}}


def _detail(image: Mapping[str, str]) -> str:
    return image.get("detail", "auto")
