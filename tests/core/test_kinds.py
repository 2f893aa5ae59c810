"""Kinds: what means the same to the service has the same normal form."""

from __future__ import annotations

from typing import Any

import pytest
from factories import DATA, REPEATABLE, holding
from hypothesis import given
from hypothesis import strategies as st

from provisioner.diff import differences
from provisioner.kinds import KINDS
from provisioner.kinds.assistant import DEFAULTS

ASSISTANT, FILE = KINDS["assistant"], KINDS["file"]
BARE = {"model": "gpt-4o"}
SEARCH = {"type": "file_search", "file_search": {"max_num_results": 8}}


def function(**members: Any) -> dict[str, Any]:
    """Make an assistant with one function."""
    return {**BARE, "tools": [{"type": "function", "function": {"name": "f", **members}}]}


def tools(*names: str) -> dict[str, Any]:
    """Make an assistant with functions of these names."""
    return {**BARE, "tools": [{"type": "function", "function": {"name": each}} for each in names]}


def answering(**members: Any) -> dict[str, Any]:
    """Make an assistant that answers by a schema."""
    return {**BARE, "response_format": {"type": "json_schema", "json_schema": members}}


SAME = {
    "name null": ({**BARE, "name": None}, BARE),
    "name empty": ({**BARE, "name": ""}, BARE),
    "description null": ({**BARE, "description": None}, BARE),
    "instructions empty": ({**BARE, "instructions": ""}, BARE),
    "metadata empty": ({**BARE, "metadata": {}}, BARE),
    "metadata null": ({**BARE, "metadata": None}, BARE),
    "tools empty": ({**BARE, "tools": []}, BARE),
    "temperature default": ({**BARE, "temperature": 1.0}, BARE),
    "top_p default": ({**BARE, "top_p": 1}, BARE),
    "response_format default": ({**BARE, "response_format": "auto"}, BARE),
    "json_schema nulls": (
        answering(name="a", schema={"enum": [None]}, description=None, strict=None),
        answering(name="a", schema={"enum": [None]}),
    ),
    "integer and float": ({**BARE, "temperature": 2}, {**BARE, "temperature": 2.0}),
    "tool order": (tools("f", "g"), tools("g", "f")),
    "tool twice": (tools("f", "f"), tools("f")),
    "plain tool twice": (
        {**BARE, "tools": [{"type": "code_interpreter"}] * 2},
        {**BARE, "tools": [{"type": "code_interpreter"}]},
    ),
    "tool types' order": (
        {**BARE, "tools": [SEARCH, {"type": "code_interpreter"}]},
        {**BARE, "tools": [{"type": "code_interpreter"}, SEARCH]},
    ),
    "strict false": (function(strict=False), function()),
    "function description null": (function(description=None), function()),
    "function description empty": (function(description=""), function()),
    "parameters null": (function(parameters=None), function()),
    "parameters empty": (function(parameters={}), function()),
    "parameters of an empty object": (
        function(parameters={"type": "object", "properties": {}}),
        function(),
    ),
    "schema key order": (
        function(parameters={"type": "object", "properties": {"a": {}, "b": {}}}),
        function(parameters={"properties": {"b": {}, "a": {}}, "type": "object"}),
    ),
    "search options empty": (
        {**BARE, "tools": [{"type": "file_search", "file_search": {}}]},
        {**BARE, "tools": [{"type": "file_search"}]},
    ),
    "file order": ({**BARE, **holding("a", "b")}, {**BARE, **holding("b", "a")}),
    "file twice": ({**BARE, **holding("a", "a")}, {**BARE, **holding("a")}),
    "resources null": ({**BARE, "tool_resources": None}, BARE),
    "resources empty": ({**BARE, "tool_resources": {}}, BARE),
    "resources of a tool empty": ({**BARE, "tool_resources": {"code_interpreter": {}}}, BARE),
    "resources of a tool null": ({**BARE, "tool_resources": {"code_interpreter": None}}, BARE),
    "no files": ({**BARE, "tool_resources": {"code_interpreter": {"file_ids": []}}}, BARE),
    "no stores": ({**BARE, "tool_resources": {"file_search": {"vector_store_ids": []}}}, BARE),
}
DIFFERENT = {
    "null in a schema": (
        answering(name="a", schema={"enum": [None]}),
        answering(name="a", schema={"enum": []}),
    ),
    "temperature zero": ({**BARE, "temperature": 0}, BARE),
    "whitespace": ({**BARE, "instructions": " a"}, {**BARE, "instructions": "a"}),
    "case of a name": ({**BARE, "name": "A"}, {**BARE, "name": "a"}),
    "strict": (function(strict=True), function()),
    "parameters": (function(parameters={"type": "object", "properties": {"a": {}}}), function()),
    "empty metadata value": ({**BARE, "metadata": {"a": ""}}, BARE),
    "one more file": ({**BARE, **holding("a", "b")}, {**BARE, **holding("a")}),
    "one more tool": (tools("f", "g"), tools("f")),
    "two functions of one name": (
        {**BARE, "tools": [*function()["tools"], *function(strict=True)["tools"]]},
        function(),
    ),
    "a tool's options": ({**BARE, "tools": [SEARCH]}, {**BARE, "tools": [{"type": "file_search"}]}),
    "order of required": (
        function(parameters={"required": ["a", "b"]}),
        function(parameters={"required": ["b", "a"]}),
    ),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME.keys())
def test_what_means_the_same_has_one_normal_form(
    pair: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    """What the service says of itself, or says otherwise than it was told, is no difference."""
    one, other = map(ASSISTANT.normal_form, pair)
    assert one == other
    assert differences(ASSISTANT.keyed_form(one), ASSISTANT.keyed_form(other)) == ()


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT.keys())
def test_what_means_something_else_differs(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    """Normalising takes no meaning away."""
    one, other = map(ASSISTANT.normal_form, pair)
    assert one != other
    assert differences(ASSISTANT.keyed_form(one), ASSISTANT.keyed_form(other))


def test_a_removed_tool_is_one_difference() -> None:
    """Tools are compared by what they are, not by where they stand."""
    before, after = (
        ASSISTANT.keyed_form(ASSISTANT.normal_form(each))
        for each in (tools("f", "g", "h"), tools("g", "h"))
    )
    (found,) = differences(before, after)
    assert found.path == ("tools", "function f")


def test_a_replaced_file_is_an_id_less_and_an_id_more() -> None:
    """Ids are compared as members of a set."""
    before, after = ({**BARE, **holding(*each)} for each in (("a", "b"), ("b", DATA)))
    found = differences(ASSISTANT.keyed_form(before), ASSISTANT.keyed_form(after))
    assert {(each.path[-1], each.before, each.after) for each in found} == {
        ("a", "a", None),
        ("file.data", None, DATA),
    }


def test_an_assistant_refers_to_its_files_and_stores() -> None:
    """Both tools' ids are references, and null means none."""
    resources = {
        "code_interpreter": {"file_ids": ["a", DATA]},
        "file_search": {"vector_store_ids": ["vs"]},
        "other": None,
    }
    assert list(ASSISTANT.references({"tool_resources": resources})) == ["a", DATA, "vs"]
    assert list(ASSISTANT.references({"tool_resources": None})) == []


def test_a_file_keeps_what_identifies_its_bytes() -> None:
    """Whatever else the service tells of a file is none of ours, and null is absent."""
    told = {"filename": "a", "bytes": None, "purpose": "assistants", "status": "processed"}
    assert FILE.normal_form(told) == {"filename": "a", "purpose": "assistants"}
    assert list(FILE.references(told)) == []


def test_kinds_are_listed_in_the_order_in_which_they_are_made() -> None:
    """Files come before the stores and assistants that have them."""
    assert list(KINDS) == ["file", "vectorstore", "assistant"]
    assert all(name == kind.name for name, kind in KINDS.items())


TEXTS = st.none() | st.text(max_size=5)
SCHEMAS = (
    st.none()
    | st.just({})
    | st.fixed_dictionaries(
        {
            "type": st.just("object"),
            "properties": st.dictionaries(st.text(max_size=3), st.just({}), max_size=2),
        }
    )
)
FUNCTIONS = st.fixed_dictionaries(
    {"name": st.sampled_from(["f", "g", "h"])},
    optional={"description": TEXTS, "strict": st.none() | st.booleans(), "parameters": SCHEMAS},
)
TOOLS = (
    st.just({"type": "code_interpreter"})
    | st.fixed_dictionaries(
        {"type": st.just("file_search")},
        optional={"file_search": st.just({}) | st.just({"max_num_results": 8})},
    )
    | st.fixed_dictionaries({"type": st.just("function"), "function": FUNCTIONS})
)
IDS = st.lists(st.sampled_from(["a", "b", "c"]), max_size=3)
RESOURCES = st.fixed_dictionaries(
    {},
    optional={
        "code_interpreter": st.none() | st.fixed_dictionaries({}, optional={"file_ids": IDS}),
        "file_search": st.none() | st.fixed_dictionaries({}, optional={"vector_store_ids": IDS}),
    },
)


ATTRIBUTES = st.fixed_dictionaries(
    {"model": st.sampled_from(["m", "n"])},
    optional={
        "name": TEXTS,
        "description": TEXTS,
        "instructions": TEXTS,
        "tools": st.none() | st.lists(TOOLS, max_size=3),
        "tool_resources": st.none() | RESOURCES,
        "metadata": st.none() | st.dictionaries(st.sampled_from(["a", "b"]), st.text(max_size=2)),
        "temperature": st.sampled_from([None, 0, 1, 1.0, 0.5]),
        "top_p": st.sampled_from([None, 0, 1, 1.0, 0.5]),
        "response_format": st.sampled_from([None, "auto", {"type": "json_object"}]),
    },
)


@REPEATABLE
@given(ATTRIBUTES)
def test_the_normal_form_of_a_normal_form_is_itself(attributes: dict[str, Any]) -> None:
    """Normalising twice is normalising once."""
    form = ASSISTANT.normal_form(attributes)
    assert ASSISTANT.normal_form(form) == form


@REPEATABLE
@given(ATTRIBUTES)
def test_a_normal_form_says_nothing_needless(attributes: dict[str, Any]) -> None:
    """Neither emptiness nor a default is left at the top."""
    form = ASSISTANT.normal_form(attributes)
    assert not any(value in (None, "", [], {}) for value in form.values())
    assert not any(form.get(key) == value for key, value in DEFAULTS.items())


@REPEATABLE
@given(ATTRIBUTES)
def test_normalising_leaves_its_argument_alone(attributes: dict[str, Any]) -> None:
    """What was read stays as it was read."""
    before = repr(attributes)
    ASSISTANT.keyed_form(ASSISTANT.normal_form(attributes))
    assert repr(attributes) == before


@REPEATABLE
@given(ATTRIBUTES, ATTRIBUTES)
def test_keyed_forms_differ_exactly_where_normal_forms_do(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    """Turning lists into maps loses no difference and makes none."""
    forms = [ASSISTANT.normal_form(each) for each in (one, other)]
    found = differences(*map(ASSISTANT.keyed_form, forms))
    assert (found == ()) == (forms[0] == forms[1])


@REPEATABLE
@given(ATTRIBUTES)
def test_a_keyed_form_leads_back(attributes: dict[str, Any]) -> None:
    """Nothing is lost on the way to the keyed form, not even a second function of one name."""
    form = ASSISTANT.normal_form(attributes)
    assert ASSISTANT.unkeyed_form(ASSISTANT.keyed_form(form)) == form


@REPEATABLE
@given(
    st.fixed_dictionaries(
        {}, optional={"filename": TEXTS, "bytes": st.none() | st.integers(0), "sha256": TEXTS}
    )
)
def test_a_files_normal_form_of_a_normal_form_is_itself(attributes: dict[str, Any]) -> None:
    """Normalising twice is normalising once, for files too."""
    form = FILE.normal_form(attributes)
    assert FILE.normal_form(form) == form
    assert FILE.keyed_form(form) == form
