"""apply --check: what was changed is talked to, and taken back where that is wanted."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from conversing import check, talkative
from processes import started
from projects import KEY, V2, Project
from revisions import MakeProject

GOOD = check("good", "{user: Hello, expect: {contains: emulator}}")
BAD = check("bad", "{user: Hello, expect: {contains: Goodbye}}")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """Give a project with an applied assistant, whose manifest says something else by now."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    with talkative(tmp_path, V2) as made:
        made.edit("bot.yaml", "  model: chat\n", "  model: chat\n  instructions: Be brief.\n")
        yield made


def instructions(project: Project) -> str | None:
    """Tell the live assistant's instructions."""
    found: str | None = project.service.assistants()[0]["instructions"]
    return found


def test_checks_that_cover_what_changed_are_held(project: Project) -> None:
    """Those of others aren't; once nothing changes, none is."""
    other = "---\napiVersion: provisioner/v1\nkind: Assistant\nmetadata: {name: other}\n"
    project.write("other.yaml", f"{other}spec: {{model: chat}}\n")
    project.apply("--target", "assistant.other")
    project.write("checks.yaml", GOOD + BAD.replace("assistant: bot", "assistant: other"))

    result = project.apply("--check")
    assert "PASS  good" in result.out
    assert "bad" not in result.out.partition("Apply complete!")[2]
    assert "PASS" not in project.apply("--check").out


def test_where_one_fails_the_way_back_is_named(project: Project) -> None:
    """What was applied stays."""
    project.write("checks.yaml", GOOD + BAD)
    result = project.run("apply", "--auto-approve", "--check")

    assert result.code == 1
    assert "FAIL  bad" in result.out
    assert "[P070]" in result.err
    assert "`provisioner rollback 1 -e test`" in " ".join(result.err.split())
    assert instructions(project) == "Be brief."


def test_a_failed_check_is_rolled_back_where_that_is_wanted(project: Project) -> None:
    """To the revision before; the exit code says that something failed."""
    project.write("checks.yaml", BAD)
    result = project.run("apply", "--auto-approve", "--rollback-on-failure")

    assert result.code == 1
    assert "Plan to roll back to revision 1" in result.out
    (*_, last) = result.err.splitlines()
    assert last == "Environment test went back to revision 1, because checks did not pass."
    assert instructions(project) is None
    assert project.changes() == {"assistant.bot": ["update"]}


def test_a_saved_plan_is_checked_too(project: Project) -> None:
    """By the checks of the manifests as they are now."""
    project.write("checks.yaml", BAD)
    plan = str(project.folder / "saved.plan")
    assert project.run("plan", "--out", plan).code == 0

    result = project.run("apply", plan, "--check", "--format", "ndjson")
    assert result.code == 1
    assert '"code":"P070"' in result.out
    assert "FAIL  bad" in result.out


def test_a_saved_plan_is_checked_by_the_manifests_as_they_are(project: Project) -> None:
    """A check that was taken out since is missed by nobody; one that was added is held."""
    project.write("checks.yaml", BAD)
    plan = str(project.folder / "saved.plan")
    assert project.run("plan", "--out", plan).code == 0
    project.write("checks.yaml", GOOD)

    result = project.run("apply", plan, "--check")
    assert result.code == 0, result.err
    assert "PASS  good" in result.out


def test_what_another_run_has_changed_since_is_not_taken_back(project: Project) -> None:
    """Going back would undo that, too: a person decides."""
    slow = "{user: Forever}"
    project.write("checks.yaml", check("slow", slow, more="  timeout_seconds: 5\n"))
    with started(project, "apply", "--auto-approve", "--rollback-on-failure") as run:
        run.wait_for("Holding the conversations")
        project.edit("bot.yaml", "Be brief.", "Be kind.")
        project.apply()
        code, out, err = run.end()

    assert code == 1
    assert "FAIL  slow" in out
    assert "Another run has changed the environment since" in " ".join(err.split())
    assert instructions(project) == "Be kind."


def test_after_an_interrupt_nothing_is_taken_back(project: Project) -> None:
    """What leads back is named."""
    project.write("checks.yaml", check("slow", "{user: Forever}"))
    with started(project, "apply", "--auto-approve", "--rollback-on-failure") as run:
        run.wait_for("Holding the conversations")
        os.kill(run.process.pid, signal.SIGINT)
        code, _, err = run.end()

    assert code == 1
    assert "`provisioner rollback 1 -e test`" in " ".join(err.split())
    assert instructions(project) == "Be brief."


def test_the_brake_stops_the_way_back_as_any_plan(project: Project) -> None:
    """Of eleven objects it would delete nine."""
    more = "---\napiVersion: provisioner/v1\nkind: Assistant\nmetadata: {{name: more-{}}}\n"
    made = (f"{more.format(each)}spec: {{model: chat}}\n" for each in range(9))
    project.write("more.yaml", "".join(made))
    project.write("checks.yaml", BAD)
    result = project.run("apply", "--auto-approve", "--rollback-on-failure")

    assert result.code == 1
    assert "[P070]" in result.err
    assert "[P060]" in result.err
    assert "went back" not in result.err
    assert len(project.service.assistants()) == 10


def test_where_nothing_was_before_nothing_leads_back(make_project: MakeProject) -> None:
    """The first apply of all stays as it is."""
    project = make_project()
    bot = "apiVersion: provisioner/v1\nkind: Assistant\nmetadata: {name: bot}\n"
    project.write("bot.yaml", f"{bot}spec: {{model: chat}}\n")
    project.write("checks.yaml", BAD)
    result = project.run("apply", "--auto-approve", "--rollback-on-failure")

    assert result.code == 1
    assert "There is no revision before it to go back to" in " ".join(result.err.split())
    assert len(project.service.assistants()) == 1


def test_where_nothing_changes_nothing_is_said_of_checks(project: Project) -> None:
    """Not even that none covers it."""
    project.write("checks.yaml", BAD)
    project.apply()
    result = project.apply("--check")

    assert "No changes." in result.out
    assert "check" not in result.err.lower()
