"""The canonical order of keys: that in which the kinds' schemas list their properties."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from provisioner.formatting.tree import Block, Entry, Flow, Node
from provisioner.manifest.yaml_scalars import MERGE


def ordered(node: Node, schema: Mapping[str, Any]) -> Node:
    """Order the keys of every map as a schema, free of references, lists them.

    Merge keys come first; keys that the schema doesn't list come last, in the order in which they
    are written. Lists keep theirs.
    """
    if not isinstance(node, (Block, Flow)):
        return node
    entries = [
        replace(entry, value=ordered(entry.value, _inner(entry, schema))) for entry in node.entries
    ]
    return replace(node, entries=tuple(_sorted(entries, list(schema.get("properties", ())))))


def _inner(entry: Entry, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Find the schema of an entry's value; what is listed nowhere is free."""
    if entry.key is None:
        inner = schema.get("items")
    else:
        listed = schema.get("properties", {})
        inner = listed.get(entry.name, schema.get("additionalProperties"))
    return inner if isinstance(inner, Mapping) else {}


def _sorted(entries: Sequence[Entry], names: Sequence[str]) -> Sequence[Entry]:
    if not names or any(entry.key is None for entry in entries):
        return entries
    places = {name: place for place, name in enumerate((MERGE, *names))}
    in_order = sorted(entries, key=lambda entry: places.get(entry.name or "", len(places)))
    return in_order if _keeps_anchors(entries, in_order) else entries


def _keeps_anchors(before: Sequence[Entry], after: Sequence[Entry]) -> bool:
    """Say whether every alias still comes after the same anchor."""
    named = [entry for entry in before if entry.anchors or entry.aliases]
    place = {id(entry): number for number, entry in enumerate(after)}
    return not any(
        place[id(second)] < place[id(first)]
        and (first.anchors & (second.aliases | second.anchors) or first.aliases & second.anchors)
        for first, second in combinations(named, 2)
    )
