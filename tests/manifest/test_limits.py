"""The service's limits: each at its edge, and one above."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from manifest_factories import (
    LOCAL,
    OLD,
    assistant,
    code_interpreter,
    codes,
    document,
    function,
    only,
    places,
    project,
    write,
)

LATE = {"provider": {"type": "emulator", "api_version": "2024-08-01-preview"}}


def codes_of(folder: Path, environments: dict[str, Any] | None = None, **spec: Any) -> list[str]:
    """Validate one assistant."""
    return codes(
        write(folder, {"provisioner.yaml": project(environments), "a.yaml": assistant(**spec)})
    )


@pytest.mark.parametrize(
    ("edge", "above", "code"),
    [
        ({"name": "ä" * 256}, {"name": "ä" * 257}, "M105"),
        ({"description": "x" * 512}, {"description": "x" * 513}, "M105"),
        (
            {"tools": [function(f"f{n}") for n in range(128)]},
            {"tools": [function(f"f{n}") for n in range(129)]},
            "M105",
        ),
        (
            {"tools": [code_interpreter(*({"id": f"assistant-{n}"} for n in range(20)))]},
            {"tools": [code_interpreter(*({"id": f"assistant-{n}"} for n in range(21)))]},
            "M105",
        ),
        (
            {"metadata": {f"k{n}": "" for n in range(14)}},
            {"metadata": {f"k{n}": "" for n in range(15)}},
            "M105",
        ),
        ({"metadata": {"k" * 64: "x"}}, {"metadata": {"k" * 65: "x"}}, "M106"),
        ({"metadata": {"k": "x" * 512}}, {"metadata": {"k": "x" * 513}}, "M105"),
        ({"tools": [function("f" * 64)]}, {"tools": [function("f" * 65)]}, "M104"),
        (
            {"tools": [function("f", description="x" * 1024)]},
            {"tools": [function("f", description="x" * 1025)]},
            "M105",
        ),
        ({"temperature": 2}, {"temperature": 2.01}, "M104"),
        ({"temperature": 0}, {"temperature": -0.01}, "M104"),
        ({"top_p": 1}, {"top_p": 1.01}, "M104"),
        ({"instructions": "x" * 32_768}, {"instructions": "x" * 256_001}, "M401"),
        ({"model": "x"}, {"model": ""}, "M105"),
    ],
)
def test_a_limit_holds_at_its_edge(
    edge: dict[str, Any], above: dict[str, Any], code: str, tmp_path: Path
) -> None:
    """The edge is allowed, one more isn't."""
    assert codes_of(tmp_path, **edge) == []
    assert codes_of(tmp_path, **above) == [code]


@pytest.mark.parametrize("name", ["", "a b", "a.b", "ä", "a\n", "a/b"])
def test_function_names_have_a_form(name: str, tmp_path: Path) -> None:
    """Letters, digits, underscores and hyphens."""
    assert codes_of(tmp_path, tools=[function(name)]) == ["M104"]


def test_function_names_may_use_all_of_it(tmp_path: Path) -> None:
    """Capitals and digits first, too."""
    assert codes_of(tmp_path, tools=[function("0_Get-Weather")]) == []


@pytest.mark.parametrize(
    ("size", "expected"),
    [(32_768, []), (32_769, ["M402"]), (256_000, ["M402"]), (256_001, ["M401"])],
)
def test_long_instructions_on_v2(size: int, expected: list[str], tmp_path: Path) -> None:
    """Azure documents less for an update than for a create: a warning between the two."""
    assert codes_of(tmp_path, instructions="ä" * size) == expected


@pytest.mark.parametrize(("size", "expected"), [(32_768, []), (32_769, ["M401"])])
def test_long_instructions_on_v1(size: int, expected: list[str], tmp_path: Path) -> None:
    """The first generation took less."""
    assert codes_of(tmp_path, {"old": OLD}, instructions="x" * size) == expected


def test_instructions_are_measured_composed(tmp_path: Path) -> None:
    """Parts and the blank lines between them."""
    write(
        tmp_path,
        {
            "a.yaml": assistant(instructions=["x" * 200_000, {"file": "b.md"}]),
            "b.md": "y" * 55_999,
        },
    )

    assert "they have 256,001 characters" in only(tmp_path, "M401")


@pytest.mark.parametrize(
    ("spec", "what"),
    [
        ({"temperature": 1}, "`temperature`"),
        ({"top_p": 0.5}, "`top_p`"),
        ({"response_format": "auto"}, "`response_format`"),
        ({"tools": [{"type": "file_search"}]}, "`file_search`"),
        ({"tools": [function("f", strict=True)]}, "`strict`"),
        ({"tools": [{"ref": "shared"}]}, "`strict`"),
    ],
)
def test_what_came_with_v2_is_an_error_on_v1(
    spec: dict[str, Any], what: str, tmp_path: Path
) -> None:
    """Not silence; also where a shared Tool brings it."""
    shared = document("Tool", "shared", function("g", strict=False))
    write(
        tmp_path,
        {
            "provisioner.yaml": project({"new": {**LATE, "models": {"chat": "x"}}, "old": OLD}),
            "a.yaml": assistant(**spec),
            "b.yaml": shared,
        },
    )

    assert only(tmp_path, "M405").startswith(f"In old: {what} came with ")
    assert not codes(tmp_path, "new")


def test_max_num_results_came_later(tmp_path: Path) -> None:
    """From 2024-07-01-preview on; the error stands at the field."""
    tool = {"type": "file_search", "max_num_results": 8}

    assert codes_of(tmp_path, {"new": LOCAL}, tools=[tool]) == ["M405"]
    assert codes_of(tmp_path, {"late": {**LATE, "models": {"chat": "x"}}}, tools=[tool]) == []


@pytest.mark.parametrize(
    "spec",
    [
        {"tools": [function("f", strict=True)]},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {}}}},
    ],
)
def test_structured_outputs_came_later(spec: dict[str, Any], tmp_path: Path) -> None:
    """2024-08-01-preview brought `strict` and json_schema."""
    assert codes_of(tmp_path, {"new": LOCAL}, **spec) == ["M405"]
    assert codes_of(tmp_path, {"late": {**LATE, "models": {"chat": "x"}}}, **spec) == []


def test_a_function_name_is_used_once(tmp_path: Path) -> None:
    """Told at each place; positions stay true beside a reference that leads to nothing."""
    text = (
        "apiVersion: provisioner/v1\nkind: Assistant\nmetadata: {name: bot}\nspec:\n  model: chat\n"
        "  tools:\n    - {ref: nothing}\n    - {ref: shared}\n"
        "    - {type: function, function: {name: g}}\n"
    )
    write(tmp_path, {"a.yaml": text, "b.yaml": document("Tool", "shared", function("g"))})

    assert places(tmp_path) == ["a.yaml:7:13 M202", "a.yaml:8:7 M403", "a.yaml:9:7 M403"]


def test_a_tool_is_given_once(tmp_path: Path) -> None:
    """Two code interpreters are one with the files of both."""
    assert codes_of(tmp_path, tools=[{"type": "code_interpreter"}] * 2) == ["M406", "M406"]


def test_problems_are_told_once_for_all_environments(tmp_path: Path) -> None:
    """Unless they differ."""
    write(
        tmp_path,
        {
            "provisioner.yaml": project({"a": LOCAL, "b": LOCAL, "c": OLD}),
            "a.yaml": assistant(tools=[{"ref": "nothing"}], temperature=1),
        },
    )

    assert sorted(codes(tmp_path)) == ["M202", "M405"]
