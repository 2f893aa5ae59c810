"""Vector stores: create, list, get, modify, delete."""

import json
from collections.abc import Mapping
from typing import Any

from provisioner.emulator import ids
from provisioner.emulator.bodies import MODIFY_VECTOR_STORE, create_vector_store
from provisioner.emulator.checks import check_body
from provisioner.emulator.errors import not_found, refused
from provisioner.emulator.indexing import Counts, Intake, add_files, check_chunking, count_files
from provisioner.emulator.paging import Source, listing, read_page
from provisioner.emulator.routing import Call, Endpoint
from provisioner.emulator.store import Row, Store

_DAY = 86_400


def endpoints() -> list[Endpoint]:
    """Give the endpoints of vector stores, which v1 has not."""
    one = "/vector_stores/{vector_store_id}"
    return [
        Endpoint("POST", "/vector_stores", _create, generations=(2,)),
        Endpoint("GET", "/vector_stores", _list, generations=(2,)),
        Endpoint("GET", one, _get, generations=(2,)),
        Endpoint("POST", one, _modify, generations=(2,)),
        Endpoint("DELETE", one, _delete, generations=(2,)),
    ]


def find_vector_store(store: Store, vector_store_id: str) -> Row:
    """Find a vector store, or raise the 404 (recorded)."""
    row = store.row("SELECT * FROM vector_stores WHERE id = ?", vector_store_id)
    if row is None:
        raise not_found(f"No vector store found with id '{vector_store_id}'.")
    return row


def store_to_fill(call: Call, vector_store_id: str) -> str:
    """Find a store that files are added to; give its id, or raise the 404, or a 400 if expired."""
    row = find_vector_store(call.store, vector_store_id)
    if has_expired(call, row):
        # Azure's page: an expired store must be made anew. What adding to one answers isn't known.
        raise refused(f"Vector store {vector_store_id} is expired.")
    # Taken as activity, which moves `expires_at`; what else counts as such is not known.
    call.store.run(
        "UPDATE vector_stores SET last_active_at = ? WHERE id = ?",
        *(int(call.service.now()), vector_store_id),
    )
    return vector_store_id


def create_inline_store(call: Call, inline: Mapping[str, Any]) -> str:
    """Make the store that the body of an assistant describes; give its id.

    It is as any other and stays when the assistant goes (recorded: deleted by itself).
    """
    return _make(call, inline, seconds=0)


def expires_at(row: Row) -> int | None:
    """Tell when a store expires, if ever."""
    expires_after = json.loads(row["attributes"])["expires_after"]
    if expires_after is None:
        return None
    days: int = expires_after["days"]
    last_active_at: int = row["last_active_at"]
    return last_active_at + days * _DAY


def has_expired(call: Call, row: Row) -> bool:
    """Tell whether a store's time is over."""
    end = expires_at(row)
    return end is not None and call.service.now() >= end


def _make(call: Call, body: Mapping[str, Any], seconds: float) -> str:
    chunking = check_chunking(body, "chunking_strategy")
    now = int(call.service.now())
    names = ("name", "expires_after", "metadata")
    attributes = {name: body.get(name) for name in names}
    vector_store_id = ids.vector_store_id()
    call.store.run(
        "INSERT INTO vector_stores (id, created_at, last_active_at, attributes)"
        " VALUES (?, ?, ?, ?)",
        *(vector_store_id, now, now, json.dumps(attributes)),
    )
    add_files(call, Intake(vector_store_id, chunking, seconds), body.get("file_ids", []))
    return vector_store_id


def _create(call: Call) -> dict[str, Any]:
    body = check_body(create_vector_store(call.version), call.body)
    # Recorded: `in_progress` in the answer and in a GET right after it.
    vector_store_id = _make(call, body, call.service.settings.indexing_seconds)
    return _view(call, find_vector_store(call.store, vector_store_id))


def _list(call: Call) -> dict[str, Any]:
    page = read_page(call.store, Source("vector_stores"), call.query)
    return listing([_view(call, row) for row in page.rows], has_more=page.has_more)


def _get(call: Call) -> dict[str, Any]:
    return _view(call, find_vector_store(call.store, call.path["vector_store_id"]))


def _modify(call: Call) -> dict[str, Any]:
    body = check_body(MODIFY_VECTOR_STORE, call.body)
    row = find_vector_store(call.store, call.path["vector_store_id"])
    # As for assistants: omitted is left alone, null clears, `metadata` is replaced whole.
    attributes = {**json.loads(row["attributes"]), **body}
    call.store.run(
        "UPDATE vector_stores SET attributes = ? WHERE id = ?", json.dumps(attributes), row["id"]
    )
    return _view(call, find_vector_store(call.store, row["id"]))


def _delete(call: Call) -> dict[str, Any]:
    # Its files stay (OpenAI's document). Assistants go on naming it: nothing says otherwise.
    row = find_vector_store(call.store, call.path["vector_store_id"])
    call.store.run("DELETE FROM vector_stores WHERE id = ?", row["id"])
    return {"id": row["id"], "object": "vector_store.deleted", "deleted": True}


def _view(call: Call, row: Row) -> dict[str, Any]:
    attributes = json.loads(row["attributes"])
    counts = count_files(call, "vector_store_id", row["id"])
    return {
        "id": row["id"],
        "object": "vector_store",
        "name": attributes["name"],
        "status": _status(call, row, counts),
        "usage_bytes": counts.usage_bytes,
        "created_at": row["created_at"],
        "file_counts": counts.view(),
        "metadata": attributes["metadata"] or {},
        "expires_after": attributes["expires_after"],
        "expires_at": expires_at(row),
        "last_active_at": row["last_active_at"],
    }


def _status(call: Call, row: Row, counts: Counts) -> str:
    # There is no `failed`: a store whose files all failed is `completed` (Azure's documents).
    if has_expired(call, row):
        return "expired"
    return "in_progress" if counts.in_progress else "completed"
