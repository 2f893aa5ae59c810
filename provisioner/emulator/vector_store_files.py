"""Files in a vector store, attached alone or in batches."""

import json
from typing import Any

from provisioner.emulator import ids
from provisioner.emulator.bodies import attach_to_vector_store, create_file_batch
from provisioner.emulator.checks import check_body, wrong_value
from provisioner.emulator.errors import not_found
from provisioner.emulator.indexing import (
    STATUS_IS,
    Intake,
    add_files,
    check_chunking,
    count_files,
    last_error,
    status,
)
from provisioner.emulator.paging import Source, listing, read_page
from provisioner.emulator.routing import Call, Endpoint
from provisioner.emulator.store import Row
from provisioner.emulator.vector_stores import find_vector_store, store_to_fill


def endpoints() -> list[Endpoint]:
    """Give the endpoints below a vector store, which v1 has not."""
    files = "/vector_stores/{vector_store_id}/files"
    batches = "/vector_stores/{vector_store_id}/file_batches"
    one = batches + "/{batch_id}"
    return [
        Endpoint("POST", files, _attach, generations=(2,)),
        Endpoint("GET", files, _list, generations=(2,)),
        Endpoint("GET", files + "/{file_id}", _get, generations=(2,)),
        Endpoint("DELETE", files + "/{file_id}", _detach, generations=(2,)),
        Endpoint("POST", batches, _create_batch, generations=(2,)),
        Endpoint("GET", one, _get_batch, generations=(2,)),
        Endpoint("POST", one + "/cancel", _cancel_batch, generations=(2,)),
        Endpoint("GET", one + "/files", _list_batch, generations=(2,)),
    ]


def _store_id(call: Call) -> str:
    row = find_vector_store(call.store, call.path["vector_store_id"])
    vector_store_id: str = row["id"]
    return vector_store_id


def _find(call: Call, vector_store_id: str, file_id: str) -> Row:
    row = call.store.row(
        "SELECT * FROM vector_store_files WHERE vector_store_id = ? AND file_id = ?",
        *(vector_store_id, file_id),
    )
    if row is None:
        raise not_found(f"No file found with id '{file_id}' in vector store '{vector_store_id}'.")
    return row


def _attach(call: Call) -> dict[str, Any]:
    body = check_body(attach_to_vector_store(call.version), call.body)
    vector_store_id = store_to_fill(call, call.path["vector_store_id"])
    chunking = check_chunking(body, "chunking_strategy")
    seconds = call.service.settings.attach_seconds
    known = call.store.row(
        "SELECT 1 FROM vector_store_files WHERE vector_store_id = ? AND file_id = ?",
        *(vector_store_id, body["file_id"]),
    )
    add_files(call, Intake(vector_store_id, chunking, seconds), [body["file_id"]])
    view = _view(call, _find(call, vector_store_id, body["file_id"]))
    # Recorded: the answer says `in_progress` and no bytes, however fast the file is done.
    return view if known else {**view, "usage_bytes": 0, "status": "in_progress"}


def _list(call: Call) -> dict[str, Any]:
    return _page(call, "vector_store_id", _store_id(call))


def _get(call: Call) -> dict[str, Any]:
    return _view(call, _find(call, _store_id(call), call.path["file_id"]))


def _detach(call: Call) -> dict[str, Any]:
    # The file itself stays (OpenAI's document).
    row = _find(call, _store_id(call), call.path["file_id"])
    call.store.run("DELETE FROM vector_store_files WHERE seq = ?", row["seq"])
    return {"id": row["file_id"], "object": "vector_store.file.deleted", "deleted": True}


def _create_batch(call: Call) -> dict[str, Any]:
    body = check_body(create_file_batch(call.version), call.body)
    vector_store_id = store_to_fill(call, call.path["vector_store_id"])
    chunking = check_chunking(body, "chunking_strategy")
    batch_id = ids.file_batch_id()
    call.store.run(
        "INSERT INTO file_batches (id, created_at, vector_store_id) VALUES (?, ?, ?)",
        *(batch_id, int(call.service.now()), vector_store_id),
    )
    seconds = call.service.settings.indexing_seconds
    add_files(call, Intake(vector_store_id, chunking, seconds, batch_id), body["file_ids"])
    return _view_batch(call, _find_batch(call, batch_id))


def _find_batch(call: Call, batch_id: str) -> Row:
    vector_store_id = _store_id(call)
    row = call.store.row(
        "SELECT * FROM file_batches WHERE id = ? AND vector_store_id = ?",
        *(batch_id, vector_store_id),
    )
    if row is None:
        # No source holds this one; the form is that of the other unknown objects.
        raise not_found(
            f"No file batch found with id '{batch_id}' in vector store '{vector_store_id}'."
        )
    return row


def _get_batch(call: Call) -> dict[str, Any]:
    return _view_batch(call, _find_batch(call, call.path["batch_id"]))


def _cancel_batch(call: Call) -> dict[str, Any]:
    # OpenAI's document: "attempts to cancel the processing of files in this batch as soon as
    # possible". Files that are done stay done; a batch that is done stays completed.
    row = _find_batch(call, call.path["batch_id"])
    now = call.service.now()
    if count_files(call, "batch_id", row["id"]).in_progress:
        call.store.run("UPDATE file_batches SET cancelled = 1 WHERE id = ?", row["id"])
    call.store.run(
        "UPDATE vector_store_files SET cancelled = 1 WHERE batch_id = ? AND indexed_at > ?",
        *(row["id"], now),
    )
    return _view_batch(call, _find_batch(call, row["id"]))


def _list_batch(call: Call) -> dict[str, Any]:
    row = _find_batch(call, call.path["batch_id"])
    page = _page(call, "batch_id", row["id"])
    # Recorded: files listed by batch have neither `usage_bytes` nor `chunking_strategy`.
    left_out = ("usage_bytes", "chunking_strategy")
    data = [{name: file[name] for name in file if name not in left_out} for file in page["data"]]
    return {**page, "data": data}


def _page(call: Call, column: str, owner_id: str) -> dict[str, Any]:
    owner = (f"{column} = ?", (owner_id,))
    source = Source("vector_store_files", "file_id", *owner, *_filter(call))
    page = read_page(call.store, source, call.query)
    return listing([_view(call, row) for row in page.rows], has_more=page.has_more)


def _filter(call: Call) -> tuple[str, tuple[Any, ...]]:
    wanted = call.query.get("filter")
    if wanted is None:
        return "1", ()
    if wanted not in STATUS_IS:
        raise wrong_value(wanted, "filter", ("in_progress", "completed", "failed", "cancelled"))
    return STATUS_IS[wanted], () if wanted == "cancelled" else (call.service.now(),)


def _view(call: Call, row: Row) -> dict[str, Any]:
    now = status(call, row)
    view = {
        "id": row["file_id"],
        "object": "vector_store.file",
        "usage_bytes": row["usage_bytes"] if now == "completed" else 0,
        "created_at": row["created_at"],
        "vector_store_id": row["vector_store_id"],
        "status": now,
        "last_error": last_error(call, row) if now == "failed" else None,
    }
    if not call.version.since("2024-07-01"):
        return view
    chunking = {"type": "static", "static": json.loads(row["chunking"])}
    return {**view, "chunking_strategy": chunking}


def _view_batch(call: Call, row: Row) -> dict[str, Any]:
    counts = count_files(call, "batch_id", row["id"])
    running = "in_progress" if counts.in_progress else "completed"
    return {
        "id": row["id"],
        "object": "vector_store.file_batch",
        "created_at": row["created_at"],
        "status": "cancelled" if row["cancelled"] else running,
        "vector_store_id": row["vector_store_id"],
        "file_counts": counts.view(),
    }
