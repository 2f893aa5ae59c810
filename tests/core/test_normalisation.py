"""What counts as a difference in plans and drift, and who made it: docs/lifecycle.md, case by case.

Each case begins with what was applied; then the service says it otherwise, somebody edits it there,
or the manifest changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from factories import holding, live, make_assistant, owner, record, situation

from provisioner.address import Address
from provisioner.plan import Action, Cause, Change
from provisioner.planner import drift, plan
from provisioner.resource import Attributes, RemoteObject, Resource, ResourceState

YOU, LIVE, BOTH = Cause.YOU, Cause.LIVE, Cause.BOTH
PRECOMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"
CODE, SEARCH = {"type": "code_interpreter"}, {"type": "file_search"}


def function(name: str = "f", **members: Any) -> dict[str, Any]:
    """Make a function tool."""
    return {"type": "function", "function": {"name": name, **members}}


def tools(*listed: Any) -> dict[str, Any]:
    """Make attributes of these tools."""
    return {"tools": list(listed)}


def taking(**schema: Any) -> dict[str, Any]:
    """Make attributes of one function whose parameters have this schema."""
    return tools(function(parameters={"type": "object", **schema}))


def answering(**members: Any) -> dict[str, Any]:
    """Make attributes of an assistant that answers by a schema."""
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "a", **members}}}


def planned(
    applied: Attributes, alive: Attributes, declared: Attributes, filled: Attributes
) -> tuple[Change, tuple[Change, ...]]:
    """Plan for an assistant with these attributes; give its change, and the drift."""
    state = record(make_assistant(**applied), "asst_1", filled=filled)
    given = situation([make_assistant(**declared)], [state], [told(state, alive)])
    [change] = plan(given).changes
    return change, drift(given)


def told(state: ResourceState, alive: Attributes) -> RemoteObject:
    """Make the live object, with attributes as the service may say them."""
    return live(state, attributes={"name": "bot", "model": "gpt-4o", **_cleared(state), **alive})


def _cleared(state: ResourceState) -> dict[str, None]:
    """Say null for whatever was applied: what isn't said again is gone."""
    return dict.fromkeys(state.attributes.keys() - {"name", "model"})


def causes(change: Change) -> dict[str, Cause | None]:
    """Give who made each difference, by its path as plans write it."""
    return {".".join(map(str, each.path)): each.cause for each in change.differences}


SAID_OTHERWISE: Mapping[str, tuple[Attributes, Attributes]] = {
    "null": ({}, {"description": None, "instructions": None, "tools": None, "metadata": None}),
    "empty texts": ({}, {"description": "", "instructions": ""}),
    "empty metadata": ({}, {"metadata": {}}),
    "absent, though it was sent as empty": ({"description": "", "metadata": {}}, {}),
    "whole numbers as fractions": ({"temperature": 2}, {"temperature": 2.0}),
    "a number with another zero": ({"temperature": 0.2}, {"temperature": float("0.20")}),
    "defaults": ({}, {"temperature": 1.0, "top_p": 1, "response_format": "auto"}),
    "the default that was sent": ({"temperature": 1, "top_p": 1.0}, {}),
    "text as the format, written out": ({}, {"response_format": {"type": "text"}}),
    "text as the format, for short": (
        {"response_format": {"type": "text"}},
        {"response_format": "auto"},
    ),
    "a format without strict": (
        answering(schema={"type": "object"}),
        answering(schema={"type": "object"}, strict=False, description=None),
    ),
    "tools in another order": (
        tools(function("g"), CODE, function("f")),
        tools(CODE, function("f"), function("g")),
    ),
    "a tool twice": (tools(CODE, function()), tools(CODE, function(), CODE, function())),
    "strict that is false": (tools(function()), tools(function(strict=False))),
    "a function without description": (tools(function()), tools(function(description=None))),
    "a function without parameters": (
        tools(function(parameters={})),
        tools(function(parameters={"type": "object", "properties": {}})),
    ),
    "keys of a schema in another order": (
        taking(properties={"a": {"type": "string"}, "b": {}}, required=["a"]),
        tools(
            function(
                parameters={
                    "required": ["a"],
                    "properties": {"b": {}, "a": {"type": "string"}},
                    "type": "object",
                }
            )
        ),
    ),
    "files in another order": (holding("a", "b"), holding("b", "a")),
    "a file twice": (holding("a"), holding("a", "a")),
    "no files": (
        tools(CODE, SEARCH),
        {
            **tools(CODE, SEARCH),
            "tool_resources": {
                "code_interpreter": {"file_ids": []},
                "file_search": {"vector_store_ids": []},
            },
        },
    ),
}


@pytest.mark.parametrize("name", SAID_OTHERWISE)
def test_what_the_service_says_otherwise_is_no_difference(name: str) -> None:
    """Neither in the plan nor as drift, and there is nothing to record."""
    applied, alive = SAID_OTHERWISE[name]
    change, drifted = planned(applied, alive, applied, {})

    assert (change.action, change.differences, change.record) == (Action.NO_OP, (), False)
    assert drifted == ()


@pytest.mark.parametrize("name", SAID_OTHERWISE)
def test_what_the_manifest_says_otherwise_is_no_difference(name: str) -> None:
    """It may be written the way in which the service says it."""
    applied, declared = SAID_OTHERWISE[name]
    change, drifted = planned(applied, applied, declared, {})

    assert (change.action, change.differences, change.record) == (Action.NO_OP, (), False)
    assert drifted == ()


EDITED: Mapping[str, tuple[Attributes, Attributes, list[str]]] = {
    "a text": ({"instructions": "Be brief."}, {"instructions": "Be rude."}, ["instructions"]),
    "a text that nobody had written": ({}, {"description": "Mine"}, ["description"]),
    "a text taken away": ({"description": "Ours"}, {"description": ""}, ["description"]),
    "a newline at the end": ({"instructions": "a"}, {"instructions": "a\n"}, ["instructions"]),
    "line ends": ({"instructions": "a\nb"}, {"instructions": "a\r\nb"}, ["instructions"]),
    "another form of the same letters": (
        {"instructions": PRECOMPOSED},
        {"instructions": DECOMPOSED},
        ["instructions"],
    ),
    "a number": ({"temperature": 0.2}, {"temperature": 0.3}, ["temperature"]),
    "nought for nothing": ({}, {"temperature": 0}, ["temperature"]),
    "a number that nobody had written": ({}, {"top_p": 0.5}, ["top_p"]),
    "the default for a number": ({"temperature": 0.2}, {"temperature": 1.0}, ["temperature"]),
    "a format": ({}, {"response_format": {"type": "json_object"}}, ["response_format"]),
    "a format that is strict": (
        answering(schema={}),
        answering(schema={}, strict=True),
        ["response_format.json_schema.strict"],
    ),
    "a pair": ({"metadata": {"a": "1"}}, {"metadata": {"a": "2"}}, ["metadata.a"]),
    "a pair more": ({}, {"metadata": {"a": "1"}}, ["metadata"]),
    "a pair with an empty value": (
        {"metadata": {"a": "1"}},
        {"metadata": {"a": "1", "b": ""}},
        ["metadata.b"],
    ),
    "a tool more": (tools(CODE), tools(CODE, function()), ["tools.function f"]),
    "a tool less": (tools(CODE, function()), tools(CODE), ["tools.function f"]),
    "another function of the same name": (
        tools(function()),
        tools(function(), function(description="Else")),
        ["tools.function f #1"],
    ),
    "a function that is strict": (
        tools(function()),
        tools(function(strict=True)),
        ["tools.function f.function.strict"],
    ),
    "the order of what is required": (
        taking(required=["a", "b"]),
        taking(required=["b", "a"]),
        [
            "tools.function f.function.parameters.required.0",
            "tools.function f.function.parameters.required.1",
        ],
    ),
    "the order of choices": (
        taking(properties={"a": {"enum": ["x", "y"]}}),
        taking(properties={"a": {"enum": ["y", "x"]}}),
        [
            "tools.function f.function.parameters.properties.a.enum.0",
            "tools.function f.function.parameters.properties.a.enum.1",
        ],
    ),
    "a file more": (
        holding("a"),
        holding("a", "b"),
        ["tool_resources.code_interpreter.file_ids.b"],
    ),
    "a file less": (
        holding("a", "b"),
        holding("b"),
        ["tool_resources.code_interpreter.file_ids.a"],
    ),
}


@pytest.mark.parametrize("name", EDITED)
def test_an_edit_elsewhere_is_a_difference_made_there(name: str) -> None:
    """Whether the manifest says something there or not; and it is drift."""
    applied, alive, paths = EDITED[name]
    change, [drifted] = planned(applied, alive, applied, {})

    assert change.action is Action.UPDATE
    assert causes(change) == dict.fromkeys(paths, LIVE)
    assert [".".join(map(str, each.path)) for each in drifted.differences] == paths


@pytest.mark.parametrize("name", EDITED)
def test_an_edit_of_the_manifest_is_a_difference_made_by_you(name: str) -> None:
    """And it is no drift."""
    applied, declared, paths = EDITED[name]
    change, drifted = planned(applied, applied, declared, {})

    assert change.action is Action.UPDATE
    assert causes(change) == dict.fromkeys(paths, YOU)
    assert drifted == ()


@pytest.mark.parametrize("name", EDITED)
def test_the_same_edit_on_both_sides_is_no_difference(name: str) -> None:
    """There is nothing to send; only the record is brought up to date."""
    applied, changed, _ = EDITED[name]
    change, [drifted] = planned(applied, changed, changed, {})

    assert (change.action, change.differences, change.record) == (Action.NO_OP, (), True)
    assert drifted.differences


@pytest.mark.parametrize(
    ("applied", "alive", "declared", "expected"),
    [
        pytest.param(
            {"instructions": "a"},
            {"instructions": "b"},
            {"instructions": "c"},
            {"instructions": BOTH},
            id="one text",
        ),
        pytest.param(
            {}, {"description": "b"}, {"description": "c"}, {"description": BOTH}, id="new"
        ),
        pytest.param(
            {"metadata": {"a": "1", "b": "1"}},
            {"metadata": {"a": "2", "b": "1"}},
            {"metadata": {"a": "1", "b": "3"}},
            {"metadata.a": LIVE, "metadata.b": YOU},
            id="pairs",
        ),
        pytest.param(
            tools(CODE, function("f")),
            tools(CODE),
            tools(CODE, function("f"), function("g")),
            {"tools.function f": LIVE, "tools.function g": YOU},
            id="tools",
        ),
        pytest.param(
            holding("a", "b"),
            holding("b", "c"),
            holding("a", "b", "d"),
            {
                "tool_resources.code_interpreter.file_ids.a": LIVE,
                "tool_resources.code_interpreter.file_ids.c": LIVE,
                "tool_resources.code_interpreter.file_ids.d": YOU,
            },
            id="files",
        ),
        pytest.param(
            {"temperature": 1},
            {"temperature": 0.5},
            {"temperature": 0.7},
            {"temperature": BOTH},
            id="from a default",
        ),
    ],
)
def test_each_difference_has_its_own_cause(
    applied: Attributes,
    alive: Attributes,
    declared: Attributes,
    expected: dict[str, Cause],
) -> None:
    """You and somebody else may have changed different things, or the same one otherwise."""
    change, _ = planned(applied, alive, declared, {})
    assert causes(change) == expected


def test_what_the_service_filled_in_is_no_difference_while_it_stays() -> None:
    """A default of its own that is none of those known."""
    filled = {"temperature": 0.7}
    change, drifted = planned({}, filled, {}, filled)

    assert (change.action, drifted) == (Action.NO_OP, ())


def test_what_the_service_filled_in_and_somebody_changed_is_a_difference() -> None:
    """Made there."""
    change, [drifted] = planned({}, {"temperature": 0.9}, {}, {"temperature": 0.7})

    assert causes(change) == {"temperature": LIVE}
    assert drifted.differences


def test_what_the_service_filled_in_and_you_write_is_a_difference() -> None:
    """Made by you."""
    change, drifted = planned({}, {"temperature": 0.7}, {"temperature": 0.2}, {"temperature": 0.7})

    assert causes(change) == {"temperature": YOU}
    assert drifted == ()


def test_null_for_a_keyword_of_a_schema_is_nothing() -> None:
    """Whether the service keeps it is not known: either way the plan is empty."""
    optional = {"type": ["string", "null"]}
    applied = taking(properties={"a": {**optional, "default": None}})
    for alive in (applied, taking(properties={"a": optional})):
        change, drifted = planned(applied, alive, applied, {})
        assert (change.action, change.record, drifted) == (Action.NO_OP, False, ())


CHUNKS = {"type": "static", "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}}
SMALL = {"type": "static", "static": {"max_chunk_size_tokens": 400, "chunk_overlap_tokens": 100}}
HANDBOOK = Address("vectorstore", "handbook")


def planned_store(
    applied: Attributes, alive: Attributes, declared: Attributes
) -> tuple[Change, tuple[Change, ...]]:
    """Plan for a vector store with these attributes; give its change, and the drift."""
    was, now = (Resource(HANDBOOK, {"name": "h", **each}) for each in (applied, declared))
    state = record(was, "vs_1")
    found = RemoteObject("vectorstore", "vs_1", {"name": "h", **alive}, owner(HANDBOOK))
    given = situation([now], [state], [found])
    [change] = plan(given).changes
    return change, drift(given)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"file_ids": ["a", "b"]}, {"file_ids": ["b", "a", "b"]}, id="files"),
        pytest.param({}, {"file_ids": [], "expires_after": None, "metadata": {}}, id="emptiness"),
        pytest.param({}, {"status": "completed"}, id="its status"),
        pytest.param(
            {"file_ids": ["a"]},
            {"file_ids": ["a"], "chunking_strategy": CHUNKS},
            id="the default chunks",
        ),
        pytest.param(
            {"file_ids": ["a"], "chunking_strategy": {"type": "auto"}},
            {"file_ids": ["a"], "chunking_strategy": CHUNKS},
            id="auto",
        ),
    ],
)
def test_a_store_in_other_words_is_the_same(one: Attributes, other: Attributes) -> None:
    """Whether the service says it so, or the manifest."""
    for applied, alive, declared in ((one, other, one), (one, one, other), (other, one, other)):
        change, drifted = planned_store(applied, alive, declared)
        assert (change.action, change.differences, drifted) == (Action.NO_OP, (), ())


@pytest.mark.parametrize(
    ("applied", "changed", "path"),
    [
        ({}, {"metadata": {"a": "1"}}, "metadata"),
        ({"name": "h"}, {"name": "k"}, "name"),
        (
            {"expires_after": {"anchor": "last_active_at", "days": 1}},
            {"expires_after": {"anchor": "last_active_at", "days": 2}},
            "expires_after.days",
        ),
        ({"file_ids": ["a"]}, {"file_ids": ["a", "b"]}, "file_ids.b"),
        ({"file_ids": ["a", "b"]}, {"file_ids": ["b"]}, "file_ids.a"),
        ({"file_ids": ["a"]}, {"file_ids": ["a"], "chunking_strategy": SMALL}, "chunking_strategy"),
    ],
)
def test_a_change_of_a_store_has_its_cause(
    applied: Attributes, changed: Attributes, path: str
) -> None:
    """As those of assistants have."""
    by_you, no_drift = planned_store(applied, applied, changed)
    elsewhere, drifted = planned_store(applied, changed, applied)

    assert (causes(by_you), no_drift) == ({path: YOU}, ())
    assert causes(elsewhere) == {path: LIVE}
    assert drifted


def test_without_a_record_nobody_knows_who_made_a_difference() -> None:
    """An object that is ours by its tag only."""
    state = record(make_assistant(), "asst_1")
    found = situation([make_assistant(instructions="a")], [], [told(state, {"instructions": "b"})])
    [change] = plan(found).changes

    assert causes(change) == {"instructions": None}
