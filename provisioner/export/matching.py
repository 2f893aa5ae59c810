"""Declared assistants found among live ones that carry no tag: an export that was not finished."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from provisioner.address import Address
from provisioner.diff import differences
from provisioner.kinds import KINDS
from provisioner.resource import Attributes, RemoteObject, Resource

Tell = Callable[[object], object]


def match(
    live: Iterable[RemoteObject],
    declared: Iterable[Resource],
    files: Mapping[str, RemoteObject],
    resources: Mapping[Address, Resource],
) -> Mapping[str, Address]:
    """Pair live assistants with declared ones that are equal to them, each once; by live id.

    Files are compared by name and size: what is declared may not have its id yet.
    """

    def of_file(reference: object) -> object:
        resource = resources.get(reference) if isinstance(reference, Address) else None
        held = files.get(str(reference))
        attributes = resource.attributes if resource else held.attributes if held else None
        told = attributes and (attributes.get("filename"), attributes.get("bytes"))
        return str(told or reference)

    waiting = {each.address: _form(each.attributes, of_file) for each in declared}
    found: dict[str, Address] = {}
    for each in live:
        form = _form(each.attributes, of_file)
        same = next((key for key in sorted(waiting) if not differences(waiting[key], form)), None)
        if same:
            found[each.id] = same
            del waiting[same]
    return found


def _form(attributes: Attributes, tell: Tell) -> Mapping[str, Any]:
    kind = KINDS["assistant"]
    resources = attributes.get("tool_resources") or {}
    told = {
        tool: {key: [tell(each) for each in ids] for key, ids in members.items()}
        for tool, members in resources.items()
    }
    return kind.keyed_form(kind.normal_form({**attributes, "tool_resources": told}))
