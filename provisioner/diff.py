"""Attribute trees compared: what differs, where, and who made it so."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from provisioner.plan import Cause, Difference
from provisioner.resource import Attributes


def differences(before: Attributes, after: Attributes) -> tuple[Difference, ...]:
    """List what differs between two normal forms, in the order of the paths.

    Absent and null are one, and so are 1 and 1.0, but not 1 and true. Most trees are equal, which
    is cheap to see; deepdiff is asked (and imported) only where something differs.
    """
    if before == after and _text(before) == _text(after):
        return ()
    exact = _exact(before), _exact(after)
    if exact[0] == exact[1] and _text(exact[0]) == _text(exact[1]):
        return ()
    found = _deep(*exact)
    found += _unnamed(*exact, {each.path[0] for each in found})
    return tuple(sorted(found, key=lambda each: [str(part) for part in each.path]))


def attributed(found: Iterable[Difference], applied: Attributes) -> tuple[Difference, ...]:
    """Say of each difference between live and declared who made it, by what was last applied."""
    return tuple(replace(each, cause=_cause(each, at(applied, each.path))) for each in found)


def at(tree: Any, path: Iterable[str | int]) -> Any:
    """Give what stands at a path; None where nothing does."""
    for part in path:
        if isinstance(tree, Mapping):
            tree = tree.get(part)
        elif isinstance(tree, Sequence) and isinstance(part, int) and 0 <= part < len(tree):
            tree = tree[part]
        else:
            return None
    return tree


def _cause(difference: Difference, applied: Any) -> Cause:
    """Tell who moved away from what was applied; both may have, to different values."""
    if _same(difference.before, applied):
        return Cause.YOU
    return Cause.LIVE if _same(difference.after, applied) else Cause.BOTH


def _same(one: Any, other: Any) -> bool:
    return _text(_exact(one)) == _text(_exact(other))


def _text(tree: Any) -> str:
    """Write a tree so that 1 and true, which Python takes for equal, differ."""
    return json.dumps(tree, sort_keys=True, default=repr)


def _exact(value: Any) -> Any:
    """Leave null members out, and write whole numbers as integers.

    Deepdiff would round both sides to compare 1 with 1.0.
    """
    if isinstance(value, Mapping):
        return {key: _exact(each) for key, each in value.items() if each is not None}
    if isinstance(value, (list, tuple)):
        return [_exact(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _unnamed(before: Any, after: Any, named: set[str | int]) -> list[Difference]:
    """List whole attributes: what deepdiff takes for equal must not go unnoticed."""
    return [
        Difference((key,), before.get(key), after.get(key))
        for key in {**before, **after}
        if key not in named and _text(before.get(key)) != _text(after.get(key))
    ]


def _deep(before: Any, after: Any) -> list[Difference]:
    from deepdiff import DeepDiff
    from deepdiff.helper import NotPresent

    def value(side: Any) -> Any:
        return None if isinstance(side, NotPresent) or side is NotPresent else side

    tree = DeepDiff(
        before,
        after,
        view="tree",
        ignore_private_variables=False,
        threshold_to_diff_deeper=0,
    )
    found = (
        Difference(tuple(each.path(output_format="list")), value(each.t1), value(each.t2))
        for group in tree.values()
        for each in group
    )
    return [each for each in found if each.before is not None or each.after is not None]
