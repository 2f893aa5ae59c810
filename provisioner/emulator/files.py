"""Files: upload, list, get, content, delete."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from provisioner.emulator import ids
from provisioner.emulator.errors import not_found, refused
from provisioner.emulator.routing import LARGEST_UPLOAD, Call, Endpoint, Upload
from provisioner.emulator.store import Row, Store
from provisioner.emulator.versions import ApiVersion

# The two tables of Azure's pages (code interpreter, file search) and what OpenAI's own refusal
# names besides: go, pkl, webp (openai-dotnet#270).
_EXTENSIONS = frozenset(
    (
        *("c", "cpp", "cs", "css", "csv", "doc", "docx", "gif", "go", "html", "java", "jpeg"),
        *("jpg", "js", "json", "md", "pdf", "php", "pkl", "png", "pptx", "py", "rb", "sh", "tar"),
        *("tex", "ts", "txt", "webp", "xlsx", "xml", "zip"),
    )
)


def endpoints() -> list[Endpoint]:
    """Give the endpoints of files, which v1 and v2 share."""
    return [
        Endpoint("POST", "/files", _upload, form=True),
        Endpoint("GET", "/files", _list),
        Endpoint("GET", "/files/{file_id}", _get),
        Endpoint("GET", "/files/{file_id}/content", _download),
        Endpoint("DELETE", "/files/{file_id}", _delete),
    ]


def find_file(store: Store, file_id: str) -> Row:
    """Find a file, or raise OpenAI's 404 (openai-dotnet's tests); Azure's isn't known."""
    row = store.row("SELECT * FROM files WHERE id = ?", file_id)
    if row is None:
        raise not_found(f"No such File object: {file_id}", param="id")
    return row


def find_files(store: Store, file_ids: list[str]) -> list[Row]:
    """Find files that a body names, or raise Azure's 404 (Azure/azure-sdk-for-net#47121)."""
    rows = [store.row("SELECT * FROM files WHERE id = ?", file_id) for file_id in file_ids]
    missing = [file_id for file_id, row in zip(file_ids, rows, strict=True) if row is None]
    if missing:
        raise not_found(f"Files [{', '.join(missing)}] were not found")
    return [row for row in rows if row is not None]


def extension(filename: str) -> str:
    """Give the extension of a file name in lower case; empty if it has none."""
    return filename.rpartition(".")[2].lower() if "." in filename else ""


def _upload(call: Call) -> dict[str, Any]:
    purpose, upload = _check_form(call.body, call.version)
    file_id = ids.file_id(purpose, call.version)
    call.store.run(
        "INSERT INTO files (id, created_at, purpose, filename, bytes) VALUES (?, ?, ?, ?, ?)",
        *(file_id, int(call.service.now()), purpose, upload.filename, upload.size),
    )
    call.store.run("INSERT INTO file_contents VALUES (?, ?)", file_id, upload.content)
    # 200 with the file, whatever Azure's document says of 201 and Location (recorded).
    return _view(find_file(call.store, file_id), call.version)


def _check_form(form: Mapping[str, str | Upload], version: ApiVersion) -> tuple[str, Upload]:
    # The form is checked by a JSON schema whose own words come through (azure-sdk-for-net#44039:
    # "Additional properties are not allowed ('filename' was unexpected)").
    for name in form:
        if name not in ("purpose", "file"):
            raise refused(f"Additional properties are not allowed ('{name}' was unexpected)")
    for name in ("file", "purpose"):
        if name not in form:
            raise refused(f"'{name}' is a required property")
    purpose, upload = form["purpose"], form["file"]
    if not isinstance(purpose, str) or purpose not in _purposes(version):
        raise refused(f"{purpose!r} is not one of {list(_purposes(version))} - 'purpose'")
    if not isinstance(upload, Upload):
        raise refused("'file' is not a file")
    _check_upload(upload, purpose, version)
    return purpose, upload


def _purposes(version: ApiVersion) -> tuple[str, ...]:
    if version.generation == 1:
        return ("fine-tune", "fine-tune-results", "assistants")
    return ("assistants", "batch", "fine-tune", "vision")


def _check_upload(upload: Upload, purpose: str, version: ApiVersion) -> None:
    if not upload.filename:
        raise refused("'filename' must have at least 1 character")
    if not upload.size:
        # The words of Azure's refusal of an empty file (azure-sdk-for-python#45881).
        raise refused("Empty file.")
    if upload.size > LARGEST_UPLOAD:
        raise refused("File is too large. Maximum file size is 512 MB.", status=413)
    kind = extension(upload.filename)
    # Both sources are of v2's days: openai-dotnet#270 (OpenAI), agent-framework#2469 (Azure's
    # agents). A name without extension was taken (recorded, v1).
    known = not kind or kind in _EXTENSIONS
    if purpose == "assistants" and version.since("2024-05-01") and not known:
        formats = ", ".join(f'"{name}"' for name in sorted(_EXTENSIONS))
        raise refused(f"Invalid extension {kind}. Supported formats: {formats}")


def _list(call: Call) -> dict[str, Any]:
    # Azure's document: one parameter, `purpose`, and no paging keys in the answer. `limit` and
    # `after` are ignored, so a client that pages by them gets the same page for ever.
    purpose = call.query.get("purpose")
    rows = call.store.rows(
        "SELECT * FROM files WHERE ? IS NULL OR purpose = ? ORDER BY seq DESC", purpose, purpose
    )
    return {"object": "list", "data": [_view(row, call.version) for row in rows]}


def _get(call: Call) -> dict[str, Any]:
    return _view(find_file(call.store, call.path["file_id"]), call.version)


def _download(call: Call) -> Response:
    row = find_file(call.store, call.path["file_id"])
    if row["purpose"] == "assistants" and not call.service.settings.file_downloads:
        # OpenAI's answer. Azure's document only says that uploaded content can be had: unknown,
        # so clients must do without.
        raise refused("Not allowed to download files of purpose: assistants")
    held = call.store.row("SELECT content FROM file_contents WHERE file_id = ?", row["id"])
    content: bytes = held["content"] if held else b""
    disposition = f'attachment; filename="{quote(row["filename"], safe=" ()[]{}+,;=@!&")}"'
    headers = {"Content-Disposition": disposition}
    return Response(content, headers=headers, media_type="application/octet-stream")


def _delete(call: Call) -> dict[str, Any]:
    # No guard: a file in use goes too, and vanishes from every assistant and vector store (Azure's
    # page on file search). 200 with a body, not Azure's documented 204 (recorded).
    row = find_file(call.store, call.path["file_id"])
    call.store.run("DELETE FROM files WHERE id = ?", row["id"])
    return {"object": "file", "id": row["id"], "deleted": True}


def _view(row: Row, version: ApiVersion) -> dict[str, Any]:
    view = {
        "object": "file",
        "id": row["id"],
        "purpose": row["purpose"],
        "filename": row["filename"],
        # Recorded: the size of what the code interpreter made is not told.
        "bytes": None if row["purpose"] == "assistants_output" else row["bytes"],
        "created_at": row["created_at"],
        "status": "processed",
        "status_details": None,
    }
    # Recorded in 2024-01-01-preview and gone in 2024-02-15-preview.
    return view if version.since("2024-02-15") else {**view, "updated_at": row["created_at"]}
