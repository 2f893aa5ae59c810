"""Files of an assistant's code interpreter: v1's `file_ids` and sub-resource, v2's resources."""

from typing import Any

from provisioner.emulator.bodies import ATTACH_TO_ASSISTANT
from provisioner.emulator.checks import check_body
from provisioner.emulator.errors import not_found, refused
from provisioner.emulator.files import find_files
from provisioner.emulator.paging import Source, listing, read_page
from provisioner.emulator.routing import Call, Endpoint
from provisioner.emulator.store import Row

_MOST = 20


def endpoints() -> list[Endpoint]:
    """Give the endpoints of `/assistants/{id}/files`: v1 only, a gateway's 404 under v2."""
    path = "/assistants/{assistant_id}/files"
    return [
        Endpoint("POST", path, _attach, generations=(1,)),
        Endpoint("GET", path, _list, generations=(1,)),
        Endpoint("GET", path + "/{file_id}", _get, generations=(1,)),
        Endpoint("DELETE", path + "/{file_id}", _detach, generations=(1,)),
    ]


def attached(call: Call, assistant_id: str) -> list[str]:
    """Give the ids of an assistant's files: v1 in the order of the files' creation, v2 as sent."""
    order = "files.seq" if call.version.generation == 1 else "held.seq"
    rows = call.store.rows(
        "SELECT held.file_id AS id FROM assistant_files AS held"  # noqa: S608 - made of own words
        " JOIN files ON files.id = held.file_id"
        f" WHERE held.assistant_id = ? ORDER BY {order}",
        assistant_id,
    )
    return [row["id"] for row in rows]


def replace_files(call: Call, assistant_id: str, file_ids: list[str]) -> None:
    """Make these the assistant's files: those not in the list are detached (Azure's document)."""
    find_files(call.store, file_ids)
    kept = _times(call, assistant_id)
    call.store.run("DELETE FROM assistant_files WHERE assistant_id = ?", assistant_id)
    for file_id in dict.fromkeys(file_ids):
        _insert(call, assistant_id, file_id, kept.get(file_id))


def _times(call: Call, assistant_id: str) -> dict[str, int]:
    rows = call.store.rows(
        "SELECT file_id, created_at FROM assistant_files WHERE assistant_id = ?", assistant_id
    )
    return {row["file_id"]: row["created_at"] for row in rows}


def _insert(call: Call, assistant_id: str, file_id: str, created_at: int | None = None) -> None:
    time = int(call.service.now()) if created_at is None else created_at
    call.store.run(
        "INSERT INTO assistant_files (created_at, assistant_id, file_id) VALUES (?, ?, ?)",
        *(time, assistant_id, file_id),
    )


def _assistant_id(call: Call) -> str:
    assistant_id = call.path["assistant_id"]
    if call.store.row("SELECT 1 FROM assistants WHERE id = ?", assistant_id) is None:
        raise not_found(f"No assistant found with id '{assistant_id}'.")
    return assistant_id


def _find(call: Call, assistant_id: str, file_id: str) -> Row:
    row = call.store.row(
        "SELECT * FROM assistant_files WHERE assistant_id = ? AND file_id = ?",
        *(assistant_id, file_id),
    )
    if row is None:
        # No source holds this one; the form is that of the other unknown objects.
        raise not_found(f"No assistant file found with id '{file_id}'.")
    return row


def _attach(call: Call) -> dict[str, Any]:
    body = check_body(ATTACH_TO_ASSISTANT, call.body)
    assistant_id, file_id = _assistant_id(call), body["file_id"]
    find_files(call.store, [file_id])
    held = _times(call, assistant_id)
    if file_id not in held:
        if len(held) >= _MOST:
            message = f"Too many files: an assistant has at most {_MOST}."
            raise refused(message, param="file_id", code="array_above_max_length")
        _insert(call, assistant_id, file_id)
    return _view(_find(call, assistant_id, file_id))


def _list(call: Call) -> dict[str, Any]:
    source = Source("assistant_files", "file_id", "assistant_id = ?", (_assistant_id(call),))
    page = read_page(call.store, source, call.query)
    return listing([_view(row) for row in page.rows], has_more=page.has_more)


def _get(call: Call) -> dict[str, Any]:
    return _view(_find(call, _assistant_id(call), call.path["file_id"]))


def _detach(call: Call) -> dict[str, Any]:
    row = _find(call, _assistant_id(call), call.path["file_id"])
    call.store.run("DELETE FROM assistant_files WHERE seq = ?", row["seq"])
    return {"id": row["file_id"], "object": "assistant.file.deleted", "deleted": True}


def _view(row: Row) -> dict[str, Any]:
    return {
        "id": row["file_id"],
        "object": "assistant.file",
        "created_at": row["created_at"],
        "assistant_id": row["assistant_id"],
    }
