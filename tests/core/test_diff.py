"""Attribute trees compared."""

from __future__ import annotations

from typing import Any

import pytest
from factories import DATA, REPEATABLE
from hypothesis import given
from hypothesis import strategies as st

from provisioner.diff import differences
from provisioner.plan import Difference

SCALARS = st.text(max_size=4) | st.integers(-9, 9) | st.booleans()
KEYS = st.text("ab'\"]. ", min_size=1, max_size=3)
TREES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
MAPS = st.dictionaries(KEYS, TREES, max_size=4)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1}, {"a": 2}, [Difference(("a",), 1, 2)]),
        ({}, {"a": 2}, [Difference(("a",), None, 2)]),
        ({"a": 1}, {}, [Difference(("a",), 1, None)]),
        ({"a": {"b": 1}}, {"a": {"b": 2}}, [Difference(("a", "b"), 1, 2)]),
        ({"a": [1, 2]}, {"a": [1, 3]}, [Difference(("a", 1), 2, 3)]),
        ({"a": "1"}, {"a": 1}, [Difference(("a",), "1", 1)]),
        ({"a": "file-1"}, {"a": DATA}, [Difference(("a",), "file-1", DATA)]),
        (
            {"a.b": 1, "c'": 1},
            {"a.b": 2, "c'": 2},
            [Difference(("a.b",), 1, 2), Difference(("c'",), 1, 2)],
        ),
        ({"b": 1, "a": 1}, {"b": 2, "a": 2}, [Difference(("a",), 1, 2), Difference(("b",), 1, 2)]),
        ({"a": 1, "b": 1}, {"a": 1.0, "b": 2}, [Difference(("b",), 1, 2)]),
    ],
    ids=[
        "changed",
        "added",
        "removed",
        "nested",
        "in a list",
        "another type",
        "an id known after apply",
        "odd keys",
        "ordered by path",
        "an integer and its float",
    ],
)
def test_each_difference_has_its_path_and_values(
    before: dict[str, Any], after: dict[str, Any], expected: list[Difference]
) -> None:
    """Paths lead to the smallest part that differs, and None stands for what isn't there."""
    assert list(differences(before, after)) == expected


@REPEATABLE
@given(MAPS)
def test_nothing_differs_from_itself(tree: dict[str, Any]) -> None:
    """Equal trees have no differences."""
    assert differences(tree, tree) == ()


@REPEATABLE
@given(MAPS, MAPS)
def test_whatever_is_unequal_differs(before: dict[str, Any], after: dict[str, Any]) -> None:
    """There are no differences exactly when the trees are equal."""
    assert (differences(before, after) == ()) == (before == after)


@REPEATABLE
@given(MAPS, MAPS)
def test_looking_from_the_other_side_swaps_before_and_after(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    """The same top-level attributes differ, whichever way round."""

    def roots(found: tuple[Difference, ...]) -> set[object]:
        return {each.path[0] for each in found}

    assert roots(differences(before, after)) == roots(differences(after, before))
