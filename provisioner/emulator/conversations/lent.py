"""What the assistant and the thread of a run lend to its tools."""

from provisioner.emulator.conversations.run import Run
from provisioner.emulator.store import Store
from provisioner.emulator.vector_stores import expires_at

_STORES = """
SELECT value FROM assistants, json_each(assistants.attributes, '$.vector_store_ids')
  WHERE assistants.id = ?1
UNION SELECT value FROM threads, json_each(threads.vector_store_ids) WHERE threads.id = ?2
"""
_FILES = f"""
SELECT file_id FROM assistant_files WHERE assistant_id = ?1
UNION SELECT file_id FROM thread_files WHERE thread_id = ?2
UNION SELECT file_id FROM message_files JOIN messages ON messages.id = message_files.message_id
  WHERE messages.thread_id = ?2
UNION SELECT file_id FROM vector_store_files WHERE vector_store_id IN ({_STORES})
"""  # noqa: S608 - made of own words


def reachable_file(store: Store, run: Run, name: str) -> str | None:
    """Find the newest file of this name that the run's assistant or thread has; give its id."""
    row = store.row(
        f"SELECT id FROM files WHERE filename = ?3 AND id IN ({_FILES})"  # noqa: S608 - own words
        " ORDER BY seq DESC LIMIT 1",
        *(run.assistant_id, run.thread_id, name),
    )
    file_id: str | None = row["id"] if row else None
    return file_id


def expired_store(store: Store, run: Run, now: float) -> str | None:
    """Find a vector store that the run would search and whose time is over; give its id."""
    if not any(tool["type"] == "file_search" for tool in run.request["tools"]):
        return None
    query = f"SELECT * FROM vector_stores WHERE id IN ({_STORES})"  # noqa: S608 - as above
    for row in store.rows(query, run.assistant_id, run.thread_id):
        end = expires_at(row)
        if end is not None and now >= end:
            store_id: str = row["id"]
            return store_id
    return None
