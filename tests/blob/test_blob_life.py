"""State in Azure Blob Storage, from end to end: real Azurite, the real SDKs."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from azurite_process import KEY
from blob_projects import BlobProject, Container, copy_of

MakeProject = Callable[..., BlobProject]


def test_a_project_lives_without_local_state(project: BlobProject) -> None:
    """Apply, an empty plan, a change, a rollback whose file is gone, and destroy."""
    project.apply()
    assert project.plan().code == 0
    project.edit("bot.yaml", "Count.", "Count slowly.")
    project.write("numbers.csv", "a,b\n1,3\n")
    project.apply()
    assert [
        each["serial"] for each in project.run("history", "--format", "json").json["revisions"]
    ] == [2, 1]

    assert project.run("rollback", "1", "--auto-approve").code == 0
    (bot,), (file,) = project.service.assistants(), project.service.files()
    assert bot["instructions"] == "Count."
    assert bot["tool_resources"]["code_interpreter"]["file_ids"] == [file["id"]]
    assert project.state["resources"]["file.numbers-csv"]["id"] == file["id"]

    assert project.run("destroy", "--auto-approve").code == 0
    assert project.service.assistants() == project.service.files() == []
    assert "state.json" not in project.local


def test_a_journal_is_gone_when_a_run_has_ended_well(project: BlobProject) -> None:
    """What is left is the state, its generations, the revisions and a lock that nobody holds."""
    project.apply()
    folders = {each.split("/")[2] for each in project.container.names()}
    assert folders == {"generations", "history", "lock", "state.json"}
    assert project.container.read("demo/test/lock") == b""


def test_another_machine_goes_on_where_the_first_one_ended(
    project: BlobProject, make_project: MakeProject
) -> None:
    """As in a pipeline, each run of which begins with nothing but the checkout."""
    project.apply()
    other = copy_of(project, make_project("two"))
    assert other.plan().code == 0
    other.edit("bot.yaml", "Count.", "Count fast.")
    other.apply()
    copy_of(other, project)
    assert project.plan().code == 0
    assert project.state["serial"] == 2


def test_two_environments_share_a_container(project: BlobProject) -> None:
    """What stands below the prefix is the environment's own."""
    path = project.folder / "provisioner.yaml"
    text = path.read_text()
    _, _, environment = text.partition("    test:\n")
    path.write_text(f"{text}    prod:\n{environment}")
    for each in ("test", "prod"):
        assert project.run("apply", "-e", each, "--auto-approve").code == 0
    assert {each.split("/")[1] for each in project.container.names()} == {"test", "prod"}
    assert len(project.service.assistants()) == 2


def test_a_prefix_says_where_it_is(project: BlobProject) -> None:
    """In the place of the project's name."""
    path = project.folder / "provisioner.yaml"
    path.write_text(path.read_text().replace("container:", "prefix: teams/a, container:"))
    project.apply()
    assert {each.rpartition("/test/")[0] for each in project.container.names()} == {"teams/a"}


def test_state_commands_work_there_too(project: BlobProject) -> None:
    """Records are listed, moved, forgotten, pulled, pushed and rebuilt."""
    project.apply()
    assert project.run("state", "list").out.split() == ["assistant.bot", "file.numbers-csv"]
    pulled = project.run("state", "pull").out
    assert json.loads(pulled) == project.state
    assert project.run("state", "mv", "file.numbers-csv", "file.numbers").code == 0
    assert project.run("state", "rm", "assistant.bot").code == 0
    assert list(project.state["resources"]) == ["file.numbers"]
    project.write("pulled.json", pulled)
    assert project.run("state", "push", "--force", "pulled.json").code == 0
    assert project.plan().code == 0

    project.container.client.delete_blob("demo/test/state.json")
    assert "[S101]" in project.plan().err
    assert project.run("state", "rebuild").code == 0
    assert project.plan().code == 0


@pytest.mark.parametrize("damage", [b"", b"{", b'{"version": 1}'])
def test_a_damaged_state_is_brought_back_by_the_command_that_is_named(
    project: BlobProject, damage: bytes
) -> None:
    """It is not taken for an empty one."""
    project.apply()
    before = project.state
    project.container.write("demo/test/state.json", damage)
    refused = project.plan()
    assert refused.code == 1
    said = " ".join(refused.err.split())
    assert "[S001]" in said
    words = said.partition("`provisioner state push -e test ")[2].partition("`")[0].split()
    assert project.run("state", "push", "-e", "test", *words).code == 0
    assert project.state == before
    assert project.plan().code == 0


def test_no_key_reaches_a_file_or_an_output(project: BlobProject) -> None:
    """Not the account's, wherever it went wrong."""
    said = [project.run(*each) for each in (["plan"], ["apply", "--auto-approve"], ["history"])]
    project.container.write("demo/test/state.json", b"{")
    said.append(project.run("plan"))
    project.container.client.delete_container()
    said.append(project.run("plan"))
    assert [each.code for each in said] == [0, 0, 0, 1, 1]
    assert not any(KEY in each.out + each.err for each in said)
    written = [each.read_bytes() for each in project.folder.rglob("*") if each.is_file()]
    assert not any(KEY.encode() in each for each in written)


def test_a_container_that_is_missing_names_the_command_that_makes_it(
    project: BlobProject, container: Container
) -> None:
    """Nothing is made that nobody asked for, and nothing was sent."""
    container.client.delete_container()
    for command in (["plan"], ["apply", "--auto-approve"]):
        result = project.run(*command)
        assert result.code == 1
        assert f"az storage container create --name {container.name}" in " ".join(
            result.err.split()
        )
    assert project.service.assistants() == []
