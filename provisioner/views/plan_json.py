"""A plan for programs: the shape of Terraform's `show -json`, format_version 1.2."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timezone
from typing import Any

from provisioner import __version__
from provisioner.address import Address
from provisioner.coverage import coverage
from provisioner.impact import impact, replaced, severity
from provisioner.plan import Action, Change, ChangeSeverity, Difference, Plan
from provisioner.resource import Attributes
from provisioner.veil import is_veiled
from provisioner.views import escape

FORMAT_VERSION = "1.2"

_ACTIONS = {
    Action.CREATE: ["create"],
    Action.UPDATE: ["update"],
    Action.REPLACE: ["create", "delete"],
    Action.DELETE: ["delete"],
    Action.FORGET: ["forget"],
    Action.NO_OP: ["no-op"],
}
_MAKES = (Action.CREATE, Action.REPLACE)

_REASONS = {
    Action.REPLACE: "replace_because_cannot_update",
    Action.DELETE: "delete_because_no_resource_config",
}


def render(plan: Plan) -> str:
    """Write the whole plan."""
    return escape.document(
        {
            "format_version": FORMAT_VERSION,
            "provisioner_version": __version__,
            "project": plan.project,
            "environment": plan.environment,
            "serial": plan.serial,
            "lineage": plan.lineage,
            "timestamp": plan.created.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "applyable": plan.has_changes,
            "complete": not plan.selection,
            "errored": False,
            "resource_drift": drift(plan),
            "resource_changes": changes(plan),
            "impact": _impact(plan),
        }
    )


def _impact(plan: Plan) -> dict[str, Any]:
    """Tell what the plan means to those who talk to the assistants."""
    found, checks = impact(plan), coverage(plan)
    return {
        "made": [str(each) for each in found.made],
        "gone": [str(each) for each in found.gone],
        "behaviour": [str(each) for each in found.behaviour],
        "tools_gained": {str(each): list(found.tools_gained[each]) for each in found.tools_gained},
        "tools_lost": {str(each): list(found.tools_lost[each]) for each in found.tools_lost},
        "uploads": [str(each) for each in found.uploads],
        "upload_bytes": found.upload_bytes,
        "checks": {str(each): list(checks.covered[each]) for each in checks.covered},
        "unchecked": [str(each) for each in checks.uncovered],
    }


def drift(plan: Plan) -> list[dict[str, Any]]:
    """Give the live objects that are no longer as last applied."""
    return [_resource(change) for change in plan.drift]


def changes(plan: Plan) -> list[dict[str, Any]]:
    """Give every planned change."""
    renewed, destroy = replaced(plan), plan.destroy
    return [
        resource_change(each, severity(each, renewed), destroy=destroy) for each in plan.changes
    ]


def resource_change(
    change: Change, weight: ChangeSeverity | None, *, destroy: bool = False
) -> dict[str, Any]:
    """Give one planned change; the reason is one of Terraform's words, where one fits.

    `destroy`: it was asked for, so that manifests aren't the reason of a delete.
    """
    reason = None if destroy else action_reason(change)
    return {
        **_resource(change),
        **({"action_reason": reason} if reason else {}),
        **({"severity": weight.value} if weight else {}),
    }


def action_reason(change: Change) -> str | None:
    """Say why something is replaced or deleted, in Terraform's words."""
    if change.deposed:
        return None
    return "replace_by_request" if change.requested else _REASONS.get(change.action)


def _resource(change: Change) -> dict[str, Any]:
    """Give what happens to one object, planned or found."""
    document: dict[str, Any] = {
        "address": str(change.address),
        "mode": "managed",
        "type": change.address.kind,
        "name": change.address.name,
        "provider_name": "provisioner",
        "change": _change(change),
    }
    if change.deposed and change.id:
        document["deposed"] = change.id
    if change.previous_address:
        document["previous_address"] = str(change.previous_address)
    if change.differences:
        document["differences"] = [_difference(each) for each in change.differences]
    return document


def _difference(difference: Difference) -> dict[str, Any]:
    """Tell where something differs, and who made it so, as far as that is known."""
    cause = {"cause": difference.cause.value} if difference.cause else {}
    return {"path": list(difference.path), **cause}


def _change(change: Change) -> dict[str, Any]:
    """Give both sides of a change, and what isn't known yet."""
    before, after = _before(change), _after(change)
    return {
        "actions": ["no-op"] if change.only_address else _ACTIONS[change.action],
        "before": before,
        "after": after,
        "after_unknown": _unknown_after(change),
        "before_sensitive": False if before is None else _marked(before, is_veiled) or {},
        "after_sensitive": False if after is None else _marked(after, is_veiled) or {},
        **({"importing": {"id": change.id}} if change.importing else {}),
    }


def _before(change: Change) -> dict[str, Any] | None:
    """Give the object as it is."""
    if change.action is Action.CREATE:
        return None
    return _object(change.before, change.id)


def _after(change: Change) -> dict[str, Any] | None:
    """Give the object as it will be, as far as that is known."""
    if change.action in (Action.DELETE, Action.FORGET):
        return None
    unchanged = change.after is None and change.action is Action.NO_OP
    attributes = change.before if unchanged else change.after
    return _object(attributes, None if change.action in _MAKES else change.id)


def _object(attributes: Attributes | None, identity: str | None) -> dict[str, Any]:
    """Give attributes and id, in one order whatever theirs was."""
    known = {**(attributes or {}), **({"id": identity} if identity else {})}
    written: dict[str, Any] = _known(known)
    return written


def _unknown_after(change: Change) -> dict[str, Any]:
    """Put `true` wherever a value comes only with apply."""
    gone = change.action in (Action.DELETE, Action.FORGET)
    unknown = {} if gone else _marked(change.after or {}, _is_unknown) or {}
    return dict(sorted({**unknown, **({"id": True} if change.action in _MAKES else {})}.items()))


def _known(value: Any) -> Any:
    """Leave out of mappings what isn't known yet; in lists null keeps its place."""
    if isinstance(value, Mapping):
        names = sorted(name for name in value if not isinstance(value[name], Address))
        return {name: _known(value[name]) for name in names}
    if isinstance(value, list | tuple):
        return [_known(each) for each in value]
    return None if isinstance(value, Address) else value


def _marked(value: Any, is_marked: Callable[[Any], bool]) -> Any:
    """Mirror a value with `true` where it is of some sort; False where nothing of it is."""
    if isinstance(value, Mapping):
        parts = {name: _marked(value[name], is_marked) for name in sorted(value)}
        return {name: part for name, part in parts.items() if part} or False
    if isinstance(value, list | tuple):
        elements = [_marked(each, is_marked) for each in value]
        return elements if any(elements) else False
    return is_marked(value)


def _is_unknown(value: Any) -> bool:
    return isinstance(value, Address)
