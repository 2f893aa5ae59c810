"""SIGKILL of a rename, a removal or an import at any request, and running it again."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from killing_proxy import Killer, Moment
from projects import V2, Project
from test_importing import FOUND, LIKE_FOUND, assert_taken, block
from test_kill import assert_whole, begin, killer, moments, run_and_kill, versions
from test_lifecycle import SHARING
from test_renaming import write_block

MakeProject = Callable[..., Project]

__all__ = ["killer"]

REQUESTS = 4
"""At least as many as any of the runs below makes; each test says so if there are more."""
requests = pytest.mark.parametrize("at", range(REQUESTS))

RENAMED = (
    SHARING.replace("{name: numbers}", "{name: figures}")
    .replace("[numbers]", "[figures]")
    .replace("{name: three}", "{name: drei}\n")
    .replace("spec: {model: chat}", "spec: {model: chat, name: three}")
)
MOVED = (
    "moved: [{from: file.numbers, to: file.figures}, {from: assistant.three, to: assistant.drei}]"
)
BACK = (
    "moved: [{from: file.figures, to: file.numbers}, {from: assistant.drei, to: assistant.three}]"
)


@versions
@moments
@requests
def test_a_killed_rename_ends_with_one_object_and_one_record(
    make_project: MakeProject, killer: Killer, api_version: str, at: int, moment: Moment
) -> None:
    """A rename of a file and an assistant is killed; the next apply finishes it, and back."""
    project = begin(make_project, killer, api_version)
    project.apply()
    ids = {each["id"] for each in (*project.service.assistants(), *project.service.files())}
    project.write("all.yaml", RENAMED)
    write_block(project, MOVED)
    run_and_kill(project, killer, at, moment, "apply", "--auto-approve")
    made = len(killer.requests)
    killer.aim(None, moment)
    project.apply()

    assert made <= REQUESTS
    assert sorted(project.state["resources"]) == [
        "assistant.drei",
        "assistant.one",
        "assistant.two",
        "file.figures",
    ]
    live = {each["id"] for each in (*project.service.assistants(), *project.service.files())}
    assert live == ids == {each["id"] for each in project.state["resources"].values()}
    project.write("all.yaml", SHARING)
    project.edit("provisioner.yaml", MOVED, BACK)
    project.apply()
    project.edit("provisioner.yaml", BACK, "moved: []")
    assert_whole(project)


@moments
@requests
def test_a_killed_rename_with_new_bytes_ends_with_one_file(
    make_project: MakeProject, killer: Killer, at: int, moment: Moment
) -> None:
    """Renaming and replacing a shared file at once is killed; the next apply finishes it."""
    project = begin(make_project, killer, V2)
    project.apply()
    project.write("all.yaml", RENAMED)
    project.write("numbers.csv", "a,b\n1,3\n")
    write_block(project, MOVED)
    run_and_kill(project, killer, at, moment, "apply", "--auto-approve")
    killer.aim(None, moment)
    project.apply()

    assert [each["id"] for each in project.service.files()] == [project.id("file.figures")]
    assert len(project.service.assistants()) == 3
    assert "file.numbers" not in project.state["resources"]
    assert project.plan().code == 0


@moments
@requests
def test_a_killed_removal_is_finished(
    make_project: MakeProject, killer: Killer, at: int, moment: Moment
) -> None:
    """One assistant is forgotten and one destroyed; whenever it is killed, that is the end."""
    project = begin(make_project, killer, V2)
    project.apply()
    three = project.id("assistant.three")
    project.write("all.yaml", "---\n".join(SHARING.split("---\n")[:2]))
    write_block(project, "removed: [{from: assistant.two, destroy: true}, {from: assistant.three}]")
    run_and_kill(project, killer, at, moment, "apply", "--auto-approve")
    killer.aim(None, moment)
    project.apply()

    assert sorted(each["name"] for each in project.service.assistants()) == ["one", "three"]
    assert three in [each["id"] for each in project.service.assistants()]
    assert sorted(project.state["resources"]) == ["assistant.one", "file.numbers"]
    assert project.plan().code == 0


def begin_import(
    make_project: MakeProject, killer: Killer, api_version: str
) -> tuple[Project, str]:
    """Declare an assistant behind the proxy, and make a live one by hand."""
    project = begin(make_project, killer, api_version)
    (project.folder / "all.yaml").unlink()
    project.write("found.yaml", FOUND)
    body = {**LIKE_FOUND, "instructions": "Be rude."}
    return project, project.service.call("POST", "/assistants", body)["id"]


@versions
@moments
@requests
def test_a_killed_import_by_block_is_finished(
    make_project: MakeProject, killer: Killer, api_version: str, at: int, moment: Moment
) -> None:
    """An apply that takes over is killed; the next one ends with the one object."""
    project, id_ = begin_import(make_project, killer, api_version)
    write_block(project, block(id_))
    run_and_kill(project, killer, at, moment, "apply", "--auto-approve")
    made = len(killer.requests)
    killer.aim(None, moment)
    project.apply()

    assert made <= REQUESTS
    assert_taken(project, id_)


@versions
@moments
@requests
def test_a_killed_import_by_command_is_finished(
    make_project: MakeProject, killer: Killer, api_version: str, at: int, moment: Moment
) -> None:
    """The command is killed around any request; the same command again finishes it."""
    project, id_ = begin_import(make_project, killer, api_version)
    run_and_kill(project, killer, at, moment, "import", "assistant.found", id_)
    killer.aim(None, moment)
    again = project.run("import", "assistant.found", id_)

    assert again.code == 0, again.err
    assert project.service.assistants()[0]["instructions"] == "Be rude."
    project.apply()
    assert_taken(project, id_)


@moments
def test_an_import_whose_answer_was_lost_is_found_by_the_next_plan(
    make_project: MakeProject, killer: Killer, moment: Moment
) -> None:
    """Before the update arrived nothing is recorded; afterwards the object is ours."""
    project, id_ = begin_import(make_project, killer, V2)
    assert run_and_kill(project, killer, 2, moment, "import", "assistant.found", id_)
    killer.aim(None, moment)
    planned = project.run("plan", "--format", "json").json["resource_changes"]

    actions = [each["change"]["actions"] for each in planned]
    assert actions == ([["create"]] if moment == "before" else [["update"]])
