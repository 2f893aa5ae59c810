"""Properties of edits: whatever stands beside what is edited stays byte for byte."""

from __future__ import annotations

import copy
import json
import re
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from manifest_strategy import Written, manifests

from provisioner.editing.documents import edited
from provisioner.editing.extents import Unplaceable
from provisioner.manifest.yaml_nodes import parse

several = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-2, 2) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=5,
)


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the paths of everything inside a value."""
    if not isinstance(data, (dict, list)):
        return []
    inside = data.items() if isinstance(data, dict) else enumerate(data)
    found: list[tuple[Any, ...]] = []
    for key, each in inside:
        found += [(*path, key), *places(each, (*path, key))]
    return found


def put(data: Any, path: tuple[Any, ...], value: Any, *, drop: bool) -> Any:
    """Change a copy of the data at one place."""
    made = copy.deepcopy(data)
    around = made
    for part in path[:-1]:
        around = around[part]
    if drop:
        del around[path[-1]]
    else:
        around[path[-1]] = value
    return made


@several
@given(manifests(), st.integers(0), values, st.booleans())
def test_an_edit_says_what_it_should_or_is_refused(
    manifest: Written, place: int, value: Any, drop: bool
) -> None:
    """Every other document, and every comment outside of what goes, is still there."""
    documents, problem = parse(manifest.text)
    assume(problem is None and not any(each.problems for each in documents))
    data = [each.data for each in documents]
    assume(places(data[0]) and all(json.dumps(each) != json.dumps(data[0]) for each in data[1:]))
    paths = places(data[0])
    after = put(data[0], paths[place % len(paths)], value, drop=drop)

    try:
        made = edited(manifest.text, data[0], after)
    except Unplaceable:
        return

    now, trouble = parse(made)
    assert trouble is None
    assert json.dumps([each.data for each in now], sort_keys=True) == json.dumps(
        [after, *data[1:]], sort_keys=True
    )
    if not drop and not isinstance(value, (dict, list)):
        for comment in manifest.comments:
            assert len(re.findall(rf"{re.escape(comment)}(?![0-9])", made)) == 1, comment


LINES = st.lists(
    st.tuples(
        st.sampled_from(
            ["# a", "", "k: v  # c", "l: [1, {a: 'b'}]", "m: |\n  t\n", "n:\n- 1\n# z"]
        ),
        st.integers(0, 99),
    ),
    max_size=5,
)


@several
@given(LINES, LINES, st.sampled_from(["'x' # y", '"x"', "x", "|\n  x\n  y", "[x]", ""]), values)
def test_everything_outside_of_the_value_stays(
    above: list[tuple[str, int]], below: list[tuple[str, int]], written: str, value: Any
) -> None:
    """Byte for byte, above and below."""
    lines = [line.replace(":", f"{n}:", 1) for line, n in dict(above).items()]
    head = "".join(f"{line}\n" for line in lines) + "wanted:"
    more = [line.replace(":", f"{n + 100}:", 1) for line, n in dict(below).items()]
    tail = "last: 1\n" + "".join(f"{line}\n" for line in more)
    text = f"{head} {written}\n{tail}"
    data = parse(text)[0][0].data
    assert data["last"] == 1

    try:
        made = edited(text, data, {**data, "wanted": value})
    except Unplaceable:
        return

    assert made.startswith(head)
    assert made.endswith(tail)
    if "# y" in written:
        assert "# y" in made
