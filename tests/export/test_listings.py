"""Saved answers of the API: every form in which people have them, and none that breaks us."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.errors import ManifestError
from provisioner.export.listings import read_listings

REPEATABLE = settings(deadline=None, derandomize=True, database=None)

V1 = {
    "id": "asst_1",
    "object": "assistant",
    "created_at": 1,
    "name": "Old",
    "description": None,
    "model": "gpt-4",
    "instructions": "Be brief.",
    "tools": [{"type": "code_interpreter"}],
    "file_ids": ["assistant-1"],
    "metadata": {},
}
V2 = {
    "id": "asst_2",
    "object": "assistant",
    "created_at": 2,
    "name": "New",
    "model": "gpt-4o",
    "tools": [{"type": "file_search"}],
    "tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}},
    "temperature": 0.5,
    "metadata": {"provisioner": "u1/prod/assistant.new", "a": "b"},
}
FILE = {"id": "assistant-1", "object": "file", "filename": "sales.csv", "bytes": 3}


def listing(*objects: Any) -> dict[str, Any]:
    """Make an answer as the API gives it."""
    return {"object": "list", "data": list(objects), "has_more": False}


FORMS: list[str | bytes] = [
    json.dumps(listing(V1, V2)) + json.dumps(listing(FILE)),
    json.dumps(listing(V1)) + "\n\n" + json.dumps(listing(V2, V1)) + "\n" + json.dumps(FILE),
    json.dumps([V1, V2, FILE]),
    json.dumps([listing(V1, V2), listing(FILE)]),
    json.dumps({"assistants": listing(V1, V2), "files": [FILE], "vector_stores": listing()}),
    json.dumps({"data": [V1, V2, FILE]}),
    f"{json.dumps(V1)} {json.dumps(V2)} {json.dumps(FILE)}",
    "\ufeff" + json.dumps([V1, V2, FILE], indent=2),
    json.dumps([V1, V2, FILE]).encode("utf-16"),
    json.dumps(
        [V1, {**V2, "unknown": {"a": [1, None]}}, FILE, {"id": "vs_1", "object": "vector_store"}]
    ),
]


@pytest.mark.parametrize("text", FORMS)
def test_every_form_says_the_same(text: str | bytes) -> None:
    """Listings, arrays, single objects and maps of these, v1 and v2 mixed."""
    found = read_listings(text if isinstance(text, bytes) else text.encode(), "saved.json")
    old, new = found.assistants["asst_1"], found.assistants["asst_2"]

    assert list(found.assistants) == ["asst_1", "asst_2"]
    assert found.filenames == {"assistant-1": "sales.csv"}
    assert old.attributes == {
        "name": "Old",
        "model": "gpt-4",
        "instructions": "Be brief.",
        "tools": [{"type": "code_interpreter"}],
        "tool_resources": {"code_interpreter": {"file_ids": ["assistant-1"]}},
    }
    assert new.attributes["metadata"] == {"a": "b"}
    assert new.attributes["temperature"] == 0.5
    assert new.owner
    assert str(new.owner.address) == "assistant.new"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "it is empty"),
        ("{", "line 1, column 2"),
        ('{"data": [NaN]}', "NaN"),
        ('{"data": [1e999]}', "1e999"),
        ("[" * 100_000, "$"),
        ("1" * 5000, "$"),
        ("7", "at $:"),
        ('"text"', "at $:"),
        ("{}", "at $:"),
        ('{"data": 7}', "at $.data:"),
        ('[{"object": "thread", "id": "t"}]', "at $[0].object:"),
        (json.dumps(listing({**V1, "model": None})), "at $.data[0]"),
        (json.dumps(listing({**V1, "id": ""})), "at $.data[0]"),
        (json.dumps(listing(V1, {**V1, "name": 7})), "at $.data[1].name:"),
        (json.dumps([{**V1, "tools": [{"type": "a"}, {"kind": "b"}]}]), "at $[0].tools[1]"),
        (json.dumps([{**V1, "tools": {"type": "a"}}]), "at $[0].tools:"),
        (json.dumps([{**V1, "tools": [None]}]), "at $[0].tools[0]:"),
        (json.dumps([{**V1, "file_ids": [None]}]), "at $[0].file_ids[0]:"),
        (json.dumps([{**V1, "metadata": {"a": 1}}]), "at $[0].metadata.a:"),
        (json.dumps([{**V2, "temperature": True}]), "at $[0].temperature:"),
        (json.dumps([{**V2, "tool_resources": {"x": {"y": "z"}}}]), "tool_resources.x.y:"),
        (json.dumps(V1) + json.dumps({**V2, "model": 7}), "at value 2: $.model:"),
    ],
)
def test_what_can_not_be_read_is_told_with_its_place(text: str, place: str) -> None:
    """A path into the JSON, or its line and column; never a traceback."""
    with pytest.raises(ManifestError) as caught:
        read_listings(text.encode(), "saved.json")
    assert {each.code for each in caught.value.diagnostics} == {"M750"}
    assert place in caught.value.diagnostics[0].detail


def test_all_problems_are_told_at_once() -> None:
    """So that one look at the file mends it."""
    wrong = listing({**V1, "name": 7, "tools": 8}, {**V2, "metadata": 9})
    with pytest.raises(ManifestError) as caught:
        read_listings(json.dumps(wrong).encode(), "saved.json")

    assert len(caught.value.diagnostics) == 3


def test_a_page_that_is_not_the_last_says_so() -> None:
    """Who saved the first page only would lose the others."""
    page = {**listing(V1), "has_more": True}

    assert "there is more" in read_listings(json.dumps(page).encode(), "saved.json").notes[0]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(
            st.sampled_from([*V1, *V2, "data", "assistants", "function"]) | st.text(), inside
        )
    ),
    max_leaves=20,
)
spoilt = st.builds(
    lambda key, value: {**V2, "file_ids": [], key: value}, st.sampled_from([*V1, *V2]), json_values
)


@REPEATABLE
@given(json_values | spoilt | st.lists(spoilt))
def test_no_json_breaks_it(value: Any) -> None:
    """It is read, or refused with diagnostics."""
    with contextlib.suppress(ManifestError):
        read_listings(json.dumps(value).encode(), "saved.json")


@REPEATABLE
@given(st.binary())
def test_no_bytes_break_it(content: bytes) -> None:
    """Nor does what is no JSON at all."""
    with contextlib.suppress(ManifestError):
        read_listings(content, "saved.json")
