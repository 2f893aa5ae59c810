"""Saved plans from end to end: just what was reviewed is carried out."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest
from projects import V1, V2, Project
from saved_projects import (
    FILE,
    MakeProject,
    bots,
    changed,
    edit_live,
    objects,
    save,
    sharing,
    stale,
    state_bytes,
)
from test_lifecycle import ASSISTANT
from test_renaming import rename, with_old, write_block

versions = pytest.mark.parametrize("api_version", [V1, V2])


@versions
def test_a_saved_plan_is_carried_out_without_a_question(
    make_project: MakeProject, api_version: str
) -> None:
    """Files, what refers to them, and nothing else: afterwards the plan is empty."""
    project = sharing(make_project, api_version)
    save(project)
    done = project.run("apply", FILE)

    assert done.code == 0, done.err
    assert "Apply complete! Resources: 4 added, 0 changed, 0 destroyed." in done.out
    assert project.plan().code == 0


def test_a_plan_is_saved_after_it_is_shown(make_project: MakeProject) -> None:
    """With its digest, and the command that applies it; the file is its owner's alone."""
    project = bots(make_project, "one")
    shown, saved = project.run("plan").out, save(project)
    path = project.folder / FILE

    assert saved.out.startswith(shown)
    assert f"Saved the plan to: {FILE}\n" in saved.out
    assert hashlib.sha256(path.read_bytes()).hexdigest() in saved.out
    assert f'provisioner apply "{FILE}"' in saved.out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert project.service.assistants() == []


def test_with_json_stdout_holds_the_plan_and_nothing_else(make_project: MakeProject) -> None:
    """Where it was saved is told on stderr."""
    project = bots(make_project, "one")
    saved = project.run("plan", "--out", FILE, "--format", "json", "--detailed-exitcode")

    assert saved.code == 2
    assert saved.json["applyable"]
    assert f"Saved the plan to: {FILE}\n" in saved.err


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_saved_plan_is_shown_as_it_was_planned(make_project: MakeProject, form: str) -> None:
    """Offline, outside of any project, by the file alone."""
    project = changed(make_project)
    edit_live(project, "assistant.two", instructions="Be rude.")
    planned = project.run("plan", "--out", FILE, "--format", form)
    elsewhere = project.folder.parent / "elsewhere"
    elsewhere.mkdir()
    (project.folder / FILE).rename(elsewhere / FILE)
    shown = Project(elsewhere, project.service).run("show", FILE, "--format", form)

    assert shown.code == 0, shown.err
    assert planned.out.startswith(shown.out)
    assert "Be rude." in shown.out


def test_what_a_file_is_not_is_an_address(make_project: MakeProject) -> None:
    """`show` takes both; a file that is no plan is not taken for one."""
    project = bots(make_project, "one")
    project.apply()
    project.write("assistant.one", "notes\n")
    project.write("notes.txt", "notes\n")

    assert project.id("assistant.one") in project.run("show", "assistant.one").out
    assert "S010" in project.run("show", "assistant.nine").err
    assert "P050" in project.run("show", "notes.txt").err
    assert "P050" in project.run("show", "plans/none").err


def test_a_targeted_plan_keeps_its_targets(make_project: MakeProject) -> None:
    """What it left out is left out when it is applied."""
    project = bots(make_project, "one", "two")
    save(project, "--target", "assistant.two")

    assert project.run("apply", FILE).code == 0
    assert [each["name"] for each in project.service.assistants()] == ["two"]


@versions
def test_a_plan_to_destroy(make_project: MakeProject, api_version: str) -> None:
    """It is one like any other; what was made since stays."""
    project = sharing(make_project, api_version)
    project.apply()
    save(project, "--destroy")
    project.write("four.yaml", ASSISTANT.replace("NAME", "four"))
    project.apply("--target", "assistant.four")
    done = project.run("apply", FILE)

    assert done.code == 0, done.err
    assert "Destroy complete! Resources: 4 destroyed." in done.out
    assert [each["name"] for each in project.service.assistants()] == ["four"]
    assert project.service.files() == []
    stale(project, "assistant.one", "file.numbers")


def test_an_empty_plan_does_nothing(make_project: MakeProject) -> None:
    """That is no trouble, as often as it is applied."""
    project = bots(make_project, "one")
    project.apply()
    save(project)
    before = objects(project), state_bytes(project)
    results = [project.run("apply", FILE), project.run("apply", FILE)]

    assert [each.code for each in results] == [0, 0]
    assert (objects(project), state_bytes(project)) == before


def test_a_plan_that_only_records(make_project: MakeProject) -> None:
    """Labels stand in the state alone; what has changed at the service since stays as it is."""
    project = bots(make_project, "one")
    project.apply()
    project.edit("one.yaml", "{name: one}", "{name: one, labels: {team: a}}")
    save(project)
    assert project.run("apply", FILE).code == 0
    assert project.state["resources"]["assistant.one"]["labels"] == {"team": "a"}

    edit_live(project, "assistant.one", instructions="Be rude.")
    assert project.run("apply", FILE).code == 0
    assert project.service.assistants()[0]["instructions"] == "Be rude."


def test_a_rename_is_saved(make_project: MakeProject) -> None:
    """The blocks of the Project are part of the plan; the second time nothing stands there."""
    project = with_old(make_project)
    rename(project)
    save(project)
    id_ = project.id("assistant.old")

    assert project.run("apply", FILE).code == 0
    assert project.id("assistant.new") == id_
    stale(project, "assistant.new")


def test_forgetting_is_saved(make_project: MakeProject) -> None:
    """The object stays, and taking the block out meanwhile changes nothing."""
    project = with_old(make_project)
    text = (project.folder / "provisioner.yaml").read_text(encoding="utf-8")
    (project.folder / "bot.yaml").unlink()
    write_block(project, "removed: [{from: assistant.old}]")
    save(project)
    project.write("provisioner.yaml", text)

    assert project.run("apply", FILE).code == 0
    assert len(project.service.assistants()) == 2
    assert project.state["resources"] == {}
    stale(project, "assistant.old")


def test_taking_over_is_saved(make_project: MakeProject) -> None:
    """An import is carried out by id; afterwards the object is recorded already."""
    project = bots(make_project, "one")
    made = project.service.call("POST", "/assistants", {"model": "gpt-4o", "name": "found"})
    write_block(project, f"imports: [{{to: assistant.one, id: {made['id']}}}]")
    save(project)

    assert project.run("apply", FILE).code == 0
    assert project.id("assistant.one") == made["id"]
    stale(project, "assistant.one")


def test_a_vector_store_is_saved(make_project: MakeProject) -> None:
    """What is made in one go, and what is changed in place; a file taken out makes it stale."""
    project = make_project(V2, example="handbook")
    save(project)
    assert project.run("apply", FILE).code == 0
    assert project.plan().code == 0

    stores = sorted(each for each in project.state["resources"] if each.startswith("vectorstore."))
    store = f"/vector_stores/{project.id(stores[0])}"
    files = project.service.call("GET", f"{store}/files")["data"]
    project.service.call("DELETE", f"{store}/files/{files[0]['id']}")
    save(project)
    project.service.call("DELETE", f"{store}/files/{files[1]['id']}")
    stale(project, stores[0], "`file_ids.")


def test_a_plan_moves_to_another_checkout(make_project: MakeProject, tmp_path: Path) -> None:
    """Files are found by their paths in the project, wherever that lies."""
    project = sharing(make_project, V2)
    save(project)
    there = project.folder.rename(tmp_path / "another-checkout")

    done = Project(there, project.service).run("apply", FILE)
    assert done.code == 0, done.err
    assert len(project.service.files()) == 1


@versions
def test_a_file_is_replaced_as_planned(make_project: MakeProject, api_version: str) -> None:
    """Everybody who uses it gets the new one; the second time that is done."""
    project = sharing(make_project, api_version)
    project.apply()
    project.write("numbers.csv", "a,b\n3,4\n5,6\n")
    save(project)

    assert project.run("apply", FILE).code == 0
    assert [each["bytes"] for each in project.service.files()] == [12]
    assert project.plan().code == 0
    stale(project, "file.numbers", "assistant.one", "assistant.two")


def test_what_is_adopted_is_saved(make_project: MakeProject) -> None:
    """Without any state its tag tells whose an object is; a lineage begins with the apply."""
    project = bots(make_project, "one")
    project.apply()
    before = project.service.assistants()
    (project.folder / ".provisioner" / "test" / "state.json").unlink()
    save(project)
    results = [project.run("apply", FILE), project.run("apply", FILE)]

    assert [each.code for each in results] == [0, 0]
    assert project.service.assistants() == before
    assert project.id("assistant.one") == before[0]["id"]


def test_an_upgrade_is_saved(make_project: MakeProject) -> None:
    """What a plan was asked for holds when it is applied."""
    project = bots(make_project, "one", api_version=V1)
    project.apply()
    project.edit("provisioner.yaml", V1, V2)
    project.edit("one.yaml", "Be brief.", "Be kind.")
    save(project, "--upgrade-api")

    assert project.run("apply", FILE).code == 0
    assert project.plan().code == 0
    assert project.state["provider"]["api_version"] == V2
