"""The history from end to end: what becomes a revision, and what of it is kept."""

from __future__ import annotations

import json
import stat
import subprocess
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from projects import V1, V2, Project
from revisions import (
    WITH_FILE,
    MakeProject,
    changed_twice,
    folder,
    revisions,
    serials,
    told,
)
from saved_projects import FILE, save
from test_lifecycle import ASSISTANT

SCHEMA = Draft202012Validator(
    json.loads(
        (Path(__file__).parents[1] / "views" / "history.schema.json").read_text(encoding="utf-8")
    )
)


def with_one(make_project: MakeProject) -> Project:
    """Make a project with an assistant, not applied yet."""
    project = make_project(V2)
    project.write("one.yaml", ASSISTANT.replace("NAME", "one"))
    return project


@pytest.mark.parametrize("api_version", [V1, V2])
def test_every_finished_apply_is_a_revision(make_project: MakeProject, api_version: str) -> None:
    """Apply, apply of a saved plan and destroy, newest first, with what they did."""
    project = changed_twice(make_project, api_version)
    project.edit("one.yaml", "Be kind.", "Be quick.")
    save(project)
    assert project.run("apply", FILE).code == 0
    assert project.run("destroy", "--auto-approve").code == 0
    found = revisions(project)

    SCHEMA.validate(project.run("history", "--format", "json").json)
    assert [(each["serial"], each["operation"]) for each in found] == [
        (4, "destroy"),
        (3, "apply"),
        (2, "apply"),
        (1, "apply"),
    ]
    assert [list(each["counts"].values()) for each in found] == [
        [0, 0, 3, 0],
        [0, 1, 0, 0],
        [1, 2, 1, 0],
        [3, 0, 0, 0],
    ]
    assert [each["resources"] for each in found] == [0, 3, 3, 3]
    assert all(each["rollback"] for each in found)
    assert found[0]["timestamp"] >= found[-1]["timestamp"]


def test_who_did_it_is_told(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user at the machine, and the pipeline's run."""
    monkeypatch.setenv("LOGNAME", "maria")
    monkeypatch.setenv("GITHUB_SERVER_URL", "https://github.com")
    monkeypatch.setenv("GITHUB_REPOSITORY", "contoso/bots")
    monkeypatch.setenv("GITHUB_RUN_ID", "4711")
    project = with_one(make_project)
    project.apply()
    (found,) = revisions(project)

    assert found["user"] == "maria"
    assert found["host"]
    assert found["run"] == "https://github.com/contoso/bots/actions/runs/4711"
    assert f"by maria@{found['host']}, {found['run']}" in project.run("history").out


def git(project: Project, *arguments: str) -> str:
    """Run git in a project."""
    identity = ("-c", "user.name=maria", "-c", "user.email=maria@example.com")
    done = subprocess.run(
        ["git", *identity, *arguments],
        cwd=project.folder,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def test_the_commit_is_told(make_project: MakeProject) -> None:
    """And whether the project's files were those of the commit: what is ours doesn't count."""
    project = with_one(make_project)
    git(project, "init", "-q")
    project.apply()
    git(project, "add", "one.yaml", "provisioner.yaml")
    git(project, "commit", "-q", "-m", "one")
    project.edit("one.yaml", "Be brief.", "Be kind.")
    project.apply()
    git(project, "commit", "-q", "-a", "-m", "two")
    project.write("two.yaml", ASSISTANT.replace("NAME", "two"))
    git(project, "add", "two.yaml")
    git(project, "commit", "-q", "-m", "three")
    project.apply()
    third, second, first = revisions(project)

    assert first["commit"] is None
    assert second["commit"] == {"id": git(project, "rev-parse", "HEAD~2"), "dirty": True}
    assert third["commit"] == {"id": git(project, "rev-parse", "HEAD"), "dirty": False}


def test_without_git_there_is_no_commit(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That is no error."""
    project = with_one(make_project)
    git(project, "init", "-q")
    git(project, "add", "one.yaml")
    git(project, "commit", "-q", "-m", "one")
    monkeypatch.setenv("PATH", str(project.folder))
    project.apply()

    assert revisions(project)[0]["commit"] is None


def test_an_apply_that_fails_in_part_is_no_revision(make_project: MakeProject) -> None:
    """The one that finishes it is, with all that both have done."""
    project = with_one(make_project)
    project.write("lost.yaml", WITH_FILE.replace("{path: data.csv}", "{id: assistant-nowhere}"))
    assert project.run("apply", "--auto-approve").code == 1
    assert list(project.state["resources"]) == ["assistant.one"]
    assert serials(project) == []

    project.edit(
        "lost.yaml", "  tools: [{type: code_interpreter, files: [{id: assistant-nowhere}]}]\n", ""
    )
    project.apply()
    (found,) = revisions(project)
    assert (found["serial"], found["resources"]) == (2, 2)


def test_no_changes_are_no_revision(make_project: MakeProject) -> None:
    """However often nothing is applied."""
    project = with_one(make_project)
    project.apply()
    project.apply()
    assert project.run("apply").code == 0

    assert serials(project) == [1]


def test_a_run_that_was_killed_before_its_revision_gets_one(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the next apply, although it has nothing else to do; a part of the project can't tell."""
    project = with_one(make_project)
    with monkeypatch.context() as patched:
        patched.setattr("provisioner.operations.revising.keep_revision", interrupted)
        assert project.run("apply", "--auto-approve").code == 1
    assert project.state["serial"] == 1
    assert serials(project) == []

    project.apply("--target", "assistant.one")
    assert serials(project) == []
    assert project.run("apply").code == 0
    assert serials(project) == [1]
    assert project.state["serial"] == 1


def interrupted(*_: object) -> None:
    """End as a run does that is interrupted."""
    raise KeyboardInterrupt


def test_a_part_stands_beside_the_rest_as_it_was_applied(make_project: MakeProject) -> None:
    """What the manifests say of the rest by now is not taken for applied."""
    project = changed_twice(make_project)
    project.edit("one.yaml", "Be kind.", "Be quick.")
    project.edit("reader.yaml", "Read.", "Read on.")
    project.apply("--target", "assistant.one")
    differing = project.run("diff", "2", "3", "--format", "json").json["resource_changes"]

    assert [each["address"] for each in differing] == ["assistant.one"]
    assert revisions(project)[0]["selection"] == ["--target assistant.one"]
    assert "for a part of the project only: --target assistant.one" in project.run("history").out


def test_the_history_is_for_its_owner_alone(make_project: MakeProject) -> None:
    """Every file and folder of it."""
    project = changed_twice(make_project)
    modes = {
        (each.is_dir(), stat.S_IMODE(each.stat().st_mode))
        for each in (folder(project), *folder(project).rglob("*"))
    }

    assert modes == {(True, 0o700), (False, 0o600)}


def test_bytes_are_kept_once(make_project: MakeProject) -> None:
    """Revisions share what they have in common."""
    project = changed_twice(make_project)
    project.edit("one.yaml", "Be kind.", "Be quick.")
    project.apply()
    found = revisions(project)
    files = {each["sha256"] for revision in found for each in revision["files"]}

    assert found[0]["files"] == found[1]["files"] != found[2]["files"]
    assert len(files) == 2
    objects = {each.name for each in (folder(project) / "objects").iterdir()}
    assert objects == files | {each["content"]["sha256"] for each in found}


def test_the_oldest_lose_their_bytes_first(make_project: MakeProject) -> None:
    """The newest never does, though there is no room for it; the records stay and say so."""
    project = make_project(V2)
    path = project.folder / "provisioner.yaml"
    path.write_text(path.read_text(encoding="utf-8") + "  history: {max_bytes: 0}\n")
    project.write("one.yaml", ASSISTANT.replace("NAME", "one"))
    project.apply()
    project.edit("one.yaml", "Be brief.", "Be kind.")
    project.apply()
    newest, oldest = revisions(project)

    assert newest["rollback"]
    assert not oldest["rollback"]
    assert "0 bytes at most (`spec.history.max_bytes`)" in oldest["obstacle"]
    assert "no rollback: its content is no longer kept" in project.run("history").out
    for refused in (project.run("diff", "1", "2"), project.run("rollback", "1")):
        assert refused.code == 1
        assert "P092" in refused.err
    assert [each.name for each in (folder(project) / "objects").iterdir()] == [
        newest["content"]["sha256"]
    ]


def test_a_history_that_cannot_be_written_fails_no_apply(make_project: MakeProject) -> None:
    """It is warned of, and the next apply writes the revision."""
    project = with_one(make_project)
    project.run("plan")
    folder(project).parent.mkdir(parents=True)
    folder(project).write_text("in the way")
    done = project.apply()
    assert "Apply complete!" in done.out
    assert "Warning: Apply has no revision yet [P130]" in done.err

    folder(project).unlink()
    project.apply()
    assert serials(project) == [1]


@pytest.mark.parametrize(
    "text", ["{", '{"provisioner_revision": 2}', '{"provisioner_revision": 1, "revision": {}}']
)
def test_a_record_that_says_nothing_hides_no_other(make_project: MakeProject, text: str) -> None:
    """Damaged or newer ones are warned of; meanwhile no object is dropped."""
    project = changed_twice(make_project)
    broken = next((folder(project) / "revisions").glob("00000001-*"))
    kept = {each.name for each in (folder(project) / "objects").iterdir()}
    broken.write_text(text)
    result = project.run("history")

    assert result.code == 0
    assert "revision 2" in result.out
    assert "P131" in result.err
    assert str(broken) in told(result)
    project.edit("one.yaml", "Be kind.", "Be quick.")
    project.apply()
    assert kept < {each.name for each in (folder(project) / "objects").iterdir()}


def test_revisions_of_a_lost_state_are_not_mixed_in(make_project: MakeProject) -> None:
    """A state that was begun anew counts from the beginning."""
    project = changed_twice(make_project)
    (project.folder / ".provisioner" / "test" / "state.json").unlink()
    project.apply()
    result = project.run("history")

    assert serials(project) == [1]
    assert "P132" in result.err
    assert "2 revisions belong to a state that is no longer there" in told(result)


def test_before_the_first_apply_there_is_nothing(make_project: MakeProject) -> None:
    """That is no error."""
    project = with_one(make_project)

    assert "There are no revisions yet" in project.run("history").out
    assert serials(project) == []
    assert "P091" in project.run("rollback", "1").err
