"""apply --check: what was changed is talked to, and taken back where that is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from conversing import check, talkative
from projects import KEY, V2, Project

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
