"""Requests to Azure Blob Storage, through its SDK.

The SDK repeats what failed on the way. A conditional write that arrived, and whose answer didn't,
is refused when it is repeated, by its own success: so every refusal is looked into before it is
believed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, HttpResponseError

from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.state.blob_refusals import explained

if TYPE_CHECKING:
    from azure.storage.blob import BlobClient, BlobProperties, ContainerClient

_PAGE = 1000
_OVERTAKEN = (409, 412)
"""The blob is there already, or is another one than the condition names."""


Sent = TypeVar("Sent")


def sent(send: Callable[[], Sent]) -> Sent:
    """Send a request, and once more where the words of a refusal were cut off.

    The SDK repeats what got no answer, and reads again what was cut off of a success alone.
    """
    try:
        return send()
    except HttpResponseError as trouble:
        if trouble.status_code:
            raise
        return send()


def etag(properties: BlobProperties) -> str:
    """Take the ETag of a blob."""
    return str(properties.etag)


@dataclass(frozen=True, slots=True)
class Blobs:
    """The blobs below one prefix. Trouble is OSError; StateError where others wrote meanwhile."""

    container: ContainerClient
    prefix: str

    def blob(self, name: str) -> BlobClient:
        """Give the client of one blob."""
        return self.container.get_blob_client(f"{self.prefix}/{name}")

    def url(self, name: str) -> str:
        """Give the address of a blob, without what authorises requests to it."""
        whole = f"{self.container.url.partition('?')[0]}/{self.prefix}"
        return f"{whole}/{name}" if name else whole

    def name(self, blob: BlobProperties) -> str:
        """Give a listed blob's name below the prefix."""
        return str(blob.name).removeprefix(f"{self.prefix}/")

    def read(self, name: str) -> tuple[bytes, BlobProperties]:
        """Read a blob; its properties are those of just this content."""
        with self._explained(name):
            stream = sent(self.blob(name).download_blob)
            return stream.readall(), stream.properties

    def chunks(self, name: str) -> Iterator[bytes]:
        """Read a blob piece by piece."""
        with self._explained(name):
            yield from sent(self.blob(name).download_blob).chunks()

    def listed(self, start: str) -> list[BlobProperties]:
        """List the blobs whose names begin so."""
        with self._explained(start):
            found = self.container.list_blobs(
                name_starts_with=f"{self.prefix}/{start}",
                include=["metadata"],
                results_per_page=_PAGE,
            )
            return list(found)

    def upload(self, name: str, content: Iterable[bytes], metadata: Mapping[str, str]) -> None:
        """Write a blob that is named by its content, or that nobody else writes."""
        with self._explained(name):
            self.blob(name).upload_blob(_stream(content), overwrite=True, metadata=dict(metadata))

    def replace(
        self, name: str, content: bytes, seen: str | None, metadata: Mapping[str, str] | None = None
    ) -> str:
        """Write a blob if it is still the one that was seen, None for none; give its ETag."""
        blob, marks = self.blob(name), dict(metadata or {})

        def is_ours() -> str | None:
            now, properties = self.read(name)
            same = now == content and (properties.metadata or {}) == marks
            return etag(properties) if same else None

        def send() -> Any:
            if seen is None:
                return blob.upload_blob(content, overwrite=False, metadata=marks)["etag"]
            return blob.upload_blob(content, overwrite=True, metadata=marks, **_unchanged(seen))[
                "etag"
            ]

        with self._unless_gone(name, seen):
            return self._conditionally(name, send, is_ours)

    def mark(self, name: str, metadata: Mapping[str, str], seen: str | None = None) -> str:
        """Give a blob this metadata, with `seen` if it is still that one; give its ETag."""
        blob, marks = self.blob(name), dict(metadata)

        def is_ours() -> str | None:
            with self._explained(name):
                properties = blob.get_blob_properties()
            return etag(properties) if (properties.metadata or {}) == marks else None

        def send() -> Any:
            condition = _unchanged(seen) if seen else {}
            return blob.set_blob_metadata(marks, **condition)["etag"]

        with self._unless_gone(name, seen):
            return self._conditionally(name, send, is_ours)

    def expect(self, name: str, seen: str) -> None:
        """Make sure that a blob is still the one that was seen."""
        with self._unless_gone(name, seen), self._explained(name):
            self.blob(name).get_blob_properties(**_unchanged(seen))

    def create_log(self, name: str) -> str:
        """Make an empty append blob of a name that nobody else has; give its ETag."""
        with self._explained(name):
            return str(self.blob(name).create_append_blob()["etag"])

    def append(self, name: str, data: bytes, seen: str, position: int) -> str:
        """Append to an append blob of this length that is still the one that was seen."""
        blob = self.blob(name)

        def is_ours() -> str | None:
            now, properties = self.read(name)
            return etag(properties) if now[position:] == data else None

        def send() -> Any:
            return blob.append_block(data, length=len(data), **_unchanged(seen))["etag"]

        with self._unless_gone(name, seen):
            return self._conditionally(name, send, is_ours)

    def delete(self, name: str, seen: str | None = None) -> None:
        """Delete a blob, with `seen` if it is still that one; one that is gone is no trouble."""
        blob = self.blob(name)

        def is_gone() -> str | None:
            with self._explained(name):
                return None if blob.exists() else ""

        def send() -> Any:
            blob.delete_blob(**(_unchanged(seen) if seen else {}))

        with suppress(FileNotFoundError):
            self._conditionally(name, send, is_gone)

    def _conditionally(
        self, name: str, send: Callable[[], Any], is_ours: Callable[[], str | None]
    ) -> str:
        try:
            with self._explained(name):
                return str(sent(send))
        except StateError:
            ours = is_ours()
            if ours is None:
                raise
            return ours

    @contextmanager
    def _unless_gone(self, name: str, seen: str | None) -> Iterator[None]:
        """Take a blob that was seen, and is gone by now, for one that others have replaced."""
        try:
            yield
        except FileNotFoundError:
            if seen is None:
                raise
            raise _overtaken(self.url(name)) from None

    @contextmanager
    def _explained(self, name: str) -> Iterator[None]:
        try:
            yield
        except HttpResponseError as trouble:
            if trouble.status_code in _OVERTAKEN:
                raise _overtaken(self.url(name)) from None
            raise self.explained(trouble, name) from None
        except AzureError as trouble:
            raise self.explained(trouble, name) from None

    def explained(self, trouble: AzureError, name: str) -> OSError:
        """Translate a failure that was about a blob."""
        return explained(trouble, self.url(name), self.container.container_name)


def _unchanged(seen: str) -> dict[str, Any]:
    return {"etag": seen, "match_condition": MatchConditions.IfNotModified}


def _stream(content: Iterable[bytes]) -> Any:
    return content if not isinstance(content, list) else b"".join(content)


def _overtaken(place: str) -> StateError:
    return StateError(
        error(
            "S024",
            "State was written by another run",
            f"{place} is no longer as it was read: the lock of this run has ended, and another run"
            " went on. Nothing was overwritten. Run the command again: it goes on from there.",
        )
    )
