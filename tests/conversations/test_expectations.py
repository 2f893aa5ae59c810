"""Expectations, held against what came of a turn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from provisioner.conversation import Call, LiveFile
from provisioner.conversations.expectations import is_part, unmet
from provisioner.conversations.turn import Produced, Turn

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 92
TURN = Turn(
    said="Hi",
    thread="thread_1",
    run="run_1",
    status="completed",
    error="",
    request_id=None,
    answer="It is 21 °C in Paris [0].",
    raw='{"city": "Paris", "temperature": 21}',
    footnotes=(),
    files=(
        Produced(LiveFile("f1", "a1b2", is_output=True), PNG),
        Produced(LiveFile("f2", "/mnt/data/t.csv", is_output=True), b"a,b\n"),
    ),
    code=(),
    calls=(Call("c1", "get_weather", '{"city": "Paris", "at": {"hour": 7, "zone": "CET"}}', "21"),),
    steps=2,
    seconds=1.5,
)

MET: list[dict[str, Any]] = [
    {},
    {"status": "completed"},
    {"contains": "Paris"},
    {"contains": ["Paris", "21"], "not_contains": ["sorry", "paris"]},
    {"matches": r"\d+ °C"},
    {"matches": ["^It", r"\[0\]\.$"]},
    {"json_schema": {"type": "object", "required": ["temperature"]}},
    {"files": [{}]},
    {"files": [{"type": "image/png"}, {"type": "text/csv"}, {"type": "application/csv"}]},
    {"files": [{"min": 2}, {"type": "image/png", "min_bytes": 100}]},
    {"tool_calls": [{"name": "get_weather"}]},
    {"tool_calls": [{"name": "get_weather", "arguments": {"at": {"hour": 7}}}]},
    {"max_steps": 2, "max_seconds": 1.5},
]

UNMET: list[tuple[dict[str, Any], str]] = [
    ({"status": "failed"}, "status is completed, expected failed"),
    ({"contains": ["Rome", "21"]}, 'answer doesn\'t contain "Rome"'),
    ({"not_contains": "Paris"}, 'answer contains "Paris"'),
    ({"matches": "^Paris"}, 'nothing in the answer matches "^Paris"'),
    (
        {"json_schema": {"properties": {"city": {"enum": ["Rome"]}}}},
        "answer doesn't follow json_schema: city: 'Paris' is not one of ['Rome']",
    ),
    (
        {"json_schema": {"$ref": "http://127.0.0.1:9/x.json"}},
        "json_schema can't be followed: ",
    ),
    (
        {"files": [{"min": 3}]},
        "2 files, expected at least 3; produced: a1b2 (image/png, 100 bytes)",
    ),
    ({"files": [{"type": "image/jpeg"}]}, "0 files of type image/jpeg, expected at least 1; "),
    ({"files": [{"min_bytes": 101}]}, "0 files with at least 101 bytes, expected at least 1; "),
    (
        {"tool_calls": [{"name": "get_weather", "arguments": {"city": "Rome"}}]},
        'no call get_weather({"city": "Rome"}); called: get_weather({"city": "Paris", ',
    ),
    ({"tool_calls": [{"name": "convert"}]}, "no call convert(); called: get_weather("),
    ({"max_steps": 1}, "2 steps, expected at most 1"),
    ({"max_seconds": 1}, "took 1.5 s, expected at most 1 s"),
]


@pytest.mark.parametrize("expected", MET, ids=str)
def test_what_is_as_it_must_be_is_not_told(expected: dict[str, Any]) -> None:
    """Each expectation, met."""
    assert unmet(expected, TURN) == []


@pytest.mark.parametrize(("expected", "told"), UNMET, ids=str)
def test_what_is_not_as_it_must_be_is_told_in_one_sentence(
    expected: dict[str, Any], told: str
) -> None:
    """Each expectation, unmet; beside what was found."""
    (found,) = unmet(expected, TURN)

    assert found.startswith(told)


def test_left_out_a_run_must_complete() -> None:
    """And why it didn't is told."""
    turn = replace(TURN, status="failed", error="server_error: Sorry")

    assert unmet({}, turn) == ["status is failed (server_error: Sorry), expected completed"]


def test_everything_unmet_is_told_at_once() -> None:
    """One expectation doesn't hide another."""
    assert len(unmet({"contains": ["a1", "b2"], "matches": "x{9}", "max_steps": 1}, TURN)) == 4


@pytest.mark.parametrize("raw", ["It is 21.", "", "[1, 2", "NaN", "[" * 300], ids=repr)
def test_an_answer_that_is_no_json_is_told(raw: str) -> None:
    """Whatever a model writes."""
    (found,) = unmet({"json_schema": {}}, replace(TURN, raw=raw))

    assert found.startswith("answer is no JSON: ")


@pytest.mark.parametrize("arguments", ["{oops", "[" * 100_000], ids=["broken", "deep"])
def test_arguments_that_are_no_json_are_no_mistake_of_the_check(arguments: str) -> None:
    """A model may write anything; the call is there, its arguments aren't."""
    turn = replace(TURN, calls=(Call("c1", "f", arguments, None),))

    assert unmet({"tool_calls": [{"name": "f"}]}, turn) == []
    assert unmet({"tool_calls": [{"name": "f", "arguments": {"a": 1}}]}, turn)


@pytest.mark.parametrize(
    ("wanted", "found", "expected"),
    [
        ({}, {"a": 1}, True),
        ({}, "text", False),
        ({"a": 1}, {"a": 1.0, "b": 2}, True),
        ({"a": 1}, {"a": True}, False),
        ({"a": None}, {}, False),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2, "c": 3}]}, True),
        ({"a": [1]}, {"a": [1, 2]}, False),
        ({"a": {"b": 1}}, {"a": 1}, False),
    ],
)
def test_arguments_match_in_part(wanted: Any, found: Any, expected: bool) -> None:
    """Maps may have more; lists are whole; true is no 1."""
    assert is_part(wanted, found) is expected
