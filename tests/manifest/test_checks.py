"""Checks in manifests: what they are made of, and what can't go well in any conversation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from manifest_factories import (
    LOCAL,
    assistant,
    codes,
    document,
    found,
    function,
    only,
    places,
    project,
    write,
)

from provisioner.address import Address
from provisioner.check import Check
from provisioner.diagnostics import Position
from provisioner.operations.workspace import open_workspace

BOT = Address("assistant", "bot")
TOOL = document("Tool", "get-weather", {"type": "function", "function": {"name": "get_weather"}})
HELLO: dict[str, Any] = {"user": "Hello"}
TWO = project({"a": LOCAL, "b": LOCAL})


def check(*turns: Any, about: dict[str, Any] | None = None, **spec: Any) -> str:
    """Write a Check of the assistant `bot` that says these things."""
    whole = {"assistant": "bot", "turns": list(turns) or [HELLO], **spec}
    return document("Check", "greets", whole, **(about or {}))


def expecting(**expected: Any) -> str:
    """Write a Check that expects this."""
    return check({**HELLO, "expect": expected})


def checks(folder: Path, environment: str | None = None) -> list[Check]:
    """Compose an environment that has no errors."""
    return list(open_workspace(folder, environment).checks)


def test_a_check_is_a_value_with_its_assistant_and_its_place(tmp_path: Path) -> None:
    """The body is as written; nothing is declared for the service."""
    write(tmp_path, {"a.yaml": assistant(), "c.yaml": check(timeout_seconds=5)})
    spec = {"assistant": "bot", "timeout_seconds": 5, "turns": [HELLO]}

    assert checks(tmp_path) == [Check("greets", BOT, spec, Position("c.yaml", 1, 72, end=(1, 80)))]
    assert list(open_workspace(tmp_path, None).resources) == [BOT]


def test_variables_are_filled_in(tmp_path: Path) -> None:
    """In texts, and as numbers where a number is wanted."""
    variables = {"city": {"default": "Paris"}, "times": {"type": "number", "default": 3}}
    turn = {"user": "Weather in ${var.city}?", "expect": {"contains": ["${var.city}"]}}
    files = {
        "provisioner.yaml": project(variables=variables),
        "a.yaml": assistant(),
        "c.yaml": check(turn, repeat="${var.times}", at_least=2),
    }
    write(tmp_path, files)
    [made] = checks(tmp_path)

    assert made.spec["repeat"] == 3
    assert made.spec["turns"] == [{"user": "Weather in Paris?", "expect": {"contains": ["Paris"]}}]


@pytest.mark.parametrize(
    "turn",
    [
        {"user": "The token is ${var.token}"},
        {"user": "x", "tool_outputs": {"get_weather": {"a": ["${var.token}"]}}},
        {"user": "x", "expect": {"contains": "${var.token}"}},
    ],
)
def test_a_sensitive_variable_has_no_place_in_a_check(turn: dict[str, Any], tmp_path: Path) -> None:
    """What a check says and expects is shown."""
    files = {
        "provisioner.yaml": project(variables={"token": {"sensitive": True}}),
        "a.yaml": assistant(tools=[function("get_weather")]),
        "c.yaml": check(turn),
    }
    assert "M209" in codes(write(tmp_path, files))


def test_a_patch_changes_a_check(tmp_path: Path) -> None:
    """As it does any other document."""
    patched = {**LOCAL, "patches": {"check.greets": {"spec": {"timeout_seconds": 9}}}}
    files = {
        "provisioner.yaml": project({"a": LOCAL, "b": patched}),
        "a.yaml": assistant(),
        "c.yaml": check(),
    }
    write(tmp_path, files)

    assert [each.spec.get("timeout_seconds") for each in checks(tmp_path, "a")] == [None]
    assert [each.spec.get("timeout_seconds") for each in checks(tmp_path, "b")] == [9]


def test_an_unknown_assistant_is_told_where_it_is_named(tmp_path: Path) -> None:
    """And the close one is suggested."""
    text = (
        "apiVersion: provisioner/v1\nkind: Check\nmetadata: {name: greets}\nspec:\n"
        "  assistant: bott\n  turns: [{user: Hello}]\n"
    )
    write(tmp_path, {"a.yaml": assistant(), "c.yaml": text})

    assert places(tmp_path) == ["c.yaml:5:14 M202"]
    assert only(tmp_path, "M202").endswith("Did you mean bot?")


def test_a_check_follows_its_assistant(tmp_path: Path) -> None:
    """Without environments of its own it is for those of its assistant."""
    files = {
        "provisioner.yaml": TWO,
        "a.yaml": assistant(about={"environments": ["a"]}),
        "c.yaml": check(),
    }
    write(tmp_path, files)

    assert codes(tmp_path) == []
    assert [each.assistant for each in checks(tmp_path, "a")] == [BOT]
    assert checks(tmp_path, "b") == []


def test_a_check_for_an_environment_without_its_assistant_is_wrong(tmp_path: Path) -> None:
    """Somebody expects it to be held there."""
    files = {
        "provisioner.yaml": TWO,
        "a.yaml": assistant(about={"environments": ["a"]}),
        "c.yaml": check(about={"environments": ["a", "b"]}),
    }
    write(tmp_path, files)

    assert "In b: assistant.bot is not for this environment" in only(tmp_path, "M202")


def test_a_check_is_only_for_its_own_environments(tmp_path: Path) -> None:
    """What is wrong with it elsewhere is no problem."""
    files = {
        "provisioner.yaml": TWO,
        "a.yaml": assistant(),
        "c.yaml": check(about={"environments": ["a"]}),
    }
    write(tmp_path, files)

    assert len(checks(tmp_path, "a")) == 1
    assert checks(tmp_path, "b") == []


def test_a_refused_assistant_is_no_second_problem(tmp_path: Path) -> None:
    """It is declared, and its own mistake is told."""
    write(tmp_path, {"a.yaml": assistant(model=["chat"]), "c.yaml": check()})
    assert codes(tmp_path) == ["M103"]


@pytest.mark.parametrize("tool", [function("get_weather"), {"ref": "get-weather"}])
def test_functions_of_the_assistant_may_be_named(tool: dict[str, Any], tmp_path: Path) -> None:
    """Inline or shared."""
    calls = {"tool_calls": [{"name": "get_weather", "arguments": {"city": "Paris"}}]}
    turn = {**HELLO, "tool_outputs": {"get_weather": None}, "expect": calls}
    write(tmp_path, {"t.yaml": TOOL, "a.yaml": assistant(tools=[tool]), "c.yaml": check(turn)})

    assert codes(tmp_path) == []


@pytest.mark.parametrize(
    "turn",
    [
        {**HELLO, "tool_outputs": {"get_wether": 1}},
        {**HELLO, "expect": {"tool_calls": [{"name": "get_wether"}]}},
    ],
)
def test_a_function_that_the_assistant_has_not_is_an_error(
    turn: dict[str, Any], tmp_path: Path
) -> None:
    """Nobody would ever call it."""
    write(tmp_path, {"a.yaml": assistant(tools=[function("get_weather")]), "c.yaml": check(turn)})
    assert only(tmp_path, "M141").endswith("'get_wether'. Did you mean get_weather?")


def test_functions_are_those_of_the_environment(tmp_path: Path) -> None:
    """A patch may take them away."""
    patched = {**LOCAL, "patches": {"assistant.bot": {"spec": {"tools": None}}}}
    files = {
        "provisioner.yaml": project({"a": LOCAL, "b": patched}),
        "a.yaml": assistant(tools=[function("get_weather")]),
        "c.yaml": check({**HELLO, "tool_outputs": {"get_weather": 1}}),
    }
    write(tmp_path, files)

    assert (
        only(tmp_path, "M141") == "In b: assistant.bot has no function 'get_weather'. It has none."
    )


@pytest.mark.parametrize("tool", [{"ref": "nobody"}, {"type": "function", "function": {}}])
def test_functions_that_a_mistake_hides_are_no_second_problem(
    tool: dict[str, Any], tmp_path: Path
) -> None:
    """The function may be the very one whose tool has a problem."""
    turn = {**HELLO, "tool_outputs": {"get_weather": 1}}
    write(tmp_path, {"a.yaml": assistant(tools=[tool]), "c.yaml": check(turn)})
    assert len(found(tmp_path)) == 1


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(\\d+", "missing ), unterminated subpattern at character 1."),
        ("a**", "multiple repeat at character 3."),
        ("x{99999999999999}", "the repetition number is too large."),
        ("(?<=a+)b", "look-behind requires fixed-width pattern."),
    ],
)
def test_a_pattern_must_compile(pattern: str, said: str, tmp_path: Path) -> None:
    """Also inside of the schema of an answer, as value and as key."""
    for number, expected in enumerate(
        (
            {"matches": pattern},
            {"matches": ["a", pattern]},
            {"json_schema": {"items": {"pattern": pattern}}},
            {"json_schema": {"patternProperties": {pattern: {}}}},
        )
    ):
        folder = tmp_path / str(number)
        write(folder, {"a.yaml": assistant(), "c.yaml": expecting(**expected)})
        assert said in only(folder, "M140")


def test_an_odd_pattern_is_no_mistake(tmp_path: Path) -> None:
    """What Python only warns of is taken as it is, without a word."""
    write(tmp_path, {"a.yaml": assistant(), "c.yaml": expecting(matches="[[a]")})
    assert codes(tmp_path) == []


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"repeat": 3, "at_least": 3}, []),
        ({"repeat": 3, "at_least": 4}, ["M142"]),
        ({"at_least": 1}, []),
        ({"at_least": 2}, ["M142"]),
    ],
)
def test_no_more_conversations_go_well_than_are_held(
    spec: dict[str, Any], expected: list[str], tmp_path: Path
) -> None:
    """Left out, `repeat` is 1."""
    write(tmp_path, {"a.yaml": assistant(), "c.yaml": check(**spec)})
    assert codes(tmp_path) == expected


def test_the_schema_of_an_answer_is_not_read_by_a_model(tmp_path: Path) -> None:
    """It may leave properties undescribed, and be of any type."""
    schema = {"type": "array", "contains": {"required": ["title"], "properties": {}}}
    write(tmp_path, {"a.yaml": assistant(), "c.yaml": expecting(json_schema=schema)})
    assert codes(tmp_path) == []
