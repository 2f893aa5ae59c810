"""Renaming and forgetting, from end to end: `moved` and `removed`."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from projects import V1, V2, Project
from test_lifecycle import ASSISTANT, SHARING, attached, sharing

MakeProject = Callable[..., Project]
versions = pytest.mark.parametrize("api_version", [V1, V2])

OLD_TO_NEW = "moved: [{from: assistant.old, to: assistant.new}]"
FORGET = "removed: [{from: assistant.old}]"
DESTROY = "removed: [{from: assistant.old, destroy: true}]"


def with_old(make_project: MakeProject, api_version: str = V2, about: str = "") -> Project:
    """Apply a project with the one assistant `old`, beside one that is nobody's."""
    project = make_project(api_version)
    project.write("bot.yaml", ASSISTANT.replace("{name: NAME}", f"{{name: old{about}}}"))
    project.service.call("POST", "/assistants", {"model": "gpt-4o", "name": "foreign"})
    project.apply()
    return project


def write_block(project: Project, block: str) -> None:
    """Add a block to the Project's spec."""
    path = project.folder / "provisioner.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8')}  {block}\n", encoding="utf-8")


def rename(project: Project, block: str = OLD_TO_NEW) -> None:
    """Rename the assistant in its manifest, and say so in the Project."""
    project.edit("bot.yaml", "name: old", "name: new")
    write_block(project, block)


def ours(project: Project) -> list[dict[str, object]]:
    """List the live assistants with a tag; nothing has happened to the other one."""
    everything = project.service.assistants()
    foreign = [each for each in everything if each["name"] == "foreign"]
    assert [each["metadata"] for each in foreign] == [{}]
    return [each for each in everything if each not in foreign]


def assert_settled(project: Project, **ids: str) -> None:
    """One object for each address, with its tag, and nothing more to do."""
    live = {str(each["id"]): each for each in ours(project)}
    assert {name: project.id(f"assistant.{name}") for name in ids} == ids
    assert sorted(live) == sorted(ids.values())
    for name, id_ in ids.items():
        tag = json.dumps(live[id_]["metadata"])
        assert f"/assistant.{name}" in tag
    again = project.plan()
    assert again.code == 0, again.out
    assert "No changes." in again.out
    assert not (project.folder / ".provisioner" / "test" / "journal.jsonl").exists()


@versions
def test_a_renamed_assistant_keeps_its_id(make_project: MakeProject, api_version: str) -> None:
    """A pure move is shown as such, counts as nothing, must be applied, and keeps the object."""
    project = with_old(make_project, api_version)
    id_ = project.id("assistant.old")
    project.edit("bot.yaml", "  model: chat\n", "  model: chat\n  name: Shown\n")
    project.apply()
    rename(project)
    planned = project.plan()
    (change,) = project.run("plan", "--format", "json").json["resource_changes"]
    done = project.apply()

    assert planned.code == 2
    assert "# assistant.old has moved to assistant.new\n" in planned.out
    assert "Plan: 0 to add, 0 to change, 0 to destroy." in planned.out
    assert "No changes." not in planned.out
    assert (change["address"], change["previous_address"]) == ("assistant.new", "assistant.old")
    assert change["change"]["actions"] == ["no-op"]
    assert "Resources: 0 added, 0 changed, 0 destroyed." in done.out
    assert f"assistant.new: Move complete after 0s [id={id_}]" in done.err
    assert_settled(project, new=id_)


@versions
def test_a_rename_and_an_edit_are_one_update(make_project: MakeProject, api_version: str) -> None:
    """What else differs is changed in the same request."""
    project = with_old(make_project, api_version)
    id_ = project.id("assistant.old")
    rename(project)
    project.edit("bot.yaml", "Be brief.", "Be very brief.")
    planned = project.plan().out
    done = project.apply()

    assert "# assistant.new will be updated in-place\n  # (moved from assistant.old)" in planned
    assert "Resources: 0 added, 1 changed, 0 destroyed." in done.out
    assert [each["instructions"] for each in ours(project)] == ["Be very brief."]
    assert_settled(project, new=id_)


@pytest.mark.parametrize("recorded_at", ["a", "b"])
def test_a_chain_of_moves_ends_at_its_end(make_project: MakeProject, recorded_at: str) -> None:
    """Who is behind by one move or by two ends at the same address."""
    project = make_project(V2)
    project.write("bot.yaml", ASSISTANT.replace("NAME", recorded_at))
    project.apply()
    id_ = project.id(f"assistant.{recorded_at}")
    project.edit("bot.yaml", f"name: {recorded_at}", "name: c")
    write_block(
        project,
        "moved: [{from: assistant.a, to: assistant.b}, {from: assistant.b, to: assistant.c}]",
    )
    project.apply()

    assert project.id("assistant.c") == id_
    assert len(project.service.assistants()) == 1
    assert project.plan().code == 0


def test_a_swap_is_refused_as_a_circle(make_project: MakeProject) -> None:
    """Two names can't be swapped at once; the message says how it is done."""
    project = make_project(V2)
    project.write("bots.yaml", f"{ASSISTANT}---\n{ASSISTANT}".replace("NAME", "a", 1))
    project.edit("bots.yaml", "NAME", "b")
    project.apply()
    write_block(
        project,
        "moved: [{from: assistant.a, to: assistant.b}, {from: assistant.b, to: assistant.a}]",
    )
    refused = project.run("apply", "--auto-approve")

    assert refused.code == 1
    assert refused.err.count("M220") == 2
    assert "third name" in refused.err


@versions
def test_a_renamed_file_is_not_uploaded_again(make_project: MakeProject, api_version: str) -> None:
    """A file has no tag: its record moves, nothing is sent, and its holders go on holding it."""
    project = sharing(make_project, api_version)
    id_ = project.id("file.numbers")
    project.write(
        "all.yaml", SHARING.replace("numbers}", "figures}").replace("[numbers]", "[figures]")
    )
    write_block(project, "moved: [{from: file.numbers, to: file.figures}]")

    assert "# file.numbers has moved to file.figures" in project.plan().out
    done = project.apply()

    assert "Resources: 0 added, 0 changed, 0 destroyed." in done.out
    assert [each["id"] for each in project.service.files()] == [id_]
    assert project.id("file.figures") == id_
    assert attached(project, "assistant.one") == attached(project, "assistant.two") == [id_]
    assert project.state["resources"]["assistant.one"]["dependencies"] == ["file.figures"]
    assert "file.numbers" not in project.state["resources"]
    assert project.plan().code == 0


def test_a_renamed_file_with_new_bytes_is_replaced(make_project: MakeProject) -> None:
    """The new bytes take the new address, holders are re-pointed, and the old file goes."""
    project = sharing(make_project, V2)
    project.write(
        "all.yaml", SHARING.replace("numbers}", "figures}").replace("[numbers]", "[figures]")
    )
    project.write("numbers.csv", "a,b\n1,3\n")
    write_block(project, "moved: [{from: file.numbers, to: file.figures}]")
    done = project.apply()

    assert "Resources: 1 added, 2 changed, 1 destroyed." in done.out
    assert [each["id"] for each in project.service.files()] == [project.id("file.figures")]
    assert "file.numbers" not in project.state["resources"]
    assert project.plan().code == 0


@versions
def test_a_lost_state_is_recovered_across_a_move(
    make_project: MakeProject, api_version: str
) -> None:
    """An object with our tag at the former address is adopted at the new one."""
    project = with_old(make_project, api_version)
    id_ = project.id("assistant.old")
    rename(project)
    (project.folder / ".provisioner" / "test" / "state.json").unlink()
    project.apply()

    assert_settled(project, new=id_)


def test_a_target_takes_its_move_along_and_the_former_name_is_explained(
    make_project: MakeProject,
) -> None:
    """`--target` knows the new address; who names the old one is told of the move."""
    project = with_old(make_project)
    project.write("other.yaml", ASSISTANT.replace("NAME", "other"))
    rename(project)

    assert "has moved to assistant.new" in project.plan("--target", "assistant.old").err
    project.apply("--target", "assistant.other")
    assert "assistant.old" in project.state["resources"]
    id_ = project.id("assistant.old")
    project.apply("--target", "assistant.new")

    assert project.id("assistant.new") == id_
    assert "assistant.old" not in project.state["resources"]


def test_destroy_finds_what_was_renamed_and_not_yet_applied(make_project: MakeProject) -> None:
    """A rename that nobody has applied doesn't hide its object from destroy."""
    project = with_old(make_project)
    rename(project)
    done = project.run("destroy", "--auto-approve")

    assert done.code == 0, done.err
    assert ours(project) == []
    assert project.state["resources"] == {}


def test_two_recorded_addresses_are_not_merged(make_project: MakeProject) -> None:
    """Where both addresses have objects, nothing is done, and both cures are named."""
    project = with_old(make_project)
    project.write("new.yaml", ASSISTANT.replace("NAME", "new"))
    project.apply()
    (project.folder / "bot.yaml").unlink()
    write_block(project, OLD_TO_NEW)
    refused = project.run("apply", "--auto-approve")

    assert refused.code == 1
    assert "P030" in refused.err
    assert "provisioner.yaml:13:" in refused.err
    assert len(ours(project)) == 2


def test_a_block_that_is_done_is_mentioned(make_project: MakeProject) -> None:
    """When nothing is left to rename, a warning says where the block stands."""
    project = with_old(make_project)
    rename(project)
    assert "P110" not in project.apply().err
    said = project.plan()

    assert said.code == 0
    assert "P110" in said.err
    assert "provisioner.yaml:13:" in said.err


@versions
def test_a_forgotten_assistant_lives_on(make_project: MakeProject, api_version: str) -> None:
    """Nothing is sent; while the block stands its tag is no orphan, and afterwards it is."""
    project = with_old(make_project, api_version, ", lifecycle: {prevent_destroy: true}")
    before = ours(project)
    (project.folder / "bot.yaml").unlink()
    write_block(project, FORGET)

    planned = project.plan()
    assert planned.code == 2
    assert ". forget" in planned.out
    project.apply()

    assert ours(project) == before
    assert project.state["resources"] == {}
    assert "P1" not in project.plan().err
    project.edit("provisioner.yaml", FORGET, "moved: []")
    assert "P101" in project.plan().err


def test_a_forgotten_file_stays_with_those_who_use_it(make_project: MakeProject) -> None:
    """It is forgotten whoever uses it; what others have of it is not touched."""
    project = sharing(make_project, V2)
    id_ = project.id("file.numbers")
    body = {"model": "gpt-4o", "tool_resources": {"code_interpreter": {"file_ids": [id_]}}}
    body["tools"] = [{"type": "code_interpreter"}]  # type: ignore[assignment]
    project.service.call("POST", "/assistants", body)
    project.write("all.yaml", ASSISTANT.replace("NAME", "three"))
    write_block(project, "removed: [{from: file.numbers, destroy: false}]")
    project.apply()

    assert [each["id"] for each in project.service.files()] == [id_]
    assert "file.numbers" not in project.state["resources"]
    assert project.plan().code == 0


@versions
def test_a_protection_that_is_kept_in_the_state_ends(
    make_project: MakeProject, api_version: str
) -> None:
    """P008 names the block that ends it, and with the block the object is destroyed."""
    project = with_old(make_project, api_version, ", lifecycle: {prevent_destroy: true}")
    (project.folder / "bot.yaml").unlink()
    refused = project.run("apply", "--auto-approve")
    assert "P008" in refused.err
    assert DESTROY.removeprefix("removed: ") in " ".join(refused.err.split())
    write_block(project, DESTROY)
    done = project.apply()

    assert "1 destroyed" in done.out
    assert ours(project) == []
    said = project.plan()
    assert said.code == 0
    assert "P110" in said.err
