"""Brakes from end to end: what stops an apply that would delete too much, or what is protected."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from projects import V1, V2, Project
from test_lifecycle import ASSISTANT, SHARING

MakeProject = Callable[..., Project]


def with_bots(make_project: MakeProject, count: int, api_version: str = V2) -> Project:
    """Apply a project of so many assistants, each in a manifest of its own."""
    project = make_project(api_version)
    for number in range(count):
        project.write(f"{number}.yaml", ASSISTANT.replace("NAME", f"bot-{number}"))
    project.apply()
    return project


def take_out(project: Project, *numbers: int) -> None:
    """Remove manifests."""
    for number in numbers:
        (project.folder / f"{number}.yaml").unlink()


@pytest.mark.parametrize("api_version", [V1, V2])
def test_a_project_whose_manifests_vanished_deletes_nothing(
    make_project: MakeProject, api_version: str
) -> None:
    """The plan warns, and apply stops with the number, the share, the addresses and the flag."""
    project = with_bots(make_project, 2, api_version)
    take_out(project, 0, 1)
    planned = project.plan()
    refused = project.run("apply", "--auto-approve")

    assert planned.code == 2
    assert "Warning: Apply would stop at the deletes [P112]" in planned.err
    assert refused.code == 1
    assert "Error: Plan deletes too much [P060]" in refused.err
    for each in ("deletes 2 objects", "2 resources", "100 %", "assistant.bot-0", "--max-delete 2"):
        assert each in " ".join(refused.err.split()), each
    assert len(project.service.assistants()) == 2
    assert len(project.state["resources"]) == 2


def test_without_approval_the_brake_stops_before_anybody_is_asked(
    make_project: MakeProject,
) -> None:
    """Nobody can say yes to it by habit."""
    project = with_bots(make_project, 2)
    take_out(project, 0, 1)
    refused = project.run("apply")

    assert refused.code == 1
    assert "P060" in refused.err
    assert "--auto-approve" not in refused.err


@pytest.mark.parametrize(
    ("allowance", "code"), [("1", 1), ("2", 0), ("99%", 1), ("100%", 0), ("0", 1)]
)
def test_max_delete_says_how_many_deletes_are_fine(
    make_project: MakeProject, allowance: str, code: int
) -> None:
    """As a number, or as a share of what is recorded."""
    project = with_bots(make_project, 2)
    take_out(project, 0, 1)

    assert project.run("apply", "--auto-approve", "--max-delete", allowance).code == code
    assert len(project.service.assistants()) == (2 if code else 0)


def test_more_than_thirty_percent_of_ten_stop(make_project: MakeProject) -> None:
    """Three of ten go through, four don't, whatever else the plan does."""
    project = with_bots(make_project, 10)
    take_out(project, 0, 1, 2, 3)
    project.write("new.yaml", ASSISTANT.replace("NAME", "new"))
    refused = project.run("apply", "--auto-approve")
    project.write("3.yaml", ASSISTANT.replace("NAME", "bot-3"))
    project.apply()

    assert "P060" in refused.err
    assert len(project.service.assistants()) == 8


def test_new_bytes_and_requested_replacements_are_no_deletes(make_project: MakeProject) -> None:
    """Whatever is replaced has a successor before it goes."""
    project = make_project(V2)
    project.write("all.yaml", SHARING)
    project.write("numbers.csv", "a,b\n1,2\n")
    project.apply()
    project.write("numbers.csv", "a,b\n1,3\n")
    every = [f"--replace=assistant.{name}" for name in ("one", "two", "three")]

    assert "P112" not in project.plan(*every).err
    project.apply(*every)
    assert project.plan().code == 0


def test_a_destroy_is_no_mistake(make_project: MakeProject) -> None:
    """Neither the command nor the plan of that name is stopped, unless a limit is given."""
    project = with_bots(make_project, 3)

    assert "P112" not in project.plan("--destroy").err
    limited = project.run("apply", "--destroy", "--auto-approve", "--max-delete", "2")
    assert "P060" in limited.err
    project.apply("--destroy")
    assert project.service.assistants() == []


@pytest.mark.parametrize("allowance", ["", "many", "-1", "101%", "1.5"])
def test_an_allowance_that_is_none_is_a_usage_error(
    make_project: MakeProject, allowance: str
) -> None:
    """It exits 1, and says what one looks like."""
    refused = make_project(V2).run("apply", "--max-delete", allowance)

    assert refused.code == 1
    assert "40%" in refused.err


def test_protection_outlives_its_manifest_and_others_go_on(make_project: MakeProject) -> None:
    """What is protected stops plans and destroys; with --target or -l one gets around it."""
    project = with_bots(make_project, 2)
    guarded = "{name: bot-0, lifecycle: {prevent_destroy: true}}"
    project.edit("0.yaml", "{name: bot-0}", guarded)
    project.edit("1.yaml", "{name: bot-1}", "{name: bot-1, labels: {tier: free}}")
    project.apply()
    take_out(project, 0)
    project.edit("1.yaml", "Be brief.", "Be long.")

    for arguments in (["plan"], ["plan", "--destroy"], ["destroy", "--auto-approve"]):
        refused = project.run(*arguments)
        assert (refused.code, "P008" in refused.err) == (1, True), arguments
    project.apply("--target", "assistant.bot-1")
    assert {each["instructions"] for each in project.service.assistants()} == {
        "Be brief.",
        "Be long.",
    }
    assert project.run("destroy", "--auto-approve", "-l", "tier=free").code == 0
    assert [each["name"] for each in project.service.assistants()] == ["bot-0"]
    assert project.state["resources"]["assistant.bot-0"]["lifecycle"]["prevent_destroy"]


def test_a_kind_that_is_gone_is_made_again_only_when_told(make_project: MakeProject) -> None:
    """Plan and apply stop and name the flag; with it they create everything."""
    project = with_bots(make_project, 3)
    for each in project.service.assistants():
        project.service.call("DELETE", f"/assistants/{each['id']}")

    for arguments in (["plan"], ["apply", "--auto-approve"]):
        refused = project.run(*arguments)
        assert (refused.code, refused.out) == (1, "")
        assert "None of the 3 recorded objects of kind assistant exists" in " ".join(
            refused.err.split()
        )
        assert "--recreate-missing" in refused.err
    planned = project.plan("--recreate-missing")
    applied = project.apply("--recreate-missing")

    assert "# assistant.bot-0 will be created\n  # (it was deleted outside)" in planned.out
    assert "Plan: 3 to add, 0 to change, 0 to destroy." in planned.out
    assert "Apply complete! Resources: 3 added, 0 changed, 0 destroyed." in applied.out
    assert project.plan().code == 0


def test_ignored_changes_are_shown_nowhere(make_project: MakeProject) -> None:
    """Not as a difference, not as drift in the plan, and not as drift."""
    project = with_bots(make_project, 1)
    project.edit("0.yaml", "{name: bot-0}", "{name: bot-0, lifecycle: {ignore_changes: [model]}}")
    project.apply()
    id_ = project.id("assistant.bot-0")
    project.service.call("POST", f"/assistants/{id_}", {"model": "gpt-4o-mini"})
    planned = project.run("plan", "--format", "json").json

    assert planned["resource_drift"] == []
    assert [each["change"]["actions"] for each in planned["resource_changes"]] == [["no-op"]]
    assert project.run("drift").code == 0
    project.apply("--replace", "assistant.bot-0")
    assert [each["model"] for each in project.service.assistants()] == ["gpt-4o-mini"]
