"""Taking over live objects, from end to end: `imports` and the command `import`."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from projects import V1, V2, Project
from test_lifecycle import ASSISTANT, SHARING
from test_renaming import write_block

MakeProject = Callable[..., Project]
versions = pytest.mark.parametrize("api_version", [V1, V2])

FOUND = ASSISTANT.replace("NAME", "found")
LIKE_FOUND = {
    "model": "gpt-4o",
    "name": "found",
    "instructions": "Be brief.",
    "metadata": {"owner": "me"},
}


def with_live(make_project: MakeProject, api_version: str = V2, **body: Any) -> tuple[Project, str]:
    """Declare an assistant, and make a live one by hand; give its id."""
    project = make_project(api_version)
    project.write("found.yaml", FOUND)
    made = project.service.call("POST", "/assistants", {**LIKE_FOUND, **body})
    return project, str(made["id"])


def block(id_: str, more: str = "") -> str:
    """Write an import of the assistant `found`."""
    return f"imports: [{{to: assistant.found, id: {id_}{more}}}]"


def assert_taken(project: Project, id_: str) -> None:
    """Expect the object to be ours, the only one, as declared, and nothing more to be done."""
    (live,) = project.service.assistants()
    assert live["id"] == id_ == project.id("assistant.found")
    assert "/assistant.found" in live["metadata"]["provisioner"]
    assert live["instructions"] == "Be brief."
    again = project.plan()
    assert again.code == 0, again.out
    assert not (project.folder / ".provisioner" / "test" / "journal.jsonl").exists()


@versions
def test_an_import_of_what_is_as_declared(make_project: MakeProject, api_version: str) -> None:
    """It is shown and counted as Terraform does, and only gets its tag."""
    project, id_ = with_live(make_project, api_version)
    write_block(project, block(id_))
    planned = project.plan()
    (change,) = project.run("plan", "--format", "json").json["resource_changes"]
    done = project.apply()

    assert planned.code == 2
    assert "# assistant.found will be imported\n" in planned.out
    assert "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy." in planned.out
    assert (change["change"]["actions"], change["change"]["importing"]) == (
        ["no-op"],
        {"id": id_},
    )
    assert "Resources: 1 imported, 0 added, 0 changed, 0 destroyed." in done.out
    assert f"assistant.found: Import complete after 0s [id={id_}]" in done.err
    assert_taken(project, id_)
    assert "P110" in project.plan().err


@versions
def test_an_import_of_what_differs(make_project: MakeProject, api_version: str) -> None:
    """The differences are shown, and one update takes it over and changes it."""
    project, id_ = with_live(make_project, api_version, instructions="Be rude.")
    write_block(project, block(id_))
    planned = project.plan().out
    done = project.apply()

    assert "# assistant.found will be imported and updated in-place\n" in planned
    assert f'  # (imported from "{id_}")\n' in planned
    assert "Plan: 1 to import, 0 to add, 1 to change, 0 to destroy." in planned
    assert "Resources: 1 imported, 0 added, 1 changed, 0 destroyed." in done.out
    assert_taken(project, id_)


def test_an_import_for_another_environment_waits_for_it(make_project: MakeProject) -> None:
    """A block with `environment` holds there and nowhere else."""
    project, id_ = with_live(make_project)
    text = (project.folder / "provisioner.yaml").read_text(encoding="utf-8")
    provider = text.partition("    test:\n")[2]
    project.write("provisioner.yaml", f"{text}    prod:\n{provider}")
    write_block(project, block(id_, ", environment: prod"))

    assert "will be created" in project.plan("-e", "test").out
    assert "will be imported" in project.plan("-e", "prod").out


@pytest.mark.parametrize("id_", ["asst_nobody", "asst_0"])
def test_an_id_that_nobody_has(make_project: MakeProject, id_: str) -> None:
    """It stops the run at the block's place; nothing is created in its stead."""
    project = make_project(V2)
    project.write("found.yaml", FOUND)
    write_block(project, block(id_))
    refused = project.run("apply", "--auto-approve")

    assert refused.code == 1
    assert "P031" in refused.err
    assert "provisioner.yaml:13:" in refused.err
    assert id_ in refused.err
    assert project.service.assistants() == []


def other_owner(project: Project, id_: str) -> None:
    """Let another project's tag stand on an object."""
    tag = {"provisioner": f"{uuid.uuid4().hex[:6]}/prod/assistant.theirs"}
    project.service.call("POST", f"/assistants/{id_}", {"metadata": tag})


@pytest.mark.parametrize("command", [False, True])
def test_what_belongs_to_somebody_else_is_left_alone(
    make_project: MakeProject, *, command: bool
) -> None:
    """Neither a block nor the command takes an object from its owner."""
    project, id_ = with_live(make_project)
    other_owner(project, id_)
    before = project.service.assistants()
    if not command:
        write_block(project, block(id_))
    arguments = ("import", "assistant.found", id_) if command else ("apply", "--auto-approve")
    refused = project.run(*arguments)

    assert refused.code == 1
    assert "P033" in refused.err
    assert project.service.assistants() == before


@pytest.mark.parametrize("command", [False, True])
def test_what_is_recorded_elsewhere_is_no_second_resource(
    make_project: MakeProject, *, command: bool
) -> None:
    """One object has one address; the message names `moved`."""
    project = make_project(V2)
    project.write("bot.yaml", ASSISTANT.replace("NAME", "bot"))
    project.apply()
    project.write("found.yaml", FOUND)
    id_ = project.id("assistant.bot")
    if not command:
        write_block(project, block(id_))
    arguments = ("import", "assistant.found", id_) if command else ("apply", "--auto-approve")
    refused = project.run(*arguments)

    assert refused.code == 1
    assert "P032" in refused.err
    assert "moved:" in refused.err
    assert len(project.service.assistants()) == 1


@versions
def test_the_command_changes_nothing_but_the_tag(
    make_project: MakeProject, api_version: str
) -> None:
    """Import keeps the live attributes; the next plan shows the difference and no more."""
    project, id_ = with_live(
        make_project,
        api_version,
        instructions="Be rude.",
        description="Made by hand",
        tools=[{"type": "code_interpreter"}],
    )
    before = project.service.assistants()[0]
    done = project.run("import", "assistant.found", id_)
    after = project.service.assistants()[0]

    assert done.code == 0, done.err
    assert after["metadata"].pop("provisioner").endswith("/test/assistant.found")
    assert after == before
    assert project.state["resources"]["assistant.found"]["attributes"]["instructions"] == "Be rude."
    assert "Import complete! assistant.found" in done.out
    assert "Plan: 0 to add, 1 to change, 0 to destroy." in done.out
    assert project.run("drift").code == 0
    assert project.changes() == {"assistant.found": ["update"]}
    project.apply()
    assert_taken(project, id_)


def test_an_import_that_is_done_says_so(make_project: MakeProject) -> None:
    """The same command twice is fine; another id for the same address is not."""
    project, id_ = with_live(make_project)
    other = project.service.call("POST", "/assistants", LIKE_FOUND)["id"]
    assert project.run("import", "assistant.found", id_).code == 0
    state = project.state
    again = project.run("import", "assistant.found", id_)
    refused = project.run("import", "assistant.found", other)

    assert again.code == 0
    assert "managed already" in again.out
    assert refused.code == 1
    assert "P036" in refused.err
    assert project.state == state
    assert project.plan().code == 0


def test_what_can_not_be_imported_is_told_offline(make_project: MakeProject) -> None:
    """An undeclared address, an id of another kind, and what is no id at all."""
    project, id_ = with_live(make_project)
    undeclared = project.run("import", "assistant.fond", id_)
    wrong_kind = project.run("import", "assistant.found", "assistant-abc")

    assert "P035" in undeclared.err
    assert "assistant.found?" in undeclared.err
    assert "provisioner export" in undeclared.err
    assert "M227" in wrong_kind.err
    assert project.run("import", "assistant.found", "../files").code == 1
    assert "P031" in project.run("import", "assistant.found", "asst_nobody").err
    assert "provisioner" not in project.service.assistants()[0]["metadata"]


def test_a_namesake_leads_to_import(make_project: MakeProject) -> None:
    """The warning about an object of the same name is the command that takes it over."""
    project, id_ = with_live(make_project)
    said = " ".join(project.plan().err.replace("│", "").split())

    assert "P103" in said
    assert f"provisioner import assistant.found {id_}" in said


@pytest.fixture
def shared(make_project: MakeProject) -> Project:
    """Apply a project with a file, and forget the file: it is live, and recorded nowhere."""
    project = make_project(V2)
    project.write("all.yaml", SHARING)
    project.write("numbers.csv", "a,b\n1,2\n")
    project.apply()
    (project.folder / ".provisioner" / "test" / "state.json").unlink()
    return project


@pytest.mark.parametrize("command", [False, True])
def test_a_file_is_taken_over_by_name_and_size(shared: Project, *, command: bool) -> None:
    """Nothing is sent for it; a warning says that its bytes are taken on trust."""
    (file,) = shared.service.files()
    if command:
        done = shared.run("import", "file.numbers", file["id"])
        assert done.code == 0, done.err
    else:
        write_block(shared, f"imports: [{{to: file.numbers, id: {file['id']}}}]")
        assert "Plan: 1 to import, 0 to add" in shared.plan().out
        done = shared.apply()
    assert "P111" in done.err
    shared.apply()

    assert [each["id"] for each in shared.service.files()] == [file["id"]]
    assert shared.id("file.numbers") == file["id"]
    assert len(shared.service.assistants()) == 3
    assert shared.plan().code == 0


@pytest.mark.parametrize("command", [False, True])
def test_a_file_of_another_size_is_refused(shared: Project, *, command: bool) -> None:
    """What differs can't be changed, and isn't replaced behind anyone's back."""
    (file,) = shared.service.files()
    shared.write("numbers.csv", "a,b\n1,2\n3,4\n")
    if not command:
        write_block(shared, f"imports: [{{to: file.numbers, id: {file['id']}}}]")
    arguments = ("import", "file.numbers", file["id"]) if command else ("apply", "--auto-approve")
    refused = shared.run(*arguments)

    assert refused.code == 1
    assert "P034" in refused.err
    assert "bytes is 8, not 12" in refused.err
    assert [each["id"] for each in shared.service.files()] == [file["id"]]
