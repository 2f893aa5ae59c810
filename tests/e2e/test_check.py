"""Checks: conversations that must go well, by exit code, text, JSON and JUnit."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from conversing import assert_nothing_left, check, mostly_v2
from processes import started
from projects import Project

GOOD = check(
    "good",
    '{user: Create a visualization, expect: {files: [{type: image/png, min: 1}], contains: "sine",'
    " max_steps: 2}}",
    "{user: Cite it, expect: {files: [{type: text/csv, min_bytes: 3}], not_contains: 【}}",
    "{user: The weather?, tool_outputs: {get_weather: {c: 21}, get_time: noon},"
    " expect: {tool_calls: [{name: get_weather, arguments: {city: Paris}}], matches: 'at noon'}}",
)
BAD = check("bad", "{user: Cite it}", "{user: Hello, expect: {contains: Goodbye}}", "{user: More}")


COUNTS = ("tests", "failures", "errors", "skipped")


def report(path: Path) -> ET.Element:
    """Read a report."""
    return ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 — our own


def test_checks_that_pass_and_fail(talker: Project) -> None:
    """Each is told in text, in JSON and in JUnit; one that fails with its transcript."""
    talker.write("checks.yaml", GOOD + BAD)
    result = talker.run("check", "--junit", "report/junit.xml")

    assert result.code == 1
    assert "PASS  good (assistant.bot, " in result.out
    assert "FAIL  bad (assistant.bot, " in result.out
    assert '  turn 2: answer doesn\'t contain "Goodbye"' in result.out
    assert "assistant: This is the emulator, not a model. You said: Hello" in result.out
    assert "Checks: 1 passed, 1 failed, 0 could not be held." in result.out
    suites = report(talker.folder / "report" / "junit.xml")
    counted = {each.get("name"): [each.get(key) for key in COUNTS] for each in suites}
    assert counted == {"bad": ["3", "1", "0", "1"], "good": ["3", "0", "0", "0"]}
    files = [each["filename"] for each in talker.service.files()]
    assert files == ["facts.txt"], "nothing that a conversation has made is left"


@mostly_v2
def test_json_tells_all_that_was_said_and_done(talker: Project) -> None:
    """Of the named checks only."""
    talker.write("checks.yaml", GOOD + BAD)
    result = talker.run("check", "good", "--format", "json")

    assert result.code == 0, result.out
    (told,) = result.json["checks"]
    first, _, third = told["conversations"][0]["turns"]
    assert (told["name"], told["outcome"], told["went_well"]) == ("good", "passed", 1)
    assert (first["files"][0]["type"], first["files"][0]["bytes"]) == ("image/png", 8)
    assert [each["output"] for each in third["tool_calls"]] == ['{"c": 21}', "noon"]


def test_what_is_expected_to_go_wrong_may(talker: Project) -> None:
    """Each end of a run is a status that a check can want."""
    wanted = {"Fail": "failed", "Expire": "expired", "The weather?": "requires_action"}
    turns = [f"{{user: {said!r}, expect: {{status: {it}}}}}" for said, it in wanted.items()]
    talker.write("checks.yaml", check("ends", *turns, "{user: Hello}"))

    result = talker.run("check")
    assert result.code == 0, result.out


def test_what_an_incomplete_answer_has_may_be_expected(talker_v2: Project) -> None:
    """v1 knows no such end."""
    expected = "{status: incomplete, contains: It was}"
    talker_v2.write("checks.yaml", check("short", f"{{user: Long, expect: {expected}}}"))

    assert talker_v2.run("check").code == 0


@mostly_v2
def test_answers_are_held_with_their_numbers(talker: Project) -> None:
    """Marks that overlap make way together, and footnotes are no part of the answer."""
    expected = "{contains: 'is [0] [1], and so [2].', not_contains: [【, facts.txt]}"
    talker.write("checks.yaml", check("marks", f"{{user: Overlap, expect: {expected}}}"))
    result = talker.run("check", "--format", "json")

    assert result.code == 0, result.out
    (turn,) = result.json["checks"][0]["conversations"][0]["turns"]
    assert [each["filename"] for each in turn["footnotes"]] == ["facts.txt"] * 3


@mostly_v2
def test_of_several_conversations_some_may_go_wrong(talker: Project) -> None:
    """`at_least` of `repeat` decide, each in a thread of its own."""
    turns = ("{user: Sometimes}", "{user: Sometimes, expect: {contains: Yes}}")
    good = "{user: Sometimes, expect: {contains: Yes}}"
    talker.write(
        "checks.yaml",
        check("own-threads", good, more="  repeat: 3\n")
        + check("never", *turns, more="  repeat: 3\n  at_least: 1\n"),
    )
    result = talker.run("check", "--format", "json")

    assert result.code == 1
    counts = {each["name"]: (each["went_well"], each["outcome"]) for each in result.json["checks"]}
    assert counts == {"never": (0, "failed"), "own-threads": (3, "passed")}


@mostly_v2
def test_a_conversation_that_takes_too_long_has_failed(talker: Project) -> None:
    """After `timeout_seconds`; the turn that it was in is a failure in JUnit."""
    talker.write(
        "checks.yaml",
        check("slow", "{user: Hello}", "{user: Draw and wait}", more="  timeout_seconds: 3\n"),
    )
    result = talker.run("check", "--junit", "junit.xml")

    assert result.code == 1
    assert "R027" in result.out
    _, slow = report(talker.folder / "junit.xml").iter("testcase")
    failure = slow.find("failure")
    assert failure is not None
    assert "R027" in failure.get("message", "")
    assert_nothing_left(talker)


def test_a_check_that_cannot_be_held_is_an_error(talker_v2: Project) -> None:
    """It doesn't keep others from being held."""
    talker_v2.write("checks.yaml", GOOD + check("late", "{user: Hello}").replace("bot", "new"))
    talker_v2.write(
        "new.yaml",
        "apiVersion: provisioner/v1\nkind: Assistant\nmetadata: {name: new}\nspec: {model: chat}\n",
    )
    result = talker_v2.run("check", "--junit", "junit.xml")

    assert result.code == 1
    assert "PASS  good" in result.out
    assert "ERROR late" in result.out
    assert "apply first" in result.out
    errors = [each.get("errors") for each in report(talker_v2.folder / "junit.xml")]
    assert errors == ["0", "1"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(("check", "goood"), "P066"), (("check", "good", "--junit", "bot.yaml/x.xml"), "P067")],
)
def test_what_cannot_be_done_is_told_with_a_code(
    talker_v2: Project, arguments: tuple[str, ...], code: str
) -> None:
    """A report that can't be written loses no verdict."""
    talker_v2.write("checks.yaml", GOOD)
    result = talker_v2.run(*arguments)

    assert result.code == 1
    assert f"[{code}]" in result.err
    assert ("PASS" in result.out) is (code == "P067")


def test_without_checks_there_is_nothing_to_fail(talker_v2: Project) -> None:
    """That is said, and is fine; JSON is JSON all the same."""
    talker_v2.write("checks.yaml", "")
    result = talker_v2.run("check", "--format", "json")

    assert result.code == 0
    assert "No checks are declared for test." in result.err
    assert (result.json["passed"], result.json["checks"]) == (True, [])


@mostly_v2
def test_a_signal_ends_all_conversations_and_tells_what_there_is(talker: Project) -> None:
    """Everything at the service is cleaned up."""
    talker.write(
        "checks.yaml", check("slow", "{user: Cite it}", "{user: Forever}", more="  repeat: 2\n")
    )
    with started(talker, "check", "--format", "json") as run:
        run.wait_for("Holding the conversations")
        os.kill(run.process.pid, signal.SIGINT)
        code, out, _ = run.end()

    assert code == 1
    (told,) = json.loads(out)["checks"]
    assert told["outcome"] == "error"
    assert {each["code"] for one in told["conversations"] for each in one["diagnostics"]} == {
        "R026"
    }
    assert [each["filename"] for each in talker.service.files()] == ["facts.txt"]
