"""Conversations at Azure OpenAI, both generations: threads, messages, runs and their files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from provisioner.api_version import ApiVersion, Generation
from provisioner.conversation import Attached, LiveFile, Message, Run, Step
from provisioner.errors import ProviderError
from provisioner.kinds.file_types import mime_type
from provisioner.providers import talk_bodies as bodies
from provisioner.providers.answers import as_documented
from provisioner.providers.paging import objects
from provisioner.providers.transport import Transport

PAGE = 100
"""The largest page of messages and steps that the service gives."""

Read = TypeVar("Read")


class AssistantsTalk:
    """Conversations at one Azure OpenAI resource, or at an emulator of it."""

    def __init__(self, transport: Transport, api_version: ApiVersion) -> None:
        self._transport = transport
        self._generation = api_version.generation
        self.reads_files_by_tool = self._generation is not Generation.V1

    def open(self) -> str:
        """Begin a thread."""
        return self._made("/threads", {})

    def say(self, thread: str, text: str, attached: Sequence[Attached]) -> str:
        """Add a message of the user's."""
        body = bodies.message_body(text, attached, self._generation)
        return self._made(f"/threads/{thread}/messages", body)

    def _made(self, path: str, body: Mapping[str, Any]) -> str:
        made = self._transport.post(path, body, repeatable=False)
        with as_documented("conversation"):
            return bodies.word(made["id"])

    def start(self, thread: str, assistant: str, instructions: str | None) -> Run:
        """Let an assistant answer."""
        given = {"instructions": instructions} if instructions is not None else {}
        body = {"assistant_id": assistant, **given}
        return self._run(self._transport.post(f"/threads/{thread}/runs", body, repeatable=False))

    def look(self, run: Run) -> Run:
        """See how far a run is."""
        return self._run(*self._transport.traced(_path(run)))

    def submit(self, run: Run, outputs: Mapping[str, str]) -> Run:
        """Hand in what functions have answered."""
        path, body = f"{_path(run)}/submit_tool_outputs", bodies.outputs_body(outputs)
        return self._run(self._transport.post(path, body, repeatable=False))

    def cancel(self, run: Run) -> Run:
        """Ask a run to end."""
        return self._run(self._transport.post(f"{_path(run)}/cancel", {}, repeatable=False))

    def _run(self, body: Any, request_id: str | None = None) -> Run:
        with as_documented("run"):
            return bodies.read_run(body, request_id)

    def messages(self, run: Run, after: str) -> list[Message]:
        """List what a run has said since a message; v1 can't be asked for one run's only."""
        path = f"/threads/{run.thread}/messages"
        found = self._listed("message", path, bodies.read_message, after)
        return [each for each in found if each.run == run.id and each.role == "assistant"]

    def steps(self, run: Run) -> list[Step]:
        """List what a run has done."""
        return self._listed("run step", f"{_path(run)}/steps", bodies.read_step)

    def _listed(
        self, what: str, path: str, read: Callable[[Any], Read], since: str | None = None
    ) -> list[Read]:
        def fetch(after: str | None) -> Any:
            start = after or since
            query = {"limit": PAGE, "order": "asc", **({"after": start} if start else {})}
            return self._transport.get(path, query)

        with as_documented(what):
            return [read(each) for each in objects(fetch, PAGE)]

    def upload(self, path: Path) -> str:
        """Send a file."""
        fields = {"purpose": "assistants"}
        made = self._transport.upload("/files", fields, path.name, mime_type(path.name), path)
        with as_documented("file"):
            return bodies.word(made["id"])

    def file(self, id_: str) -> LiveFile | None:
        """Read what is known of a file."""
        try:
            body = self._transport.get(f"/files/{id_}")
        except ProviderError as trouble:
            if trouble.gone:
                return None
            raise
        with as_documented("file"):
            return bodies.read_file(body)

    def content(self, id_: str) -> bytes:
        """Download a file."""
        return self._transport.download(f"/files/{id_}/content")

    def stores(self, thread: str) -> list[str]:
        """List the vector stores of a thread; v1 has none."""
        if not self.reads_files_by_tool:
            return []
        found = self._transport.get(f"/threads/{thread}")
        with as_documented("thread"):
            resources = found.get("tool_resources") or {}
            stores = (resources.get("file_search") or {}).get("vector_store_ids") or ()
            return [bodies.word(each) for each in stores]

    def delete_store(self, id_: str) -> None:
        """Delete a vector store."""
        self._delete(f"/vector_stores/{id_}")

    def delete_file(self, id_: str) -> None:
        """Delete a file."""
        self._delete(f"/files/{id_}")

    def close(self, thread: str) -> None:
        """Delete a thread."""
        self._delete(f"/threads/{thread}")

    def _delete(self, path: str) -> None:
        try:
            self._transport.delete(path)
        except ProviderError as trouble:
            if not trouble.gone:
                raise


def _path(run: Run) -> str:
    return f"/threads/{run.thread}/runs/{run.id}"
