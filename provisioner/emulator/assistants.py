"""Assistants: create, list, get, modify, delete."""

import json
from collections.abc import Mapping
from typing import Any

from provisioner.emulator import ids
from provisioner.emulator.assistant_files import attached, replace_files
from provisioner.emulator.assistant_views import view
from provisioner.emulator.bodies import create_assistant, modify_assistant
from provisioner.emulator.checks import check_body
from provisioner.emulator.errors import not_found, refused, unknown_model
from provisioner.emulator.paging import Source, listing, read_page
from provisioner.emulator.routing import Answer, Call, Endpoint
from provisioner.emulator.store import Row
from provisioner.emulator.vector_stores import create_inline_store, find_vector_store

# Kept as v2 knows an assistant; v1 sees its own projection of the same object.
_DEFAULTS: dict[str, Any] = {
    "name": None,
    "description": None,
    "instructions": None,
    "tools": [],
    "metadata": {},
    "temperature": 1.0,
    "top_p": 1.0,
    "response_format": "auto",
    "vector_store_ids": [],
}


def endpoints() -> list[Endpoint]:
    """Give the endpoints of assistants, which v1 and v2 share."""
    return [
        Endpoint("POST", "/assistants", _create),
        Endpoint("GET", "/assistants", _list),
        Endpoint("GET", "/assistants/{assistant_id}", _get),
        Endpoint("POST", "/assistants/{assistant_id}", _modify),
        Endpoint("DELETE", "/assistants/{assistant_id}", _delete),
    ]


def find_assistant(call: Call) -> Row:
    """Find the assistant of the path, or raise the 404 (microsoft-foundry-for-vscode#73)."""
    assistant_id = call.path["assistant_id"]
    row = call.store.row("SELECT * FROM assistants WHERE id = ?", assistant_id)
    if row is None:
        raise not_found(f"No assistant found with id '{assistant_id}'.")
    return row


def _create(call: Call) -> Answer:
    body = check_body(create_assistant(call.version), call.body)
    _check_references(call, body)
    assistant_id = ids.assistant_id()
    attributes = _merged(_DEFAULTS, body)
    call.store.run(
        "INSERT INTO assistants (id, created_at, attributes) VALUES (?, ?, ?)",
        *(assistant_id, int(call.service.now()), json.dumps(attributes)),
    )
    delay = _set_resources(call, assistant_id, body)
    return Answer(_show(call, assistant_id), delay)


def _modify(call: Call) -> dict[str, Any]:
    body = check_body(modify_assistant(call.version), call.body)
    row = find_assistant(call)
    _check_references(call, body)
    attributes = _merged(json.loads(row["attributes"]), body)
    _save(call, row["id"], attributes)
    _set_resources(call, row["id"], body)
    return _show(call, row["id"])


def _get(call: Call) -> dict[str, Any]:
    return _show(call, find_assistant(call)["id"])


def _list(call: Call) -> dict[str, Any]:
    page = read_page(call.store, Source("assistants"), call.query)
    objects = [_view(call, row) for row in page.rows]
    return listing(objects, has_more=page.has_more)


def _delete(call: Call) -> dict[str, Any]:
    # Its files and vector stores stay: no document knows a cascade.
    row = find_assistant(call)
    call.store.run("DELETE FROM assistants WHERE id = ?", row["id"])
    return {"id": row["id"], "object": "assistant.deleted", "deleted": True}


def _merged(attributes: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Merge what a body sets: omitted is left alone (azure-sdk-for-net#44632), null clears.

    Lists are replaced whole. So is `metadata`: no source says whether Azure merges the map; the
    documents describe a field like the others, and that is followed here.
    """
    merged = dict(attributes)
    for name in ("model", *_DEFAULTS):
        if name in body:
            merged[name] = _DEFAULTS[name] if body[name] is None else body[name]
    for name in ("temperature", "top_p"):
        merged[name] = float(merged[name])
    return merged


def _check_references(call: Call, body: Mapping[str, Any]) -> None:
    deployments = call.service.settings.deployments
    if "model" in body and deployments is not None and body["model"] not in deployments:
        raise unknown_model()
    creates = "assistant_id" not in call.path
    check_resources(call, body.get("tool_resources") or {}, creates=creates)


def check_resources(call: Call, resources: Mapping[str, Any], *, creates: bool) -> None:
    """Refuse stores that don't exist, and a wrong number of ways to name them."""
    search = resources.get("file_search")
    if search is None:
        return
    given = {"vector_store_ids", "vector_stores"} & search.keys()
    if len(given) > 1 or (creates and not given):
        # Azure's documents: exactly one of the two on create. The words aren't known.
        message = "Exactly one of 'vector_store_ids' and 'vector_stores' must be given."
        raise refused(message, param="tool_resources.file_search", code="invalid_value")
    for vector_store_id in search.get("vector_store_ids", ()):
        find_vector_store(call.store, vector_store_id)


def _set_resources(call: Call, assistant_id: str, body: Mapping[str, Any]) -> float:
    """Set files and stores where the body names them; give the seconds that this takes.

    A tool whose resources the body leaves out keeps them. Whether Azure does so is not known
    ("Overrides the list" is said of each list): clients that send both are safe.
    """
    resources = body.get("tool_resources") or {}
    if "file_ids" in body:
        replace_files(call, assistant_id, body["file_ids"])
    if "file_ids" in resources.get("code_interpreter", {}):
        replace_files(call, assistant_id, resources["code_interpreter"]["file_ids"])
    search = resources.get("file_search", {})
    if "vector_store_ids" in search:
        _set_stores(call, assistant_id, search["vector_store_ids"])
    stores = [create_inline_store(call, inline) for inline in search.get("vector_stores", ())]
    if stores:
        _set_stores(call, assistant_id, stores)
    # Recorded: a create with an inline store of one file was answered when that was indexed (24 s).
    waits = any(inline.get("file_ids") for inline in search.get("vector_stores", ()))
    return call.service.settings.indexing_seconds if waits else 0


def _set_stores(call: Call, assistant_id: str, vector_store_ids: list[str]) -> None:
    row = call.store.row("SELECT attributes FROM assistants WHERE id = ?", assistant_id)
    attributes = json.loads(row["attributes"] if row else "{}")
    _save(call, assistant_id, {**attributes, "vector_store_ids": vector_store_ids})


def _save(call: Call, assistant_id: str, attributes: dict[str, Any]) -> None:
    call.store.run(
        "UPDATE assistants SET attributes = ? WHERE id = ?", json.dumps(attributes), assistant_id
    )


def _show(call: Call, assistant_id: str) -> dict[str, Any]:
    row = call.store.row("SELECT * FROM assistants WHERE id = ?", assistant_id)
    return _view(call, row or {})


def _view(call: Call, row: Row) -> dict[str, Any]:
    attributes = json.loads(row["attributes"])
    return view(row, attributes, attached(call, row["id"]), call.version)
