"""Verdicts of checks: for people, for programs, and for pipelines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import xmlschema
from check_samples import HOSTILE, LATE, UNHELD, VERDICTS, WELL, WRONG, check
from jsonschema import Draft202012Validator

from provisioner.conversation import Call, Code, LiveFile
from provisioner.conversations.turn import Footnote, Produced
from provisioner.conversations.verdict import Held, Outcome, TurnVerdict, Verdict
from provisioner.views import checks_json, checks_text, junit

Golden = Callable[[str, str], None]
SCHEMAS = json.loads((Path(__file__).parent / "machine.schema.json").read_text(encoding="utf-8"))
NOW = 1_700_000_000.5
HELD = (WELL, WRONG, LATE, UNHELD)


def outcome(*held: Held, **more: object) -> Outcome:
    """Tell how a check has ended of which these conversations were held."""
    return Verdict(check("x", "Hi", repeat=len(held), **more), held).outcome


def test_so_many_conversations_must_go_well() -> None:
    """All, or `at_least`; what could not be held is an error only where it would decide."""
    assert outcome(WELL, WELL) is Outcome.PASSED
    assert outcome(WELL, WRONG) is Outcome.FAILED
    assert outcome(WELL, LATE) is Outcome.FAILED
    assert outcome(WELL, UNHELD) is Outcome.ERROR
    assert outcome(WELL, WRONG, at_least=1) is Outcome.PASSED
    assert outcome(WELL, UNHELD, at_least=1) is Outcome.PASSED
    assert outcome(WRONG, UNHELD) is Outcome.FAILED
    assert outcome(WRONG, UNHELD, at_least=1) is Outcome.ERROR


def test_verdicts_read_as_they_should(golden: Golden) -> None:
    """One line for what passed; reasons and transcripts for what didn't."""
    golden("checks.txt", checks_text.render(VERDICTS, color=False))


def test_json_follows_its_schema(golden: Golden) -> None:
    """With every conversation, also of what passed."""
    text = checks_json.render(VERDICTS, "shop", "prod")
    Draft202012Validator({**SCHEMAS, "$ref": "#/$defs/checks"}).validate(json.loads(text))
    golden("checks.json", text)


def test_junit_reads_as_it_should(golden: Golden) -> None:
    """A testsuite for each check, a testcase for each turn."""
    golden("checks.junit.xml", junit.render(VERDICTS, "prod", NOW))


EVERYTHING = "".join(map(chr, (*range(0x250), 0xD83D, 0xFFFE, 0xFFFF, 0x1F600, 0xE0041)))
"""Characters that no XML may hold, and others."""
SAYS_EVERYTHING = replace(
    HOSTILE,
    said=EVERYTHING,
    error=EVERYTHING,
    answer=EVERYTHING,
    calls=(Call("c", EVERYTHING, EVERYTHING, EVERYTHING),),
    code=(Code(EVERYTHING, (EVERYTHING,), ()),),
    files=(Produced(LiveFile("f", EVERYTHING, is_output=True), None),),
    footnotes=(Footnote(0, "f", EVERYTHING, is_path=True, quote=EVERYTHING),),
)
TOLD = Held(
    (TurnVerdict(SAYS_EVERYTHING, (EVERYTHING,)),), UNHELD.problems, timed_out=False, seconds=9
)


@pytest.mark.parametrize(
    "verdicts",
    [
        VERDICTS,
        [],
        [Verdict(check("x", EVERYTHING, "\n", " "), (TOLD,))],
        [Verdict(check("x", "Hi", repeat=2, at_least=1), each) for each in product(HELD, HELD)],
    ],
    ids=["samples", "none", "everything", "pairs"],
)
def test_junit_follows_its_schema(verdicts: list[Verdict]) -> None:
    """Whatever came of the checks, and whatever was said in them."""
    text = junit.render(verdicts, "prod", NOW)

    xmlschema.XMLSchema(str(Path(__file__).parent / "junit.xsd")).validate(text)


def test_junit_counts_what_it_holds() -> None:
    """A testsuite for each check, whose sums no schema can hold."""
    root = ET.fromstring(junit.render(VERDICTS, "prod", NOW))  # noqa: S314 — our own
    for number, suite in enumerate(root):
        assert suite.get("id") == str(number)
        assert suite.get("tests") == str(len(suite.findall("testcase")))
        for word, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert suite.get(count) == str(len(suite.findall(f"testcase/{word}")))


def test_a_failure_has_its_transcript() -> None:
    """And its message says why, turn by turn."""
    root = ET.fromstring(junit.render(VERDICTS, "prod", NOW))  # noqa: S314 — our own
    first, second, third = root[2].findall("testcase")
    (failure,) = second

    assert list(first) == []
    assert "turn 2: status is failed, expected completed" in failure.get("message", "")
    assert "R027" in failure.get("message", "")
    assert "user: Draw a sine wave,\n" in (failure.text or "")
    assert [each.tag for each in third] == ["skipped"]


def test_nothing_of_a_model_harms_who_reads_it() -> None:
    """No escape sequences, no orders to a pipeline, no XML of its own."""
    texts = [checks_text.render(VERDICTS, color=False), junit.render(VERDICTS, "prod", NOW)]
    for text in (*texts, checks_json.render(VERDICTS, "shop", "prod")):
        assert "\x1b" not in text
        assert "##[" not in text
        assert not re.search(r"^\s*::", text, re.MULTILINE)
    assert "\uffff" not in texts[1]
