"""What depends on what, for programs that draw."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from provisioner.resource import Resource

_MERMAID_SHAPES = {"assistant": ('["', '"]'), "vectorstore": ('[("', '")]'), "file": ('>"', '"]')}
_DOT_SHAPES = {"assistant": "box", "vectorstore": "cylinder", "file": "note"}


def mermaid(resources: Iterable[Resource]) -> str:
    """Write a Mermaid flowchart, as GitHub draws it: arrows lead to what is depended on."""
    ordered = _ordered(resources)
    names = {each.address: f"n{number}" for number, each in enumerate(ordered)}
    lines = ["flowchart LR"]
    for each in ordered:
        before, after = _MERMAID_SHAPES[each.address.kind]
        lines.append(f"  {names[each.address]}{before}{each.address}{after}")
    for each in ordered:
        lines += [f"  {names[each.address]} --> {names[to]}" for to in sorted(each.depends_on)]
    return "\n".join(lines) + "\n"


def dot(resources: Iterable[Resource]) -> str:
    """Write a graph for Graphviz: arrows lead to what is depended on."""
    ordered = _ordered(resources)
    lines = ["digraph provisioner {", "  rankdir = LR"]
    for each in ordered:
        shape = _DOT_SHAPES[each.address.kind]
        lines.append(f"  {json.dumps(str(each.address))} [shape = {shape}]")
    for each in ordered:
        name = json.dumps(str(each.address))
        lines += [f"  {name} -> {json.dumps(str(to))}" for to in sorted(each.depends_on)]
    return "\n".join([*lines, "}"]) + "\n"


def _ordered(resources: Iterable[Resource]) -> Sequence[Resource]:
    """Put resources in the order of their addresses, so that equal projects give equal graphs."""
    return sorted(resources, key=lambda each: each.address)
