"""Diagnostics: where, what, and what to do."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import click
from jsonschema import Draft202012Validator

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, Position, error, warning
from provisioner.source import Source
from provisioner.views import diagnostics

Golden = Callable[[str, str], None]
SCHEMAS = json.loads((Path(__file__).parent / "machine.schema.json").read_text(encoding="utf-8"))
SAMPLES: list[Diagnostic] = [
    error(
        "P102",
        "Saved plan is stale",
        "These have changed since the plan was made:\n\n  - assistant.analyst: instructions\n\n"
        "Make a new plan and apply that.",
        address=Address("assistant", "analyst"),
    ),
    warning("M310", "Unused variable", "Nothing uses var.limit.", Position("b.yaml", 3, 1, (4, 2))),
    error(
        "M104",
        "Unknown field",
        "spec.temprature isn't a field of Assistant, whose fields are described in "
        "docs/a/very/long/path/that-nobody/wants/to-see/broken-over-two-lines/assistant.md#fields. "
        "Did you mean temperature?",
        Position("a.yaml", 12, 3, (12, 13)),
        Address("assistant", "analyst"),
    ),
    error("M105", "Missing field", "Say spec.model.", Position("a.yaml", 2, 1)),
]
SOURCES = {
    "a.yaml": Source.of("# Größe\nspec:\n" + "\n" * 9 + "  temprature: 0.2  # warm\n"),
    "b.yaml": Source.of("spec:\n  variables:\nlimit: {\n}\n"),
}


def test_diagnostics_read_as_they_should(golden: Golden) -> None:
    """Positions come first and in order; what has none follows."""
    golden("diagnostics.txt", diagnostics.text(SAMPLES, SOURCES, color=False))


def test_colours_add_nothing_but_colours() -> None:
    """Without its escape sequences the coloured text is the plain one."""
    colored = diagnostics.text(SAMPLES, SOURCES, color=True)
    assert colored != click.unstyle(colored)
    assert click.unstyle(colored) == diagnostics.text(SAMPLES, SOURCES, color=False)


def test_nothing_is_shown_of_nothing() -> None:
    """No diagnostics, no text."""
    assert diagnostics.text([], color=False) == ""


def test_diagnostics_are_counted() -> None:
    """Errors and warnings are counted apart; what doesn't occur isn't mentioned."""
    assert diagnostics.summary(SAMPLES) == "3 errors, 1 warning"
    assert diagnostics.summary(SAMPLES[1:2]) == "1 warning"
    assert diagnostics.summary([]) == "no problems"


def test_messages_of_the_service_are_escaped() -> None:
    """A detail that came from outside can't control the terminal."""
    text = diagnostics.text([error("R001", "a\x1bb\nc", "\x1b[2J\u202e\r")], color=False)
    assert text == "Error: a\\x1bb\\nc [R001]\n  \\x1b[2J\\u202e\\r\n"


def test_json_follows_its_schema(golden: Golden) -> None:
    """Programs get Terraform's shape and the code."""
    text = diagnostics.as_json(SAMPLES, SOURCES)
    Draft202012Validator({**SCHEMAS, "$ref": "#/$defs/diagnostics"}).validate(json.loads(text))
    golden("diagnostics.json", text)


def test_warnings_alone_are_valid() -> None:
    """Only errors make manifests invalid."""
    assert json.loads(diagnostics.as_json(SAMPLES[1:2]))["valid"] is True
