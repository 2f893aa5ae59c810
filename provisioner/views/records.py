"""What was done to records by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from provisioner.kinds import KINDS
from provisioner.resource import ResourceState
from provisioner.views import escape


def forgotten(resources: Iterable[ResourceState]) -> str:
    """Name what is forgotten, and the objects that are left behind at the service."""
    lines = []
    for each in resources:
        ids = ", ".join(escape.line(id_) for id_ in (each.id, *each.deposed))
        again = (
            "taken over again by its ownership tag"
            if KINDS[each.address.kind].tagged
            else "uploaded again"
        )
        lines.append(f"Forgot {each.address}. It stays at the service: {ids}.")
        lines.append(f"  While a manifest declares it, it is {again} with the next apply.")
    return "\n".join(lines)


def rebuilt(resources: Iterable[ResourceState]) -> str:
    """Count what is recorded again, by kind."""
    kinds = Counter(each.address.kind for each in resources)
    counts = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    return f"State rebuilt. Recorded again: {counts}.\nSee what differs with `provisioner plan`."
