"""Declared objects found among live ones that carry no tag: an export that was not finished."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from provisioner.address import Address
from provisioner.diff import differences
from provisioner.kinds import KINDS
from provisioner.resource import Attributes, RemoteObject, Resource


def match(
    live: Iterable[RemoteObject],
    declared: Iterable[Resource],
    files: Mapping[str, RemoteObject],
    resources: Mapping[Address, Resource],
    stores: Mapping[Address, str],
) -> Mapping[str, Address]:
    """Pair live objects with declared ones that are equal to them, each once; by live id.

    Files are compared by name and size: what is declared may not have its id yet. `stores` are the
    recorded vector stores; assistants may also search those that are paired here.
    """
    live, declared = list(live), list(declared)
    known = dict(stores)
    found: dict[str, Address] = {}
    for kind in ("vectorstore", "assistant"):
        telling = _Telling(files, resources, known)
        waiting = {
            each.address: telling.form(kind, each.attributes)
            for each in declared
            if each.address.kind == kind
        }
        for each in live:
            form = telling.form(kind, each.attributes) if each.kind == kind else None
            same = form and next(
                (key for key in sorted(waiting) if not differences(waiting[key], form)), None
            )
            if same:
                found[each.id] = same
                known[same] = each.id
                del waiting[same]
    return found


@dataclass(frozen=True, slots=True)
class _Telling:
    """What references are told apart by."""

    files: Mapping[str, RemoteObject]
    resources: Mapping[Address, Resource]
    stores: Mapping[Address, str]

    def form(self, kind: str, attributes: Attributes) -> Attributes:
        """Write an object with what its references are told by in their places."""
        told = dict(attributes)
        if "file_ids" in attributes:
            told["file_ids"] = [self._tell(each) for each in attributes["file_ids"]]
        if "tool_resources" in attributes:
            told["tool_resources"] = {
                tool: {key: [self._tell(each) for each in ids] for key, ids in members.items()}
                for tool, members in attributes["tool_resources"].items()
            }
        return KINDS[kind].keyed_form(KINDS[kind].normal_form(told))

    def _tell(self, reference: object) -> str:
        if isinstance(reference, Address) and reference.kind != "file":
            return self.stores.get(reference, str(reference))
        resource = self.resources.get(reference) if isinstance(reference, Address) else None
        held = self.files.get(str(reference))
        attributes = resource.attributes if resource else held.attributes if held else None
        told = attributes and (attributes.get("filename"), attributes.get("bytes"))
        return str(told or reference)
