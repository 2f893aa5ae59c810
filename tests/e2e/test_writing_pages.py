"""`plan --format html`, from the command line to the page."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from projects import Project
from test_lifecycle import ASSISTANT

MakeProject = Callable[..., Project]
SECRET = "a-very-secret-token-4711"


def test_plan_writes_a_page(make_project: MakeProject) -> None:
    """The page is all that is on stdout, exit codes are as ever, and nothing is changed."""
    project = make_project()
    project.write("bot.yaml", ASSISTANT.replace("NAME", "bot"))

    planned = project.plan("--format", "html")

    assert (planned.code, planned.err) == (2, "")
    assert planned.out.startswith("<!DOCTYPE html>\n")
    assert planned.out.endswith("</html>\n")
    assert 'id="assistant.bot"' in planned.out
    assert project.service.assistants() == []


def test_an_edit_behind_our_back_is_told_from_ours(make_project: MakeProject) -> None:
    """The page says of each difference who made it."""
    project = make_project()
    project.write("bot.yaml", ASSISTANT.replace("NAME", "bot"))
    project.apply()
    project.service.call(
        "POST", f"/assistants/{project.id('assistant.bot')}", {"description": "Edited"}
    )

    page = project.plan("--format", "html").out

    assert 'data-cause="live"' in page
    assert 'id="drift:assistant.bot"' in page


def test_sensitive_values_are_not_on_the_page(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A badge stands in the place of the value."""
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", SECRET)
    project = make_project()
    project.edit("provisioner.yaml", "spec:\n", "spec:\n  variables: {token: {sensitive: true}}\n")
    bot = ASSISTANT.replace("NAME", "bot")
    project.write("bot.yaml", f"{bot}  description: Use ${{var.token}}\n")

    planned = project.plan("--format", "html")

    assert planned.code == 2, planned.err
    assert SECRET not in planned.out
    assert "sensitive token" in planned.out
