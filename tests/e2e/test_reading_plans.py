"""What a plan says of its changes: whose they are, how severe, and whom they reach."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from projects import LATE, V1, V2, Project

MakeProject = Callable[..., Project]

BOT = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: bot}
spec:
  model: chat
  description: Draws charts
  instructions: |
    Draw a chart whenever numbers are compared.
    Answer in English.
  tools: [{type: code_interpreter, files: [{path: numbers.csv}]}]
  metadata: {owner: me}
"""


def applied(make_project: MakeProject, api_version: str) -> Project:
    """Make a project with one assistant that has a file, and apply it."""
    project = make_project(api_version=api_version)
    project.write("bot.yaml", BOT)
    project.write("numbers.csv", "a,b\n1,2\n")
    project.apply()
    return project


@pytest.mark.parametrize("api_version", [V1, V2, LATE])
def test_each_difference_says_whose_it_is(make_project: MakeProject, api_version: str) -> None:
    """A manifest's change, a portal's edit, and one that both made are told apart."""
    project = applied(make_project, api_version)
    project.edit("bot.yaml", "in English", "in French")
    project.edit("bot.yaml", "owner: me", "owner: us")
    bot = project.id("assistant.bot")
    metadata = {**project.service.assistants()[0]["metadata"], "owner": "them"}
    edit = {"description": "Portal", "metadata": metadata}
    project.service.call("POST", f"/assistants/{bot}", edit)
    text = project.plan().out
    assert '~ description  = "Portal" -> "Draws charts"  # live' in text
    assert "~ instructions = <<-EOT  # you" in text
    assert '~ owner = "them" -> "us"  # both' in text
    assert "# you: the manifest was changed since the last apply" in text
    found = project.run("plan", "--format", "json").json["resource_changes"][0]
    assert {".".join(each["path"]): each["cause"] for each in found["differences"]} == {
        "description": "live",
        "instructions": "you",
        "metadata.owner": "both",
    }


def test_a_plan_says_how_severe_each_change_is(make_project: MakeProject) -> None:
    """Shown names are cosmetic, instructions behave, tools are capabilities."""
    project = applied(make_project, V2)
    severities = []
    for old, new in (
        ("description: Draws charts", "description: Draws"),
        ("in English", "in French"),
        ("tools: [", "tools: [{type: file_search}, "),
    ):
        project.edit("bot.yaml", old, new)
        changes = project.run("plan", "--format", "json").json["resource_changes"]
        found = {each["address"]: each.get("severity") for each in changes}
        severities.append(found["assistant.bot"])
        assert f"# severity: {found['assistant.bot']}\n" in project.plan().out
    assert severities == ["cosmetic", "behavioural", "capability"]


def test_a_plan_says_whom_it_reaches(make_project: MakeProject) -> None:
    """Other bytes of a file change the behaviour of the assistant that has it."""
    project = applied(make_project, V2)
    project.write("numbers.csv", "a,b\n1,2\n3,4\n")
    planned = project.plan()
    reached = "1 assistant changes behaviour (assistant.bot); 1 file to upload (12 bytes)."
    assert f"\nImpact: {reached}\n" in planned.out
    impact = project.run("plan", "--format", "json").json["impact"]
    assert (impact["behaviour"], impact["uploads"]) == (["assistant.bot"], ["file.numbers-csv"])
    assert impact["upload_bytes"] == 12


def test_a_change_of_spaces_only_is_named_so(make_project: MakeProject) -> None:
    """An editor that re-wrapped a line changed nothing that a model cares for."""
    project = applied(make_project, V2)
    project.edit("bot.yaml", "Answer in English.", "Answer  in English.")
    text = project.plan().out
    assert "~ instructions = <<-EOT  # only whitespace  # you" in text
    assert "# severity: cosmetic" in text
    assert "Impact: no assistant answers otherwise." in text
