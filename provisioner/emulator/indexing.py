"""Files on their way into a vector store: a status read off the clock, never set by a thread."""

import json
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from provisioner.emulator.errors import refused
from provisioner.emulator.files import extension, find_files
from provisioner.emulator.routing import Call
from provisioner.emulator.store import Row

_MOST = 10_000

# Azure's page on file search, and `go` of a later refusal that lists them (agent-framework#2469).
_SEARCHABLE = frozenset(
    (
        *("c", "cpp", "cs", "css", "doc", "docx", "go", "html", "java", "js", "json", "md"),
        *("pdf", "php", "pptx", "py", "rb", "sh", "tex", "ts", "txt"),
    )
)

_BINARY = frozenset(("doc", "docx", "pdf", "pptx"))

_UNSUPPORTED, _UNREADABLE, _FAILED = "unsupported", "unreadable", "failed"
_ERRORS = {
    _UNSUPPORTED: ("unhandled_mime_type", "unsupported_file", "The file type is not supported."),
    _UNREADABLE: ("parsing_error", "invalid_file", "The file could not be parsed."),
    _FAILED: ("internal_error", "server_error", "An internal error occurred."),
}

# Shown wherever the default was taken (recorded); "auto" itself is never echoed.
_DEFAULT_CHUNKING = {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}


@dataclass(frozen=True)
class Counts:
    """Files of a store or a batch by status, and the bytes that the finished ones use."""

    in_progress: int
    completed: int
    failed: int
    cancelled: int
    usage_bytes: int

    def view(self) -> dict[str, int]:
        """Show them as `file_counts`."""
        numbers = {
            "in_progress": self.in_progress,
            "completed": self.completed,
            "failed": self.failed,
            "cancelled": self.cancelled,
        }
        return {**numbers, "total": sum(numbers.values())}


def check_chunking(body: Mapping[str, Any], at: str) -> dict[str, int]:
    """Give the chunking that a body asks for; an overlap over half of a chunk is refused."""
    strategy = body.get("chunking_strategy", {"type": "auto"})
    if strategy["type"] == "auto":
        return _DEFAULT_CHUNKING
    static: dict[str, int] = strategy["static"]
    if static["chunk_overlap_tokens"] * 2 > static["max_chunk_size_tokens"]:
        path = f"{at}.static.chunk_overlap_tokens"
        message = f"Invalid '{path}': must not exceed half of 'max_chunk_size_tokens'."
        raise refused(message, param=path, code="invalid_value")
    return static


@dataclass(frozen=True)
class Intake:
    """How files go into a store: cut how, the last one done when, and in which batch."""

    vector_store_id: str
    chunking: dict[str, int]
    seconds: float
    batch_id: str | None = None


def add_files(call: Call, intake: Intake, file_ids: list[str]) -> None:
    """Put files into a store; one that is there already stays as it is."""
    files = find_files(call.store, list(dict.fromkeys(file_ids)))
    held = call.store.row(
        "SELECT count(*) AS files FROM vector_store_files WHERE vector_store_id = ?",
        intake.vector_store_id,
    )
    if held and held["files"] + len(files) > _MOST:
        raise refused(f"A vector store has at most {_MOST} files.", param="file_ids")
    # Recorded: a batch of three files was listed, newest first, as second, first, third. Taking in
    # the last one first gives just that; no client may count on the order within a batch.
    # Each is counted as soon as it is done (`file_counts`); here they are, one after another.
    for place, file in enumerate(files[-1:] + files[:-1], 1):
        _add(call, intake, file, intake.seconds * place / len(files))


def _add(call: Call, intake: Intake, file: Row, seconds: float) -> None:
    now = call.service.now()
    call.store.run(
        "INSERT INTO vector_store_files (created_at, vector_store_id, file_id, batch_id,"
        " indexed_at, usage_bytes, supported, chunking) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (vector_store_id, file_id) DO UPDATE"
        " SET batch_id = coalesce(excluded.batch_id, batch_id)",
        *(int(now), intake.vector_store_id, file["id"], intake.batch_id, now + seconds),
        # Recorded: 19 bytes of text use 1,043.
        *(file["bytes"] + 1024, _trouble(call, file) is None, json.dumps(intake.chunking)),
    )


def _trouble(call: Call, file: Row) -> str | None:
    """Tell why a file can't be indexed; None if it can."""
    # A name without extension was taken for text (recorded on v1: retrieval over a file "file").
    kind = extension(file["filename"])
    if kind and kind not in _SEARCHABLE:
        return _UNSUPPORTED
    held = call.store.row("SELECT content FROM file_contents WHERE file_id = ?", file["id"])
    if kind not in _BINARY and not _is_text(held["content"] if held else b""):
        return _UNREADABLE
    pattern = call.service.settings.fail_indexing
    return _FAILED if pattern and fnmatchcase(file["filename"], pattern) else None


def _is_text(content: bytes) -> bool:
    # Azure's page on file search: text must be UTF-8, UTF-16 or ASCII.
    if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return True
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def last_error(call: Call, row: Row) -> dict[str, str]:
    """Give the error of a file that failed, in the words of the version."""
    file = call.store.row("SELECT * FROM files WHERE id = ?", row["file_id"])
    what = (_trouble(call, file) if file else None) or _FAILED
    # Azure's documents name four codes in 2024-05-01-preview and three others in
    # 2025-03-01-preview; OpenAI answered the later ones in July 2024 already (openai-openapi#300).
    old, new, message = _ERRORS[what]
    return {"code": new if call.version.since("2024-07-01") else old, "message": message}


def status(call: Call, row: Row) -> str:
    """Tell the status of a file in a store at this moment."""
    if row["cancelled"]:
        return "cancelled"
    if row["indexed_at"] > call.service.now():
        return "in_progress"
    return "completed" if row["supported"] else "failed"


STATUS_IS = {
    "cancelled": "cancelled",
    "in_progress": "NOT cancelled AND indexed_at > ?",
    "completed": "NOT cancelled AND indexed_at <= ? AND supported",
    "failed": "NOT cancelled AND indexed_at <= ? AND NOT supported",
}
"""The same as conditions on the table, for the time given (`cancelled` needs none)."""


def count_files(call: Call, column: str, owner_id: str) -> Counts:
    """Count the files of a store (`vector_store_id`) or of a batch (`batch_id`)."""
    now = call.service.now()
    row = call.store.row(
        "SELECT total(cancelled) AS cancelled,"  # noqa: S608 - made of own words
        " total(NOT cancelled AND indexed_at > ?1) AS in_progress,"
        " total(NOT cancelled AND indexed_at <= ?1 AND supported) AS completed,"
        " total(NOT cancelled AND indexed_at <= ?1 AND NOT supported) AS failed,"
        " total(usage_bytes * (NOT cancelled AND indexed_at <= ?1 AND supported)) AS usage_bytes"
        f" FROM vector_store_files WHERE {column} = ?2",
        *(now, owner_id),
    )
    return Counts(**{name: int(number) for name, number in (row or {}).items()})
