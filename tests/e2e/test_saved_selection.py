"""Saved plans of a part, of replacements, orphans and records: as asked for, so applied."""

from __future__ import annotations

import json

import pytest
from projects import Project
from saved_projects import FILE, MakeProject, bots, edit_live, refused, save, stale


def test_a_plan_that_deletes_too_much_is_saved_and_not_applied(make_project: MakeProject) -> None:
    """The brake is for the plan that was reviewed; it is raised where that is applied."""
    project = bots(make_project, "one", "two")
    project.apply()
    (project.folder / "one.yaml").unlink()
    (project.folder / "two.yaml").unlink()
    save(project)

    refused(project, "P060")
    assert project.run("apply", FILE, "--max-delete", "2").code == 0
    assert project.service.assistants() == []


def test_deleting_one_of_several_is_not_too_much(make_project: MakeProject) -> None:
    """Though what the plan touches is all gone afterwards."""
    project = bots(make_project, *(f"b{number}" for number in range(7)))
    project.apply()
    (project.folder / "b0.yaml").unlink()
    (project.folder / "b1.yaml").unlink()
    save(project)

    assert project.run("apply", FILE).code == 0
    assert len(project.service.assistants()) == 5


def test_orphans_are_deleted_as_planned(make_project: MakeProject) -> None:
    """They are looked for again; the second time there are none."""
    project = bots(make_project, "one", "two")
    project.apply()
    (two,) = (each for each in project.service.assistants() if each["name"] == "two")
    project.run("destroy", "--auto-approve", "--target", "assistant.two")
    (project.folder / "two.yaml").unlink()
    body = {key: two[key] for key in ("model", "name", "metadata")}
    made = project.service.call("POST", "/assistants", body)
    saved = save(project, "--delete-orphans")

    assert made["id"] in saved.out
    assert project.run("apply", FILE).code == 0
    assert [each["name"] for each in project.service.assistants()] == ["one"]
    stale(project, "assistant.two", made["id"])


def test_an_orphan_that_was_taken_over_since_is_not_deleted(make_project: MakeProject) -> None:
    """It is somebody's by now, though it looks as it did."""
    project = bots(make_project, "one", "two")
    project.apply()
    state = project.folder / ".provisioner" / "test" / "state.json"
    manifest = project.folder / "two.yaml"
    text = manifest.read_text(encoding="utf-8")
    recorded = json.loads(state.read_text(encoding="utf-8"))
    del recorded["resources"]["assistant.two"]
    state.write_text(json.dumps(recorded), encoding="utf-8")
    manifest.unlink()
    assert "- assistant" in save(project, "--delete-orphans").out
    manifest.write_text(text, encoding="utf-8")
    project.apply()

    stale(project, "assistant.two", f"{project.id('assistant.two')} is recorded by now")


def test_a_replacement_on_request_is_saved(make_project: MakeProject) -> None:
    """The object is made anew once."""
    project = bots(make_project, "one")
    project.apply()
    before = project.id("assistant.one")
    save(project, "--replace", "assistant.one")

    assert project.run("apply", FILE).code == 0
    assert project.id("assistant.one") != before
    stale(project, "assistant.one", before)


def begin_recalled(make_project: MakeProject) -> Project:
    """Save a plan that was made from the records alone."""
    project = bots(make_project, "one", "two")
    project.apply()
    project.edit("one.yaml", "Be brief.", "Be kind.")
    save(project, "--no-refresh")
    return project


def test_a_plan_from_records_is_applied_where_they_hold(make_project: MakeProject) -> None:
    """What it touches is read first all the same; the rest may be as it likes."""
    project = begin_recalled(make_project)
    edit_live(project, "assistant.two", instructions="Be rude.")

    assert project.run("apply", FILE).code == 0


def test_a_plan_from_records_is_stale_where_they_dont_hold(make_project: MakeProject) -> None:
    """Nothing is written before that is known."""
    project = begin_recalled(make_project)
    edit_live(project, "assistant.one", description="Mine.")

    stale(project, "assistant.one", "`description`")


def test_a_plan_by_labels_is_saved(make_project: MakeProject) -> None:
    """What the labels left out is left out."""
    project = bots(make_project, "one", "two")
    project.edit("one.yaml", "{name: one}", "{name: one, labels: {team: a}}")
    save(project, "-l", "team=a")

    assert project.run("apply", FILE).code == 0
    assert [each["name"] for each in project.service.assistants()] == ["one"]


@pytest.mark.parametrize(
    "option",
    [("-l", "a=b"), ("--destroy",), ("--replace", "assistant.one"), ("--no-refresh",)],
)
def test_a_saved_plan_takes_none_of_these(
    make_project: MakeProject, option: tuple[str, ...]
) -> None:
    """It says all that is to be done."""
    project = bots(make_project, "one")
    save(project)

    assert option[0] in refused(project, "Usage", *option)


def test_a_saved_plan_is_applied_in_lines(make_project: MakeProject) -> None:
    """Stdout holds JSON alone, whether it is applied or refused."""
    project = bots(make_project, "one")
    planned = project.run("plan", "--out", FILE, "--format", "ndjson")
    done = project.run("apply", FILE, "--format", "ndjson")
    again = project.run("apply", FILE, "--format", "ndjson")
    told = [[json.loads(line) for line in each.out.splitlines()] for each in (planned, done, again)]

    assert [each.code for each in (planned, done, again)] == [0, 0, 1]
    assert f"Saved the plan to: {FILE}" in planned.err
    assert "apply_complete" in {each["type"] for each in told[1]}
    assert "Saved plan is stale" in json.dumps(told[2])


def test_a_saved_plan_is_shown_in_markdown(make_project: MakeProject) -> None:
    """For a pull request; what is recorded has no such form."""
    project = bots(make_project, "one")
    planned = project.run("plan", "--out", FILE, "--format", "markdown")

    assert project.run("show", FILE, "--format", "markdown").out == planned.out
    assert project.run("show", "--format", "markdown").code == 1
