"""Verdicts of checks: for people, for programs, and for pipelines."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

from check_samples import LATE, UNHELD, VERDICTS, WELL, WRONG, check
from jsonschema import Draft202012Validator

from provisioner.conversations.verdict import Held, Outcome, Verdict
from provisioner.views import checks_json, checks_text, junit

Golden = Callable[[str, str], None]
SCHEMAS = json.loads((Path(__file__).parent / "machine.schema.json").read_text(encoding="utf-8"))
NOW = 1_700_000_000.5


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


def test_junit_is_what_its_schemas_ask_for() -> None:
    """Ant's, which is the strictest: members in order, attributes that must be, sums that hold."""
    text = junit.render(VERDICTS, "prod", NOW)
    root = ET.fromstring(text)  # noqa: S314 — our own
    assert (root.tag, root.attrib) == ("testsuites", {})
    for number, suite in enumerate(root):
        cases = suite.findall("testcase")
        members = ["properties", *["testcase"] * len(cases), "system-out", "system-err"]
        assert [each.tag for each in suite] == members
        assert suite.attrib.keys() == SUITE
        assert suite.get("id") == str(number)
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", suite.get("timestamp", ""))
        for word, count in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert suite.get(count) == str(len(suite.findall(f"testcase/{word}")))
        for case in cases:
            assert case.attrib.keys() == {"name", "classname", "time"}
            assert len(case) <= 1
            assert all(each.tag == "skipped" or each.get("type") for each in case)


SUITE = {
    *("name", "package", "id", "hostname", "timestamp"),
    *("tests", "failures", "errors", "skipped", "time"),
}


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
