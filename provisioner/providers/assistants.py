"""The provider for Azure OpenAI Assistants, both generations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from provisioner.api_version import ApiVersion, Generation
from provisioner.errors import ProviderError
from provisioner.kinds import KINDS
from provisioner.kinds.assistant import UPDATABLE_INSTRUCTIONS
from provisioner.kinds.file_types import mime_type
from provisioner.outcome import Progress
from provisioner.providers import vector_stores
from provisioner.providers.answers import as_documented
from provisioner.providers.base import Tag
from provisioner.providers.paging import objects
from provisioner.providers.projection import PROJECTIONS
from provisioner.providers.refusals import NOT_FOUND
from provisioner.providers.transport import Transport
from provisioner.providers.vector_stores import VectorStores
from provisioner.resource import Attributes, RemoteObject

PAGE = 100
"""The largest page of assistants that the service gives."""

_PATHS = {"assistant": "/assistants", "file": "/files", "vectorstore": "/vector_stores"}
_WITHHELD = (400, 403, 404)
"""The answers to a download that are about this file: it is there, or not, and not to be had."""


class AssistantsProvider:
    """Assistants, files and vector stores at one Azure OpenAI resource, or at an emulator of it."""

    def __init__(
        self, transport: Transport, api_version: ApiVersion, settle_seconds: float
    ) -> None:
        self._transport = transport
        self._projection = PROJECTIONS[api_version.generation]
        self._stores = VectorStores(transport)
        v1 = api_version.generation is Generation.V1
        self.kinds = frozenset(_PATHS) - ({vector_stores.KIND} if v1 else set())
        self.settle_seconds = settle_seconds

    def now(self) -> float:
        """Tell the service's clock, in seconds since 1970."""
        return self._transport.now()

    def list(self, kind: str) -> Iterator[RemoteObject]:
        """Go through all objects of a kind: by pages of 100, but files as one list.

        Azure documents no paging for files (authoring 2024-02-15-preview): only `purpose` is sent.
        """
        if kind == "file":
            query: dict[str, object] = {"purpose": "assistants"}
            return self._listed(kind, query, None)
        return self._listed(kind, {"limit": PAGE, "order": "asc"}, PAGE)

    def _listed(
        self, kind: str, query: Mapping[str, object], limit: int | None
    ) -> Iterator[RemoteObject]:
        def fetch(after: str | None) -> Any:
            return self._transport.get(
                _PATHS[kind], {**query, **({"after": after} if after else {})}
            )

        return (self._read(kind, body) for body in objects(fetch, limit))

    def read(self, kind: str, id_: str) -> RemoteObject | None:
        """Read one object; None only where the answer says that just this one doesn't exist."""
        try:
            return self._read(kind, self._transport.get(f"{_PATHS[kind]}/{id_}"))
        except ProviderError as trouble:
            if trouble.gone:
                return None
            raise

    def complete(self, found: RemoteObject) -> RemoteObject | None:
        """Read which files a store has; everything else lists show whole."""
        if found.kind != vector_stores.KIND:
            return found
        try:
            whole = self._stores.complete(found)
        except ProviderError as trouble:
            # What the answer names is the store and not the last part of the path.
            if trouble.status == NOT_FOUND and self.read(found.kind, found.id) is None:
                return None
            raise
        return replace(whole, attributes=KINDS[found.kind].normal_form(whole.attributes))

    def content(self, id_: str) -> bytes | None:
        """Download a file; None where the service doesn't give it out.

        OpenAI refuses it with 400 for files of the purpose `assistants`; Azure's document says that
        uploaded content can be had (authoring 2024-02-15-preview).
        """
        try:
            return self._transport.download(f"{_PATHS['file']}/{id_}/content")
        except ProviderError as trouble:
            if trouble.status in _WITHHELD:
                return None
            raise

    def create(
        self, kind: str, attributes: Attributes, tag: Tag, source: Path | None
    ) -> RemoteObject:
        """Make an object; never sent twice."""
        if kind == "file":
            return self._upload(attributes, source or Path())
        if kind == vector_stores.KIND:
            body = vector_stores.create_body(attributes, tag)
            made = self._transport.post(_PATHS[kind], body, repeatable=False)
            return _as_sent(self._read(kind, made), attributes)
        body = self._projection.create(attributes, tag)
        return self._read(kind, self._transport.post(_PATHS[kind], body, repeatable=False))

    def _upload(self, attributes: Attributes, source: Path) -> RemoteObject:
        name = attributes["filename"]
        fields = {"purpose": attributes["purpose"]}
        answer = self._transport.upload(_PATHS["file"], fields, name, mime_type(name), source)
        return self._read("file", answer)

    def fill(self, kind: str, id_: str, attributes: Attributes, progress: Progress) -> None:
        """Wait until a store has indexed its files; everything else is done with its create."""
        if kind == vector_stores.KIND:
            self._stores.fill(id_, attributes, progress)

    def update(
        self, kind: str, id_: str, attributes: Attributes, tag: Tag, progress: Progress
    ) -> RemoteObject:
        """Send the whole assistant or store; files can't be updated, only replaced."""
        path = f"{_PATHS[kind]}/{id_}"
        if kind == vector_stores.KIND:
            body = vector_stores.update_body(attributes, tag)
            made = self._read(kind, self._transport.post(path, body, repeatable=True))
            self._stores.change(id_, attributes, progress)
            return _as_sent(made, attributes)
        body = self._without_long_text(path, self._projection.update(attributes, tag))
        return self._read(kind, self._transport.post(path, body, repeatable=True))

    def _without_long_text(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Leave out instructions that Azure may refuse in an update, if they stay as they are."""
        text = body.get("instructions") or ""
        if len(text) <= UPDATABLE_INSTRUCTIONS:
            return body
        live = self._transport.get(path)
        if not isinstance(live, Mapping) or live.get("instructions") != text:
            return body
        return {key: value for key, value in body.items() if key != "instructions"}

    def delete(self, kind: str, id_: str) -> None:
        """Delete an object; one that is already gone is fine."""
        try:
            self._transport.delete(f"{_PATHS[kind]}/{id_}")
        except ProviderError as trouble:
            if not trouble.gone:
                raise

    def _read(self, kind: str, body: Any) -> RemoteObject:
        with as_documented(kind):
            return self._object(kind, body)

    def _object(self, kind: str, body: Mapping[str, Any]) -> RemoteObject:
        if not isinstance(body["id"], str) or not body["id"]:
            raise ValueError("no id")
        if kind == "assistant":
            read = self._projection.read(body)
        elif kind == vector_stores.KIND:
            read = vector_stores.read(body)
        else:
            attributes = {key: body.get(key) for key in ("filename", "bytes", "purpose")}
            read = RemoteObject(kind, body["id"], attributes, None, int(body["created_at"] or 0))
        return replace(read, attributes=KINDS[kind].normal_form(read.attributes))


def _as_sent(store: RemoteObject, attributes: Attributes) -> RemoteObject:
    """Add to a store's answer what it never says: its files, and how they are cut up."""
    sent = {key: attributes[key] for key in ("file_ids", "chunking_strategy") if key in attributes}
    return replace(store, attributes={**store.attributes, **sent})
