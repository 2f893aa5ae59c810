"""The provider for Azure OpenAI Assistants, both generations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from provisioner.api_version import ApiVersion
from provisioner.errors import ProviderError
from provisioner.kinds import KINDS
from provisioner.kinds.assistant import UPDATABLE_INSTRUCTIONS
from provisioner.kinds.file_types import mime_type
from provisioner.providers.base import Tag
from provisioner.providers.paging import objects
from provisioner.providers.projection import PROJECTIONS
from provisioner.providers.transport import Transport
from provisioner.resource import Attributes, RemoteObject

PAGE = 100
"""The largest page of assistants that the service gives."""

_PATHS = {"assistant": "/assistants", "file": "/files"}
_WITHHELD = (400, 403, 404)
"""The answers to a download that are about this file: it is there, or not, and not to be had."""


class AssistantsProvider:
    """Assistants and their files at one Azure OpenAI resource, or at an emulator of it."""

    def __init__(
        self, transport: Transport, api_version: ApiVersion, settle_seconds: float
    ) -> None:
        self._transport = transport
        self._projection = PROJECTIONS[api_version.generation]
        self.settle_seconds = settle_seconds

    def now(self) -> float:
        """Tell the service's clock, in seconds since 1970."""
        return self._transport.now()

    def list(self, kind: str) -> Iterator[RemoteObject]:
        """Go through all objects of a kind: assistants by pages of 100, files as one list.

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
        body = self._projection.create(attributes, tag)
        return self._read(kind, self._transport.post(_PATHS[kind], body, repeatable=False))

    def _upload(self, attributes: Attributes, source: Path) -> RemoteObject:
        name = attributes["filename"]
        fields = {"purpose": attributes["purpose"]}
        answer = self._transport.upload(_PATHS["file"], fields, name, mime_type(name), source)
        return self._read("file", answer)

    def update(self, kind: str, id_: str, attributes: Attributes, tag: Tag) -> RemoteObject:
        """Send the whole assistant; files can't be updated, only replaced."""
        path = f"{_PATHS[kind]}/{id_}"
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
        try:
            return self._object(kind, body)
        except (AttributeError, KeyError, TypeError, ValueError) as trouble:
            raise ProviderError(
                "Answer has another form than documented",
                f"The service answered for a {kind} with something that can't be read"
                f" ({type(trouble).__name__}: {trouble}). Run the command again: it finds out first"
                " what was done.",
                code="R004",
                unsettled=True,
            ) from None

    def _object(self, kind: str, body: Mapping[str, Any]) -> RemoteObject:
        if not isinstance(body["id"], str) or not body["id"]:
            raise ValueError("no id")
        if kind == "assistant":
            read = self._projection.read(body)
        else:
            attributes = {key: body.get(key) for key in ("filename", "bytes", "purpose")}
            read = RemoteObject(kind, body["id"], attributes, None, int(body["created_at"] or 0))
        return replace(read, attributes=KINDS[kind].normal_form(read.attributes))
