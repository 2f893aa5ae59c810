"""Selection from end to end: a part of a project is planned, applied and destroyed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from projects import V2, Project

MakeProject = Callable[..., Project]

TEAMS = """\
apiVersion: provisioner/v1
kind: File
metadata: {name: shared}
spec: {path: shared.csv}
---
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: writer, labels: {team: text, tier: free}}
spec:
  model: chat
  tools: [{type: code_interpreter, files: [shared]}]
---
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: editor, labels: {team: text, tier: paid}}
spec: {model: chat}
---
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: painter, labels: {team: image, tier: paid}}
spec:
  model: chat
  tools: [{type: code_interpreter, files: [shared]}]
"""


def of_teams(make_project: MakeProject) -> Project:
    """Make a project of two teams that share a file."""
    project = make_project(V2)
    project.write("all.yaml", TEAMS)
    project.write("shared.csv", "a,b\n1,2\n")
    return project


def planned(project: Project, *arguments: str) -> dict[str, list[str]]:
    """Plan as JSON; give every action by address."""
    result = project.run("plan", "--format", "json", *arguments)
    assert result.code == 0, result.err
    return {each["address"]: each["change"]["actions"] for each in result.json["resource_changes"]}


@pytest.mark.parametrize(
    ("arguments", "addresses"),
    [
        (["-l", "team=text"], {"assistant.writer", "assistant.editor", "file.shared"}),
        (["-l", "team=text", "-l", "tier=paid"], {"assistant.editor"}),
        (["-l", "tier=paid"], {"assistant.editor", "assistant.painter", "file.shared"}),
        (["--target", "assistant.painter"], {"assistant.painter", "file.shared"}),
        (
            ["--target", "assistant.painter", "--target", "assistant.editor"],
            {"assistant.painter", "assistant.editor", "file.shared"},
        ),
        (
            ["--target", "assistant.painter", "--target", "assistant.editor", "-l", "team=text"],
            {"assistant.editor"},
        ),
    ],
)
def test_a_selection_takes_its_dependencies_along(
    make_project: MakeProject, arguments: list[str], addresses: set[str]
) -> None:
    """Targets add up, labels must all be there, and of both only what both choose is taken."""
    project = of_teams(make_project)
    assert set(planned(project, *arguments)) == addresses


def test_an_apply_of_a_part_leaves_the_rest(make_project: MakeProject) -> None:
    """What wasn't chosen is neither made, nor changed, nor deleted."""
    project = of_teams(make_project)
    project.apply()
    project.write("all.yaml", TEAMS.replace("spec: {model: chat}", "spec: {model: fast}"))
    text = (project.folder / "all.yaml").read_text(encoding="utf-8")
    project.write("all.yaml", text.rpartition("---\n")[0])
    project.apply("-l", "tier=free")
    assert {each["model"] for each in project.service.assistants()} == {"gpt-4o"}

    project.apply("-l", "team=text")
    models = {each["name"]: each["model"] for each in project.service.assistants()}
    assert models == {"writer": "gpt-4o", "editor": "gpt-4o-mini", "painter": "gpt-4o"}


def test_labels_of_what_is_no_longer_declared_are_those_recorded(
    make_project: MakeProject,
) -> None:
    """A team's leftovers are deleted with its own selection, and not with another team's."""
    project = of_teams(make_project)
    project.apply()
    project.write("all.yaml", TEAMS.rpartition("---\n")[0])

    assert "assistant.painter" not in planned(project, "-l", "team=text")
    assert planned(project, "-l", "team=image") == {"assistant.painter": ["delete"]}
    project.apply("-l", "team=image")
    assert {each["name"] for each in project.service.assistants()} == {"writer", "editor"}
    assert project.plan().code == 0


def test_a_label_counts_as_it_is_written_now(make_project: MakeProject) -> None:
    """The manifest goes before the record."""
    project = of_teams(make_project)
    project.apply()
    project.edit("all.yaml", "team: image", "team: film")

    assert "assistant.painter" in planned(project, "-l", "team=film")
    assert "P062" in project.run("plan", "-l", "team=image").err


def test_destroy_takes_dependents_along_and_leaves_what_others_use(
    make_project: MakeProject,
) -> None:
    """A team's assistants go; the file that another team's assistant has stays."""
    project = of_teams(make_project)
    project.apply()
    done = project.run("destroy", "--auto-approve", "-l", "team=text")

    assert done.code == 0
    assert "Destroy complete! Resources: 2 destroyed." in done.out
    assert [each["name"] for each in project.service.assistants()] == ["painter"]
    assert len(project.service.files()) == 1
    project.apply()
    assert len(project.service.assistants()) == 3
    project.run("destroy", "--auto-approve", "--target", "file.shared")
    assert [each["name"] for each in project.service.assistants()] == ["editor"]
    assert project.service.files() == []


def test_a_plan_of_a_part_says_so(make_project: MakeProject) -> None:
    """In its text, and for programs as a plan that isn't complete."""
    project = of_teams(make_project)
    part = ["--target", "assistant.editor", "-l", "team=text"]
    text = project.run("plan", *part).out

    assert "Note: this plan is for a part of the project only: --target assistant.editor" in text
    assert "-l team=text" in text
    assert project.run("plan", "--format", "json", *part).json["complete"] is False
    assert "Note:" not in project.run("plan").out
    assert project.run("plan", "--format", "json").json["complete"] is True


def test_a_destroy_plan_says_what_it_is(make_project: MakeProject) -> None:
    """In its head, and by reasons that don't name missing manifests."""
    project = of_teams(make_project)
    project.apply()
    text = project.run("plan", "--destroy", "-l", "tier=free").out
    found = project.run("plan", "--destroy", "--format", "json", "-l", "tier=free").json

    assert text.startswith("Plan to destroy for demo, environment test (http://")
    assert "Plan: 0 to add, 0 to change, 1 to destroy." in text
    assert [each["address"] for each in found["resource_changes"]] == ["assistant.writer"]
    assert "action_reason" not in found["resource_changes"][0]
    assert len(project.service.assistants()) == 3


@pytest.mark.parametrize("command", ["plan", "apply", "destroy"])
@pytest.mark.parametrize(
    ("selector", "code", "named"),
    [
        ("team", "P061", "-l team=analytics"),
        ("=text", "P061", "LABEL=VALUE"),
        ("team=texts", "P062", "team=text"),
        ("team=text,tier=free", "P062", "tier=free"),
    ],
)
def test_a_selection_of_nothing_is_an_error(
    make_project: MakeProject, command: str, selector: str, code: str, named: str
) -> None:
    """A slip in a selector must not look like a project that is up to date."""
    project = of_teams(make_project)
    project.apply()
    refused = project.run(command, "-l", selector)

    assert (refused.code, refused.out) == (1, "")
    assert code in refused.err
    assert named in refused.err


def test_every_malformed_selector_is_named_at_once(make_project: MakeProject) -> None:
    """Two slips are two problems."""
    refused = of_teams(make_project).run("plan", "-l", "one", "-l", "two")
    assert refused.err.count("P061") == 2


def test_one_label_cannot_have_two_values(make_project: MakeProject) -> None:
    """All must hold, so that nothing matches."""
    refused = of_teams(make_project).run("plan", "-l", "team=text", "-l", "team=image")
    assert "P062" in refused.err
