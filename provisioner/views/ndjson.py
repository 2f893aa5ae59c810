"""A plan and an apply as lines of JSON: the messages of Terraform's machine-readable UI 1.2.

A message says what happened; `line` writes it. docs/formats.md names the members that go beyond
Terraform's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from typing import Any, TypeAlias

from provisioner import __version__
from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, Severity
from provisioner.events import Event, Failed, NotStarted, Skipped
from provisioner.impact import replaced, severity
from provisioner.plan import Action, Change, Counts, Plan
from provisioner.resource import ResourceState
from provisioner.source import Sources
from provisioner.views import diagnostics, escape, plan_json, state
from provisioner.views import events as event_text
from provisioner.views.plan_text import summary
from provisioner.views.style import painter

UI_VERSION = "1.2"
Message: TypeAlias = dict[str, Any]

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warn"}
_ACTIONS = {
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.REPLACE: "replace",
    Action.DELETE: "delete",
    Action.FORGET: "remove",
    Action.NO_OP: "noop",
}
_REASONS = {
    "replace_because_cannot_update": "cannot_update",
    "replace_by_request": "requested",
}
"""Terraform has two words for some reasons: these are the plan's, and the lines' own."""


def line(message: Message, at: datetime) -> str:
    """Write a message, told at this moment, on one line."""
    moment = at.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    head = {
        "@level": message["@level"],
        "@message": message["@message"],
        "@module": "provisioner.ui",
        "@timestamp": moment,
    }
    return escape.json_line({**head, **message})


def version() -> Message:
    """Say who writes, and by which version of these messages: always the first line."""
    said = f"provisioner {__version__}"
    return _message("version", said, provisioner=__version__, ui=UI_VERSION)


def planned(plan: Plan) -> Iterator[Message]:
    """Tell what a plan found and means to do; warnings are told by `diagnostic`."""
    for change in plan.drift:
        value = _change(change)
        said = f"{change.address}: Drift detected ({value['action']})"
        yield _message("resource_drift", said, change=value)
    renewed = replaced(plan)
    for change in plan.changes:
        if not change.is_idle:
            rated = severity(change, renewed)
            weight = {"severity": rated.value} if rated else {}
            value = {**_change(change), **weight, **_reason(change, destroy=plan.destroy)}
            said = f"{change.address}: Plan to {value['action']}"
            yield _message("planned_change", said, change=value)
    said = summary(plan, painter(color=False))
    yield _message("change_summary", said, changes=_counts(Counts.of(plan), "plan"))


def refresh_start(resource: ResourceState) -> Message:
    """Say that a recorded object is about to be looked for."""
    said = f"{resource.address}: Refreshing state... [id={resource.id}]"
    return _message("refresh_start", said, hook=_found(resource))


def refresh_complete(resource: ResourceState) -> Message:
    """Say that it is known by now what is live of it."""
    said = f"{resource.address}: Refresh complete [id={resource.id}]"
    return _message("refresh_complete", said, hook=_found(resource))


def diagnostic(problem: Diagnostic, sources: Sources = diagnostics.NO_SOURCES) -> Message:
    """Tell a problem."""
    value = diagnostics.as_value(problem, sources)
    said = f"{problem.severity.value.capitalize()}: {problem.summary}"
    return _message("diagnostic", said, _LEVELS[problem.severity], diagnostic=value)


def trouble(sentence: str) -> Message:
    """Tell why a command ends that has no code: how it was called, or what became of it."""
    value = {"severity": "error", "summary": sentence, "detail": ""}
    return _message("diagnostic", f"Error: {sentence}", "error", diagnostic=value)


def remark(text: str) -> Message:
    """Tell what concerns the whole run."""
    return _message("log", text)


def applied(happened: Sequence[Event], *, destroy: bool) -> Message:
    """Sum up what was done; what failed and what was skipped is named."""
    changes = _counts(event_text.counts(happened), "destroy" if destroy else "apply")
    said = event_text.headline(happened, destroy=destroy)
    failed = _addresses(each for each in happened if isinstance(each, Failed))
    skipped = _addresses(each for each in happened if isinstance(each, Skipped))
    left = _addresses(each for each in happened if isinstance(each, NotStarted))
    return _message(
        "change_summary", said, changes=changes, failed=failed, skipped=skipped, not_started=left
    )


def outputs(resources: Sequence[ResourceState]) -> Message:
    """Tell the ids that applications need."""
    return _message("outputs", f"Outputs: {len(resources)}", outputs=state.outputs(resources))


def resource(address: Address) -> dict[str, Any]:
    """Name a resource as Terraform does."""
    return {
        "addr": str(address),
        "module": "",
        "resource": str(address),
        "implied_provider": "provisioner",
        "resource_type": address.kind,
        "resource_name": address.name,
        "resource_key": None,
    }


def _message(type_: str, said: str, level: str = "info", **members: Any) -> Message:
    return {"@level": level, "@message": said, "type": type_, **members}


def _counts(counts: Counts, operation: str) -> dict[str, Any]:
    return {
        "add": counts.added,
        "change": counts.changed,
        "import": counts.imported,
        "remove": counts.destroyed,
        "operation": operation,
    }


def _addresses(events: Iterable[Event]) -> list[str]:
    return list(dict.fromkeys(str(each.address) for each in events))


def _found(recorded: ResourceState) -> dict[str, Any]:
    return {"resource": resource(recorded.address), "id_key": "id", "id_value": recorded.id}


def _change(change: Change) -> dict[str, Any]:
    """Tell what happens to one object; beyond Terraform, what that means and who made it so."""
    value: dict[str, Any] = {"resource": resource(change.address), "action": _action(change)}
    if change.previous_address:
        value["previous_resource"] = resource(change.previous_address)
    if change.importing:
        value["importing"] = {"id": change.id}
    if change.deposed:
        value["deposed"] = change.id
    if change.differences:
        value["differences"] = _differences(change)
    return value


def _reason(change: Change, *, destroy: bool) -> dict[str, str]:
    """Give the word that the JSON plan has for it, where there is one."""
    reason = None if destroy else plan_json.action_reason(change)
    return {"reason": _REASONS.get(reason, reason)} if reason else {}


def _action(change: Change) -> str:
    """Rename and import are actions only where nothing else happens."""
    if change.only_address:
        return "move" if change.previous_address else "import"
    return _ACTIONS[change.action]


def _differences(change: Change) -> list[dict[str, Any]]:
    """Name the attributes that differ, without their values."""
    return [
        {
            "path": ".".join(str(part) for part in each.path),
            **({"cause": each.cause.value} if each.cause else {}),
        }
        for each in change.differences
    ]
