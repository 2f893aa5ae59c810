"""What a stream tells: events with their bodies, in the order in which things happen."""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from provisioner.emulator.conversations.messages_store import attached_files
from provisioner.emulator.conversations.run import Run
from provisioner.emulator.conversations.steps import usage_so_far, view_step
from provisioner.emulator.conversations.views import view_message, view_run
from provisioner.emulator.models.tokens import split
from provisioner.emulator.store import Row, Store
from provisioner.emulator.versions import ApiVersion

Event = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Events:
    """Gathers events for a stream, or nothing where nobody streams."""

    store: Store
    version: ApiVersion
    wanted: bool = False
    contents: bool = False
    """Whether steps show what a search has found."""
    told: deque[Event] = field(default_factory=deque)

    def tell(self, name: str, body: dict[str, Any]) -> None:
        """Tell an event whose body is at hand."""
        if self.wanted:
            self.told.append((name, body))

    def run(self, run: Run, *names: str) -> None:
        """Tell of a run, once for each name; left out, its status is the name."""
        if self.wanted:
            usage = usage_so_far(self.store, run.id)
            body = view_run(run, usage, self.version, streamed=True)
            for name in names or (run.status,):
                self.tell(f"thread.run.{name}", body)

    def step(self, row: Row, run: Run) -> None:
        """Tell that a step began, or how it ended."""
        if not self.wanted:
            return
        begins = row["status"] == "in_progress"
        shown = {"streamed": True, "opening": begins, "contents": self.contents}
        body = view_step(row, run, self.version, **shown)
        for name in ("created", "in_progress") if begins else (row["status"],):
            self.tell(f"thread.run.step.{name}", body)

    def message(self, row: Row) -> None:
        """Tell that a message began, or how it ended."""
        if not self.wanted:
            return
        files = attached_files(self.store, row["id"])
        body = view_message(row, files, self.version, streamed=True)
        begins = row["status"] == "in_progress"
        for name in ("created", "in_progress") if begins else (row["status"],):
            self.tell(f"thread.message.{name}", body)

    def content(self, row: Row) -> None:
        """Tell a message's content token by token; annotations come when the text is whole."""
        if not self.wanted:
            return
        message_id, view = row["id"], view_message(row, [], self.version)
        for index, part in enumerate(view["content"]):
            for delta in _deltas(part):
                changed = {"index": index, "type": part["type"], part["type"]: delta}
                body = {"id": message_id, "object": "thread.message.delta"}
                self.tell("thread.message.delta", {**body, "delta": {"content": [changed]}})

    def tool_call(self, step_id: str, index: int, call: dict[str, Any], *deltas: Any) -> None:
        """Tell a tool call bit by bit: how it opens, and what is added to it then."""
        kind = call["type"]
        for number, delta in enumerate(deltas):
            identity = {"id": call["id"]} if number == 0 else {}
            changed = {"index": index, **identity, "type": kind, kind: delta}
            details = {"type": "tool_calls", "tool_calls": [changed]}
            body = {"id": step_id, "object": "thread.run.step.delta"}
            self.tell("thread.run.step.delta", {**body, "delta": {"step_details": details}})


def _deltas(part: dict[str, Any]) -> list[dict[str, Any]]:
    if part["type"] != "text":
        return [part[part["type"]]]
    tokens = split(part["text"]["value"]) or [""]
    # Recorded: the first delta alone has annotations, an empty list.
    texts: list[dict[str, Any]] = [{"value": tokens[0], "annotations": []}]
    texts += [{"value": token} for token in tokens[1:]]
    annotations = enumerate(part["text"]["annotations"])
    marks = [{"index": index, **annotation} for index, annotation in annotations]
    return [*texts, {"annotations": marks}] if marks else texts
