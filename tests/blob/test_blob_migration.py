"""State moved between local files and Azure Blob Storage, and back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from blob_projects import BlobProject, Container, copy_of

from provisioner.state.folder import Folder

MakeProject = Callable[..., BlobProject]

MOVE = ("init", "--migrate-state")


@pytest.fixture
def moving(project: BlobProject) -> BlobProject:
    """Give a project with two revisions in local files, that says now that they are elsewhere."""
    says = (project.folder / "provisioner.yaml").read_text()
    project.keep_locally()
    project.apply()
    project.edit("bot.yaml", "Count.", "Count on.")
    project.apply()
    project.write("provisioner.yaml", says)
    return project


def local_state(project: BlobProject) -> Path:
    """Tell where the state is in local files."""
    return project.folder / ".provisioner" / "test" / "state.json"


def revisions(project: BlobProject) -> list[int]:
    """List the serials of what was applied."""
    found: list[dict[str, Any]] = project.run("history", "--format", "json").json["revisions"]
    return [each["serial"] for each in found]


def test_nothing_begins_anew_while_the_state_is_still_here(moving: BlobProject) -> None:
    """Whoever adds `state` to an environment is told how to move it."""
    for command in (["plan"], ["apply", "--auto-approve"], ["show"], ["state", "list"]):
        result = moving.run(*command)
        assert result.code == 1
        assert "[S030]" in result.err
        assert "`provisioner init --migrate-state -e test`" in " ".join(result.err.split())
    assert moving.container.names() == []


def test_state_generations_and_revisions_move_to_a_container(
    moving: BlobProject, make_project: MakeProject
) -> None:
    """The plan is what it was, and there is a way back to each revision."""
    assert revisions_locally(moving) == [2, 1]
    moved = moving.run(*MOVE)
    assert moved.code == 0, moved.err
    assert "serial 2, resources: 2" in moved.out
    assert not local_state(moving).exists()

    other = copy_of(moving, make_project("two"))
    assert other.plan().code == 0
    assert revisions(other) == [2, 1]
    assert other.run("rollback", "1", "--auto-approve").code == 0
    assert other.service.assistants()[0]["instructions"] == "Count."


def revisions_locally(project: BlobProject) -> list[int]:
    """List the revisions in local files."""
    folder = project.folder / ".provisioner" / "test" / "history" / "revisions"
    return sorted((int(each.name[:8]) for each in folder.iterdir()), reverse=True)


def test_who_still_says_the_former_place_is_told_where_it_went(
    moving: BlobProject, make_project: MakeProject
) -> None:
    """An older checkout on this machine: nothing begins anew there."""
    says = (moving.folder / "provisioner.yaml").read_text()
    assert moving.run(*MOVE).code == 0
    pulled = moving.write("pulled.json", moving.run("state", "pull").out)
    moving.keep_locally()
    for command in (["state", "rebuild"], ["state", "push", str(pulled)], ["plan"]):
        refused = moving.run(*command)
        assert refused.code == 1
        assert "[S027]" in refused.err
    assert f"{moving.container.name}/demo/test" in refused.err.replace("\n", "").replace(" ", "")

    assert moving.run(*MOVE).code == 0
    assert local_state(moving).exists()
    assert moving.plan().code == 0
    moving.write("provisioner.yaml", says)
    elsewhere = copy_of(moving, make_project("two"))
    told = elsewhere.plan()
    assert told.code == 1
    assert "[S027]" in told.err


def test_who_insists_may_begin_anew_where_a_state_was(moving: BlobProject) -> None:
    """With --force, of which a message about a moved state says nothing."""
    assert moving.run(*MOVE).code == 0
    pulled = moving.write("pulled.json", moving.run("state", "pull").out)
    moving.keep_locally()
    for command in (["rebuild"], ["push", str(pulled)]):
        assert moving.run("state", *command, "--force").code == 0
        assert moving.plan().code == 0
        local_state(moving).unlink()


def test_a_state_moves_from_one_container_to_another(moving: BlobProject, account: str) -> None:
    """The folder knows where it was."""
    assert moving.run(*MOVE).code == 0
    target = Container.made(account)
    moving.edit("provisioner.yaml", moving.container.name, target.name)
    assert moving.run(*MOVE).code == 0
    assert "demo/test/state.json" in target.names()
    assert "demo/test/state.json" not in moving.container.names()
    assert moving.plan().code == 0


def test_what_is_where_it_belongs_is_not_moved_again(moving: BlobProject) -> None:
    """That is said, and nothing changes; also where it belongs into local files."""
    assert moving.run(*MOVE).code == 0
    again = moving.run(*MOVE)
    assert again.code == 0
    assert f"{moving.container.name}/demo/test already: serial 2" in again.out
    moving.keep_locally()
    assert moving.run(*MOVE).out.startswith("Moved")
    assert "already: serial 2" in moving.run(*MOVE).out
    assert moving.plan().code == 0


def test_there_may_be_nothing_to_move(project: BlobProject) -> None:
    """Nothing was ever applied."""
    refused = project.run(*MOVE)
    assert refused.code == 1
    assert "[S029]" in refused.err


def test_another_state_in_the_new_place_is_not_replaced(
    moving: BlobProject, make_project: MakeProject
) -> None:
    """Two histories are never made one."""
    other = copy_of(moving, make_project("two"))
    other.apply()
    before = other.state
    refused = moving.run(*MOVE)
    assert refused.code == 1
    assert "[S028]" in refused.err
    assert local_state(moving).exists()
    assert other.state == before


class CrashError(BaseException):
    """The machine is gone."""


@pytest.mark.parametrize("deleted", ["state.json", "moved.json"])
def test_a_move_that_was_cut_short_is_finished_by_the_next_one(
    moving: BlobProject, monkeypatch: pytest.MonkeyPatch, deleted: str
) -> None:
    """Between the copy and the end both places have it, and nothing goes on at the former one."""
    delete = Folder.delete
    write = Folder.write

    def crashing_delete(folder: Folder, *names: str) -> None:
        if deleted in names:
            raise CrashError
        delete(folder, *names)

    def crashing_write(folder: Folder, name: str, content: Any, *order: int) -> None:
        if deleted == name:
            raise CrashError
        write(folder, name, content, *order)

    with monkeypatch.context() as patch:
        patch.setattr(Folder, "delete", crashing_delete)
        patch.setattr(Folder, "write", crashing_write)
        with pytest.raises(CrashError):
            moving.run(*MOVE)
    assert local_state(moving).exists()
    assert "[S030]" in moving.plan().err

    assert moving.run(*MOVE).code == 0
    assert not local_state(moving).exists()
    assert moving.plan().code == 0
    assert revisions(moving) == [2, 1]


def test_what_is_not_settled_is_not_moved(moving: BlobProject) -> None:
    """A journal with an intent belongs to the place where it was written."""
    journal = local_state(moving).with_name("journal.jsonl")
    says = (moving.folder / "provisioner.yaml").read_text()
    moving.keep_locally()
    moving.write("more.yaml", MORE)
    with_intent(moving, journal)
    state = local_state(moving).read_text()
    moving.write("provisioner.yaml", says)
    refused = moving.run(*MOVE)
    assert refused.code == 1
    assert "[S014]" in refused.err
    assert local_state(moving).read_text() == state


MORE = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: more}
spec: {model: chat}
"""


def with_intent(project: BlobProject, journal: Path) -> None:
    """Let an apply be killed before its answer."""
    from gate import gate_before
    from processes import started

    with gate_before(project.service.url) as gate:
        project.edit("provisioner.yaml", project.service.url, gate.url)
        assert project.run("state", "retarget").code == 0
        with started(project, "apply", "--auto-approve") as run:
            gate.wait_for(lambda each: each.held > 0)
            run.process.kill()
            run.process.wait()
    assert journal.exists()
