"""What a thread lends to tools: files for code, and one vector store."""

import json
from collections.abc import Mapping
from typing import Any

from provisioner.emulator.assistants import check_resources
from provisioner.emulator.files import find_files
from provisioner.emulator.indexing import Intake, add_files, check_chunking
from provisioner.emulator.routing import Call
from provisioner.emulator.vector_stores import create_inline_store, store_to_fill

_WEEK = {"anchor": "last_active_at", "days": 7}
"""When a store made for a thread expires (Azure's page on file search)."""


def files_of(call: Call, thread_id: str) -> list[str]:
    """Give the ids of the files that code in this thread can use, as sent."""
    rows = call.store.rows(
        "SELECT file_id FROM thread_files WHERE thread_id = ? ORDER BY seq", thread_id
    )
    return [row["file_id"] for row in rows]


def set_resources(call: Call, thread_id: str, resources: Mapping[str, Any]) -> float:
    """Set files and stores where they are named; give the seconds that this takes."""
    code, search = resources.get("code_interpreter", {}), resources.get("file_search", {})
    if "file_ids" in code:
        call.store.run("DELETE FROM thread_files WHERE thread_id = ?", thread_id)
        _lend(call, thread_id, code["file_ids"])
    if "vector_store_ids" in search:
        _set_stores(call, thread_id, search["vector_store_ids"])
    inline = search.get("vector_stores", ())
    for store in inline:
        _set_stores(call, thread_id, [create_inline_store(call, {"expires_after": _WEEK, **store})])
    # Recorded: as for assistants, the answer waited until the files were indexed (24 s).
    waits = any(store.get("file_ids") for store in inline)
    return call.service.settings.indexing_seconds if waits else 0


def check_thread_resources(call: Call, body: Mapping[str, Any], *, creates: bool) -> None:
    """Refuse stores that don't exist, and both ways to name them at once."""
    check_resources(call, body.get("tool_resources") or {}, creates=creates)


def lend(call: Call, thread_id: str, file_id: str, tools: list[Mapping[str, Any]]) -> None:
    """Lend a message's file to the tools that it is for (OpenAI's document)."""
    kinds = {tool["type"] for tool in tools}
    if "code_interpreter" in kinds:
        _lend(call, thread_id, [file_id])
    if "file_search" in kinds:
        add_files(call, _intake(call, _store_of(call, thread_id)), [file_id])


def _lend(call: Call, thread_id: str, file_ids: list[str]) -> None:
    find_files(call.store, file_ids)
    for file_id in file_ids:
        call.store.run(
            "INSERT INTO thread_files (thread_id, file_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
            *(thread_id, file_id),
        )


def _intake(call: Call, vector_store_id: str) -> Intake:
    chunking = check_chunking({}, "chunking_strategy")
    return Intake(vector_store_id, chunking, call.service.settings.attach_seconds)


def _store_of(call: Call, thread_id: str) -> str:
    row = call.store.row("SELECT vector_store_ids FROM threads WHERE id = ?", thread_id)
    stores = json.loads(row["vector_store_ids"] if row else "[]")
    if not stores:
        stores = [create_inline_store(call, {"expires_after": _WEEK})]
        _set_stores(call, thread_id, stores)
    # Whoever has deleted the thread's store, or let it expire, is told so.
    return store_to_fill(call, stores[0])


def _set_stores(call: Call, thread_id: str, vector_store_ids: list[str]) -> None:
    call.store.run(
        "UPDATE threads SET vector_store_ids = ? WHERE id = ?",
        *(json.dumps(vector_store_ids), thread_id),
    )
