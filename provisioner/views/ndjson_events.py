"""What happens during apply, as messages of Terraform's machine-readable UI."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from provisioner.events import (
    Continuing,
    Event,
    Failed,
    NotStarted,
    Operation,
    Progressed,
    Skipped,
    Started,
    Succeeded,
)
from provisioner.views import events as event_text
from provisioner.views.ndjson import Message, diagnostic, resource

_ACTIONS = {
    Operation.CREATE: "create",
    Operation.UPDATE: "update",
    Operation.MOVE: "move",
    Operation.IMPORT: "import",
    Operation.DELETE: "delete",
    Operation.FORGET: "remove",
}
_TYPES = {
    Started: "apply_start",
    Progressed: "apply_progress",
    Continuing: "apply_progress",
    Succeeded: "apply_complete",
    Failed: "apply_errored",
}


def messages(event: Event) -> Iterator[Message]:
    """Tell what happens, and then each problem that came of it.

    Terraform has no message for what is skipped or not started: the summary names it.
    """
    if isinstance(event, (Skipped, NotStarted)):
        return
    problems = event.diagnostics if isinstance(event, (Succeeded, Failed)) else ()
    yield {
        "@level": "info",
        "@message": event_text.line(_alone(event), color=False),
        "type": _TYPES[type(event)],
        "hook": _hook(event),
    }
    for each in problems:
        yield diagnostic(replace(each, address=each.address or event.address))


def _alone(event: Event) -> Event:
    """Leave out the problems, which have messages of their own."""
    return replace(event, diagnostics=()) if isinstance(event, (Succeeded, Failed)) else event


def _hook(event: Started | Progressed | Continuing | Succeeded | Failed) -> dict[str, Any]:
    hook: dict[str, Any] = {
        "resource": resource(event.address),
        "action": _ACTIONS[event.operation],
    }
    if event.id:
        hook |= {"id_key": "id", "id_value": event.id}
    if event.deposed:
        hook["deposed"] = event.id
    if not isinstance(event, Started):
        hook["elapsed_seconds"] = round(event.seconds)
    if isinstance(event, Progressed):
        hook |= {"files_indexed": event.done, "files_total": event.total}
    return hook
