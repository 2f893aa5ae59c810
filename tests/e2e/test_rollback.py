"""Rolling back from end to end: an ordinary plan and apply of what was applied before."""

from __future__ import annotations

import shutil

import pytest
from projects import LATE, V1, V2, Project
from revisions import (
    MakeProject,
    changed_twice,
    folder,
    prompts,
    revisions,
    roll_back,
    serials,
    told,
)
from saved_projects import FILE, objects, state_bytes
from test_lifecycle import ASSISTANT
from test_renaming import write_block


@pytest.mark.parametrize("api_version", [V1, V2])
def test_what_was_applied_is_applied_again(make_project: MakeProject, api_version: str) -> None:
    """Prompts and bytes; the objects keep their ids, and what was made since is deleted."""
    project = changed_twice(make_project, api_version)
    ids = [project.id(f"assistant.{each}") for each in ("one", "reader")]
    project.write("new.yaml", ASSISTANT.replace("NAME", "new"))
    project.apply()
    done = roll_back(project, "1")

    assert done.out.startswith("Plan to roll back to revision 1 for demo, environment test")
    assert "the revision differs from what was last applied" in done.out
    assert "Plan: 1 to add, 2 to change, 2 to destroy." in done.out
    assert prompts(project) == {"one": "Be brief.", "reader": "Read."}
    assert [project.id(f"assistant.{each}") for each in ("one", "reader")] == ids
    (file,) = project.service.files()
    assert file["bytes"] == len("a,b\n")
    assert project.state["resources"]["file.data-csv"]["attributes"]["bytes"] == len("a,b\n")
    newest = revisions(project)[0]
    assert (newest["operation"], newest["rolled_back_to"]) == ("rollback", 1)
    assert "rollback to revision 1: " in project.run("history").out


def test_afterwards_the_manifests_differ_and_that_is_said(make_project: MakeProject) -> None:
    """`plan` shows what the next apply would bring back."""
    project = changed_twice(make_project)
    done = roll_back(project, "1")

    assert "The manifests were not changed" in done.err
    assert "Revert them in git, too." in told(done)
    assert project.changes() == {
        "assistant.one": ["update"],
        "assistant.reader": ["update"],
        "file.data-csv": ["create", "delete"],
    }
    assert "No changes." in roll_back(project, "1").out
    assert serials(project) == [3, 2, 1]


def test_the_repository_is_not_needed(make_project: MakeProject) -> None:
    """The files are gone, and the manifests broken."""
    project = changed_twice(make_project)
    for each in ("data.csv", "reader.yaml"):
        (project.folder / each).unlink()
    project.write("one.yaml", "apiVersion: provisioner/v1\nkind: Assistant\nspec: 5\n")
    assert project.run("plan").code == 1
    roll_back(project, "1")

    assert prompts(project) == {"one": "Be brief.", "reader": "Read."}


def test_a_destroyed_environment_is_made_again(make_project: MakeProject) -> None:
    """And what is applied then is a revision like any other."""
    project = changed_twice(make_project)
    assert project.run("destroy", "--auto-approve").code == 0
    roll_back(project, "2")

    assert prompts(project) == {"one": "Be kind.", "reader": "Read."}
    assert project.plan().code == 0
    assert serials(project) == [4, 3, 2, 1]


def test_nothing_is_done_without_approval(make_project: MakeProject) -> None:
    """The plan is shown, and the flag is named."""
    project = changed_twice(make_project)
    before, state = objects(project), state_bytes(project)
    refused = project.run("rollback", "1")

    assert refused.code == 1
    assert "Plan to roll back to revision 1" in refused.out
    assert "Run rollback with --auto-approve." in refused.err
    assert (objects(project), state_bytes(project)) == (before, state)


def test_the_brake_holds(make_project: MakeProject) -> None:
    """What was made since would be deleted: over 30 % is taken for a mistake."""
    project = make_project(V2)
    project.write("0.yaml", ASSISTANT.replace("NAME", "bot-0"))
    project.apply()
    for number in range(1, 10):
        project.write(f"{number}.yaml", ASSISTANT.replace("NAME", f"bot-{number}"))
    project.apply()
    refused = project.run("rollback", "1", "--auto-approve")

    assert refused.code == 1
    assert "P060" in refused.err
    assert len(project.service.assistants()) == 10
    roll_back(project, "1", "--max-delete", "9")
    assert list(prompts(project)) == ["bot-0"]


def test_what_is_protected_stays(make_project: MakeProject) -> None:
    """Also what a revision doesn't have."""
    project = changed_twice(make_project)
    protected = "{name: new, lifecycle: {prevent_destroy: true}}"
    project.write("new.yaml", ASSISTANT.replace("{name: NAME}", protected))
    project.apply()
    refused = project.run("rollback", "1", "--auto-approve")

    assert refused.code == 1
    assert "assistant.new" in refused.err
    assert prompts(project)["one"] == "Be kind."


def test_what_was_renamed_keeps_its_object_and_its_name(make_project: MakeProject) -> None:
    """It is found by its object, though nothing says any more that it was renamed."""
    project = changed_twice(make_project)
    id_ = project.id("assistant.one")
    text = (project.folder / "provisioner.yaml").read_text(encoding="utf-8")
    project.edit("one.yaml", "name: one", "name: other")
    write_block(project, "moved: [{from: assistant.one, to: assistant.other}]")
    project.apply()
    project.write("provisioner.yaml", text)
    done = roll_back(project, "1")

    assert "2 to change, 1 to destroy" in done.out
    assert project.id("assistant.other") == id_
    assert "assistant.one" not in project.state["resources"]
    assert project.service.call("GET", f"/assistants/{id_}")["instructions"] == "Be brief."


def test_two_resources_cannot_stand_at_one_address(make_project: MakeProject) -> None:
    """Nothing is guessed: what is there has to be renamed first."""
    project = make_project(V2)
    for name in ("a", "b"):
        project.write(f"{name}.yaml", ASSISTANT.replace("NAME", name))
    project.apply()
    (project.folder / "b.yaml").unlink()
    project.apply()
    project.edit("a.yaml", "name: a", "name: b")
    write_block(project, "moved: [{from: assistant.a, to: assistant.b}]")
    project.apply()
    refused = project.run("rollback", "1", "--auto-approve")

    assert refused.code == 1
    assert "P094" in refused.err
    assert "What was assistant.a is assistant.b by now" in told(refused)


def test_v1_content_is_applied_with_v2(make_project: MakeProject) -> None:
    """An upgrade of the API is no obstacle."""
    project = changed_twice(make_project, V1)
    project.edit("provisioner.yaml", V1, V2)
    project.apply("--upgrade-api")
    roll_back(project, "1")

    assert prompts(project) == {"one": "Be brief.", "reader": "Read."}


def test_an_older_api_version_is_refused(make_project: MakeProject) -> None:
    """It may lack what the revision has; the history says so before."""
    project = changed_twice(make_project, LATE)
    project.edit("provisioner.yaml", LATE, V2)
    refused = project.run("rollback", "1", "--auto-approve")

    assert refused.code == 1
    assert "P093" in refused.err
    assert revisions(project)[0]["obstacle"] == (
        f"it was applied with API version {LATE}, and the environment now says {V2}"
    )


def test_bytes_that_are_not_there_are_missed_before_anything_is_asked(
    make_project: MakeProject,
) -> None:
    """Nobody uploads something else in their place."""
    project = changed_twice(make_project)
    (lost,) = (each["sha256"] for each in revisions(project)[1]["files"])
    (folder(project) / "objects" / lost).unlink()
    refused = project.run("rollback", "1", "--auto-approve")

    assert refused.code == 1
    assert "P093" in refused.err
    assert "the bytes of one file are not kept" in told(refused)
    assert not revisions(project)[1]["rollback"]


@pytest.mark.parametrize("what", ["content", "files"])
def test_damaged_objects_are_not_applied(make_project: MakeProject, what: str) -> None:
    """Neither what was declared nor bytes: that is found before anything is planned."""
    project = changed_twice(make_project)
    oldest = revisions(project)[1]
    named = oldest["content"] if what == "content" else oldest["files"][0]
    (folder(project) / "objects" / named["sha256"]).write_bytes(b"something else")
    files = project.service.files()
    refused = project.run("rollback", "1", "--auto-approve")

    assert refused.code == 1
    assert ("P092" if what == "content" else "P093") in refused.err
    assert "damaged" in refused.err
    assert "Plan" not in refused.out
    assert project.service.files() == files


def test_a_rollback_can_be_reviewed_first(make_project: MakeProject) -> None:
    """It is saved like any plan, and applied as it was reviewed."""
    project = changed_twice(make_project)
    saved = project.run("rollback", "1", "--out", FILE)
    assert saved.code == 0, saved.err
    assert prompts(project)["one"] == "Be kind."
    assert "Plan to roll back to revision 1" in project.run("show", FILE).out
    assert (
        "### Plan to roll back to revision 1"
        in project.run("show", FILE, "--format", "markdown").out
    )
    assert "provisioner rollback 1</p>" in project.run("show", FILE, "--format", "html").out
    applied = project.run("apply", FILE)

    assert applied.code == 0, applied.err
    assert prompts(project)["one"] == "Be brief."
    assert revisions(project)[0]["rolled_back_to"] == 1


def test_a_lost_state_is_no_obstacle_for_what_is_kept(make_project: MakeProject) -> None:
    """Without any state the newest history counts; assistants are known by their tags."""
    project = changed_twice(make_project)
    ids = {each["id"] for each in project.service.assistants()}
    state = project.folder / ".provisioner" / "test"
    (state / "state.json").unlink()
    shutil.rmtree(state / "emulator", ignore_errors=True)
    roll_back(project, "1")

    assert {each["id"] for each in project.service.assistants()} == ids
    assert prompts(project)["one"] == "Be brief."


def test_an_interrupted_rollback_is_no_revision(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It can be run again."""
    project: Project = changed_twice(make_project)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("provisioner.operations.revising.keep_revision", interrupted)
        assert project.run("rollback", "1", "--auto-approve").code == 1
    assert serials(project) == [2, 1]
    roll_back(project, "1")
    assert serials(project) == [3, 2, 1]
    assert revisions(project)[0]["operation"] == "rollback"


def store_of(project: Project, chunk: int, lifecycle: str = "") -> None:
    """Declare a vector store whose files are cut up into chunks of this size."""
    static = f"{{max_chunk_size_tokens: {chunk}, chunk_overlap_tokens: 100}}"
    strategy = f"chunking_strategy: {{type: static, static: {static}}}"
    project.write("store.yaml", STORE.format(lifecycle=lifecycle, strategy=strategy))


STORE = """\
apiVersion: provisioner/v1
kind: VectorStore
metadata: {{name: handbook{lifecycle}}}
spec:
  files: [{{path: a.md}}]
  {strategy}
"""


def test_what_is_protected_by_now_stays_so(make_project: MakeProject) -> None:
    """The revision didn't say it; a store that would be replaced isn't."""
    project = make_project(LATE)
    project.write("a.md", "One.\n")
    for chunk in (400, 800):
        store_of(project, chunk)
        project.apply()
    free = project.run("rollback", "1")
    store_of(project, 800, ", lifecycle: {prevent_destroy: true}")
    project.apply()
    refused = project.run("rollback", "1", "--auto-approve")

    assert "# vectorstore.handbook must be replaced" in free.out
    assert refused.code == 1
    assert "vectorstore.handbook" in refused.err
    assert "must be replaced" not in refused.out


def test_stores_and_their_files_come_back(make_project: MakeProject) -> None:
    """With the bytes of that time, though the files say something else by now."""
    project = make_project(LATE)
    project.write("a.md", "One.\n")
    store_of(project, 400)
    project.apply()
    id_ = project.id("vectorstore.handbook")
    project.write("a.md", "Something else.\n")
    project.apply()
    roll_back(project, "1")

    assert project.id("vectorstore.handbook") == id_
    (file,) = project.service.files()
    assert file["bytes"] == len("One.\n")
    held = project.service.call("GET", f"/vector_stores/{id_}/files")["data"]
    assert [each["id"] for each in held] == [file["id"]]
