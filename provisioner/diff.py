"""Attribute trees compared: what differs, and where."""

from __future__ import annotations

from typing import Any

from provisioner.plan import Difference
from provisioner.resource import Attributes


def differences(before: Attributes, after: Attributes) -> tuple[Difference, ...]:
    """List what differs between two normal forms, in the order of the paths.

    Absent and null are one. Most trees are equal, and `==` is far cheaper than looking for what
    differs, so deepdiff is asked (and imported) only where something does.
    """
    if before == after:
        return ()
    return tuple(sorted(_deep(before, after), key=lambda each: [str(part) for part in each.path]))


def _deep(before: Attributes, after: Attributes) -> list[Difference]:
    from deepdiff import DeepDiff
    from deepdiff.helper import NotPresent

    def value(side: Any) -> Any:
        return None if isinstance(side, NotPresent) or side is NotPresent else side

    tree = DeepDiff(
        dict(before),
        dict(after),
        view="tree",
        ignore_numeric_type_changes=True,
        threshold_to_diff_deeper=0,
    )
    return [
        Difference(tuple(found.path(output_format="list")), value(found.t1), value(found.t2))
        for group in tree.values()
        for found in group
    ]
