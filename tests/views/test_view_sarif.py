"""Diagnostics as SARIF: what code scanning makes of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, Position, error, warning
from provisioner.source import Source
from provisioner.views import sarif

SCHEMAS = json.loads((Path(__file__).parent / "machine.schema.json").read_text(encoding="utf-8"))
TEXT = "spec:\n  modell: chat\n  tools:\n    - {ref: a}\n    - {ref: a}\n"
SAMPLES: list[Diagnostic] = [
    error(
        "M202", "Unknown reference", "Nothing declares a.", Position("b c/ä#1.yaml", 4, 13, (4, 14))
    ),
    error(
        "M202", "Unknown reference", "Nothing declares a.", Position("b c/ä#1.yaml", 5, 13, (5, 14))
    ),
    error("M101", "Unknown field", "No modell.", Position("b c/ä#1.yaml", 2, 3, (2, 9))),
    warning("M402", "May be too long", "They have 40,000.", Position("b c/ä#1.yaml", 3, 3)),
    error("M010", "No project here", "Begin one.", address=Address("assistant", "bot")),
]
SOURCES = {"b c/ä#1.yaml": Source.of(TEXT)}


def run(diagnostics: list[Diagnostic], text: str = TEXT, prefix: str = "") -> Any:
    """Render, and give the one run."""
    sources = {"b c/ä#1.yaml": Source.of(text)}
    return json.loads(sarif.render(diagnostics, sources, prefix))["runs"][0]


def fingerprints(diagnostics: list[Diagnostic], text: str) -> list[str]:
    """Give what each result is known by."""
    results = run(diagnostics, text)["results"]
    return [each["partialFingerprints"]["primaryLocationLineHash"] for each in results]


def test_sarif_follows_our_schema_too(golden: Callable[[str, str], None]) -> None:
    """Its own schema is tested where Node.js is at hand."""
    text = sarif.render(SAMPLES, SOURCES, "infra/")
    Draft202012Validator({**SCHEMAS, "$ref": "#/$defs/sarif"}).validate(json.loads(text))
    golden("diagnostics.sarif", text)


def test_every_result_has_its_rule() -> None:
    """A rule for each code that occurs, once."""
    made = run(SAMPLES)
    rules = made["tool"]["driver"]["rules"]

    assert [each["id"] for each in rules] == ["M010", "M101", "M202", "M402"]
    for result in made["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    levels = {each["id"]: each["defaultConfiguration"]["level"] for each in rules}
    assert levels == {"M010": "error", "M101": "error", "M202": "error", "M402": "warning"}


def test_a_path_is_a_uri_from_the_repository_on() -> None:
    """Percent-encoded, with forward slashes."""
    (place, *_) = run(SAMPLES, prefix="teams/a b/")["results"][0]["locations"]

    assert place["physicalLocation"]["artifactLocation"] == {
        "uri": "teams/a%20b/b%20c/%C3%A4%231.yaml",
        "uriBaseId": "%SRCROOT%",
    }


def test_a_problem_is_known_again_when_lines_move() -> None:
    """Lines above it, and what its detail says of line numbers, don't matter."""
    moved = [
        error(
            each.code,
            each.summary,
            "At another line.",
            Position(
                each.position.path,
                each.position.line + 2,
                each.position.column,
                each.position.end and (each.position.end[0] + 2, each.position.end[1]),
            ),
        )
        for each in SAMPLES[:3]
        if each.position
    ]

    before = fingerprints(SAMPLES[:3], TEXT)
    assert fingerprints(moved, "# one\n# two\n" + TEXT) == before
    assert len(set(before)) == 3


def test_another_problem_has_another_fingerprint() -> None:
    """Of another code, line, or place on the line."""
    base = Position("b c/ä#1.yaml", 4, 8, (4, 11))
    found = [
        error("M101", "Unknown field", "x", base),
        error("M102", "Field is missing", "x", base),
        error("M101", "Unknown field", "x", Position("b c/ä#1.yaml", 4, 13, (4, 14))),
        error("M101", "Unknown field", "x", Position("b c/ä#1.yaml", 2, 3, (2, 9))),
        error("M101", "Unknown field", "x", Position("gone.yaml", 2, 3, (2, 9))),
    ]

    assert len(set(fingerprints(found, TEXT))) == len(found)
