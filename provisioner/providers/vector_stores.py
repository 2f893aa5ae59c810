"""Vector stores at the service: their bodies, their files, and the wait until these are indexed.

Sources: OpenAPI documents 2024-05-01-preview and 2025-03-01-preview, and recorded traffic.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from provisioner.errors import FailedFile, IndexingError, ProviderError
from provisioner.outcome import Progress
from provisioner.providers.answers import as_documented
from provisioner.providers.base import Tag
from provisioner.providers.ownership import files_digest, from_metadata, to_metadata
from provisioner.providers.paging import objects
from provisioner.providers.transport import Transport
from provisioner.resource import Attributes, RemoteObject

KIND = "vectorstore"
PAGE = 100
"""The largest page of a store's files that the service gives."""
BATCH = 500
"""The most files that one create or one batch takes."""

FIRST_POLL_SECONDS, LONGEST_POLL_SECONDS = 0.25, 5.0
PATIENCE_SECONDS = 900.0
"""How long indexing is waited for."""
LAG_SECONDS = 10.0
"""How long the counts of a store may lag behind a batch that was just sent."""

Body = Mapping[str, Any]


def create_body(attributes: Attributes, tag: Tag) -> Body:
    """Write the body of a create: nothing in it may be null, and no more than one batch of files.

    A chunking strategy goes with files only.
    """
    file_ids = list(attributes.get("file_ids", ()))[:BATCH]
    fields = {
        "name": attributes.get("name"),
        "expires_after": attributes.get("expires_after"),
        "file_ids": file_ids,
        "chunking_strategy": attributes.get("chunking_strategy") if file_ids else None,
        "metadata": _metadata(attributes, tag),
    }
    return {key: value for key, value in fields.items() if value not in (None, [])}


def update_body(attributes: Attributes, tag: Tag) -> Body:
    """Write the body of an update, which merges: null clears. It takes no files and no chunking."""
    return {
        "name": attributes.get("name"),
        "expires_after": attributes.get("expires_after"),
        "metadata": _metadata(attributes, tag),
    }


def _metadata(attributes: Attributes, tag: Tag) -> dict[str, str]:
    return {**attributes.get("metadata", {}), **to_metadata(tag)}


def read(body: Body) -> RemoteObject:
    """Read a store of the service; an answer doesn't say which files it has."""
    tagged = body.get("metadata") or {}
    owner, metadata = from_metadata(tagged)
    attributes = {
        "name": body.get("name"),
        "expires_after": body.get("expires_after"),
        "metadata": metadata,
        "status": body.get("status"),
    }
    created_at = int(body.get("created_at") or 0)
    digest = files_digest(tagged)
    return RemoteObject(KIND, body["id"], attributes, owner, created_at, files_digest=digest)


def with_files(found: RemoteObject, files: Sequence[Body]) -> RemoteObject:
    """Add the files to a store as read: those that are indexed; what failed isn't in it."""
    indexed = [each for each in files if each["status"] == "completed"]
    attributes = {
        **found.attributes,
        "file_ids": [each["id"] for each in indexed],
        "chunking_strategy": _chunking(indexed),
    }
    under_way = tuple(each["id"] for each in files if each["status"] == "in_progress")
    return replace(found, attributes=attributes, taking_in=under_way)


def _chunking(files: Iterable[Body]) -> Body | None:
    """Tell how most of the files are cut up.

    Others can only have been added by hand: the plan takes them out, or cures them as any file that
    came from elsewhere. `other` means that the service doesn't know.
    """
    known = Counter(
        json.dumps(each["chunking_strategy"], sort_keys=True)
        for each in files
        if (each.get("chunking_strategy") or {}).get("type") == "static"
    )
    most: Body | None = json.loads(known.most_common(1)[0][0]) if known else None
    return most


@dataclass(frozen=True, slots=True)
class VectorStores:
    """The files of vector stores."""

    transport: Transport

    def complete(self, found: RemoteObject) -> RemoteObject:
        """Read which files a store has: one request for a hundred of them."""
        with as_documented(KIND):
            return with_files(found, list(self._files(found.id)))

    def fill(self, id_: str, attributes: Attributes, progress: Progress) -> None:
        """Attach what didn't go with the create, and wait until everything is indexed."""
        file_ids = list(attributes.get("file_ids", ()))
        self._attach(id_, file_ids[BATCH:], attributes)
        if file_ids:
            self._wait(id_, set(file_ids), len(file_ids), progress)

    def change(self, id_: str, attributes: Attributes, progress: Progress) -> None:
        """Make a store's files those of the attributes; may be repeated at any point.

        New files come first, and only when they can be searched old ones go: what a new edition
        says is never missing in between. What had failed is taken out, and tried again.
        """
        wanted = set(attributes.get("file_ids", ()))
        with as_documented(KIND):
            held = {each["id"]: each["status"] for each in self._files(id_)}
        failed = {each for each, status in held.items() if status in ("failed", "cancelled")}
        for each in sorted(failed):
            self._detach(id_, each)
        present = held.keys() - failed
        self._attach(id_, sorted(wanted - present), attributes)
        if any(held.get(each) != "completed" for each in wanted):
            self._wait(id_, wanted, len(wanted | present), progress)
        for each in sorted(present - wanted):
            self._detach(id_, each)

    def _files(self, id_: str) -> Iterator[Body]:
        path = f"/vector_stores/{id_}/files"
        query: dict[str, object] = {"limit": PAGE, "order": "asc"}

        def fetch(after: str | None) -> Any:
            return self.transport.get(path, {**query, **({"after": after} if after else {})})

        return objects(fetch, PAGE)

    def _attach(self, id_: str, file_ids: Sequence[str], attributes: Attributes) -> None:
        chunking = attributes.get("chunking_strategy")
        for start in range(0, len(file_ids), BATCH):
            body: dict[str, Any] = {"file_ids": list(file_ids[start : start + BATCH])}
            if chunking:
                body["chunking_strategy"] = chunking
            # What is attached already stays as it is: sending a batch again does no harm.
            self.transport.post(f"/vector_stores/{id_}/file_batches", body, repeatable=True)

    def _detach(self, id_: str, file_id: str) -> None:
        try:
            self.transport.delete(f"/vector_stores/{id_}/files/{file_id}")
        except ProviderError as trouble:
            if not trouble.gone:
                raise

    def _wait(self, id_: str, wanted: set[str], total: int, progress: Progress) -> None:
        """Look at a store, less and less often, until it has indexed everything."""
        began, pause = time.monotonic(), FIRST_POLL_SECONDS
        while True:
            with as_documented(KIND):
                counts = dict(self.transport.get(f"/vector_stores/{id_}")["file_counts"])
                waiting, seen = int(counts["in_progress"]), int(counts["total"])
            passed = time.monotonic() - began
            if not waiting and (seen >= total or passed >= LAG_SECONDS):
                break
            if passed >= PATIENCE_SECONDS:
                raise IndexingError(self._failures(id_, wanted), waiting)
            progress(seen - waiting, max(seen, total))
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_POLL_SECONDS)
        if counts.get("completed") != seen or seen < total:
            failed = self._failures(id_, wanted)
            if failed:
                raise IndexingError(failed)

    def _failures(self, id_: str, wanted: set[str]) -> list[FailedFile]:
        with as_documented(KIND):
            files = {each["id"]: each for each in self._files(id_)}
            return [
                failure for each in sorted(wanted) if (failure := _failure(each, files.get(each)))
            ]


def _failure(id_: str, file: Body | None) -> FailedFile | None:
    """Say why a file isn't in its store; None where it is, or may still come."""
    if file is None:
        return FailedFile(id_, "missing", "the file was deleted, or taken out of the store")
    if file["status"] in ("completed", "in_progress"):
        return None
    said = file.get("last_error") or {}
    code = said.get("code") or file["status"]
    return FailedFile(id_, str(code), str(said.get("message") or "no explanation"))
