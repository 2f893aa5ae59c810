"""Attribute trees compared."""

from __future__ import annotations

import json
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
        ({"a": {"__x": "1"}}, {"a": {"__x": "2"}}, [Difference(("a", "__x"), "1", "2")]),
        ({"a": {"b": None}, "c": 1}, {"a": {}, "c": 2}, [Difference(("c",), 1, 2)]),
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
        "a key with underscores",
        "null beside a difference",
    ],
)
def test_each_difference_has_its_path_and_values(
    before: dict[str, Any], after: dict[str, Any], expected: list[Difference]
) -> None:
    """Paths lead to the smallest part that differs, and None stands for what isn't there."""
    assert list(differences(before, after)) == expected


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(1, 1.0, id="integer and float"),
        pytest.param(0, -0.0, id="zeros"),
        pytest.param([1, {"b": 2}], [1.0, {"b": 2.0}], id="further down"),
        pytest.param(None, ..., id="null and absent"),
    ],
)
def test_what_says_the_same_is_no_difference(one: object, other: object) -> None:
    """JSON has one kind of number, and null stands for nothing; `...` is for a missing key."""
    before, after = {"a": one, "b": 1}, {"a": other, "b": 1}
    if other is ...:
        del after["a"]
    assert differences(before, after) == differences(after, before) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(1, True, id="one and true"),
        pytest.param(1.0, True, id="one point zero and true"),
        pytest.param(0, False, id="zero and false"),
        pytest.param({"b": 1}, {"b": True}, id="in a map"),
        pytest.param([1], [True], id="in a list of numbers"),
        pytest.param([0, 1], [False, True], id="in a list of several"),
        pytest.param(0.1, 0.1 + 1e-13, id="a tiny step"),
        pytest.param(1e-300, 2e-300, id="tiny numbers"),
        pytest.param(10**30, 10**30 + 1, id="huge integers"),
        pytest.param(1e300, 2e300, id="huge floats"),
        pytest.param(10**23, 1e23, id="an integer that no float is"),
        pytest.param("", None, id="empty and null"),
    ],
)
@pytest.mark.parametrize("beside", [1, 2], ids=["alone", "beside another"])
def test_no_difference_is_too_small_or_too_big(one: object, other: object, beside: int) -> None:
    """No rounding and no kinship of types hides a change, alone or beside another one."""
    found = differences({"a": one, "z": 1}, {"a": other, "z": beside})
    assert {each.path[0] for each in found} == ({"a"} if beside == 1 else {"a", "z"})


@pytest.mark.parametrize(
    ("one", "other"), [([1], [True]), ([[0, 1]], [[False, 1]]), ({"b": [1]}, {"b": [True]})]
)
def test_one_and_true_differ_inside_of_lists(one: object, other: object) -> None:
    """The attribute is named, if not the place in its list."""
    found = differences({"a": one, "z": 1}, {"a": other, "z": 1})
    assert {each.path[0] for each in found} == {"a"}


@REPEATABLE
@given(MAPS)
def test_nothing_differs_from_itself(tree: dict[str, Any]) -> None:
    """Equal trees have no differences."""
    assert differences(tree, tree) == ()


@REPEATABLE
@given(MAPS, MAPS)
def test_whatever_is_unequal_differs(before: dict[str, Any], after: dict[str, Any]) -> None:
    """There are no differences exactly when the trees are the same JSON."""
    one, other = (json.dumps(each, sort_keys=True) for each in (before, after))
    assert (differences(before, after) == ()) == (one == other)


@REPEATABLE
@given(MAPS, MAPS)
def test_looking_from_the_other_side_swaps_before_and_after(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    """The same top-level attributes differ, whichever way round."""

    def roots(found: tuple[Difference, ...]) -> set[object]:
        return {each.path[0] for each in found}

    assert roots(differences(before, after)) == roots(differences(after, before))
