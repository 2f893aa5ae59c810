"""Plans of the records alone: no request, no credential, and nothing written unseen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from emulator_process import emulator_process
from killing_proxy import killing_proxy
from projects import KEY, V1, V2, Project
from test_commands import with_bot
from test_kill import run_and_kill
from test_lifecycle import ASSISTANT, sharing

MakeProject = Callable[..., Project]


def cut_off(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the credential away; any request would fail at that."""
    monkeypatch.delenv("AZURE_OPENAI_API_KEY")
    assert project.run("plan").code == 1


@pytest.mark.parametrize("api_version", [V1, V2])
def test_a_plan_of_the_records_needs_neither_service_nor_credential(
    make_project: MakeProject, api_version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was applied plans empty; an edit of a manifest is shown as with the service."""
    project = sharing(make_project, api_version)
    project.edit("all.yaml", "spec: {model: chat}", "spec: {model: fast}")
    project.write("numbers.csv", "a,b\n1,3\n")
    shown = project.plan()
    cut_off(project, monkeypatch)
    recalled = project.plan("--no-refresh")

    assert (recalled.code, recalled.out) == (2, shown.out)
    assert "Warning: Service was not asked [P113]" in recalled.err
    project.write("numbers.csv", "a,b\n1,2\n")
    project.edit("all.yaml", "model: fast", "model: chat")
    assert project.plan("--no-refresh").code == 0


def test_the_first_plan_of_all_needs_no_service(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is recorded, so everything is to be made."""
    project = with_bot(make_project)
    cut_off(project, monkeypatch)
    planned = project.plan("--no-refresh")

    assert "Plan: 1 to add, 0 to change, 0 to destroy." in planned.out
    assert not (project.folder / ".provisioner").exists()


def test_apply_writes_what_it_has_planned_from_the_records(make_project: MakeProject) -> None:
    """What it touches is as recorded, so the plan holds; drift elsewhere is left alone."""
    project = with_bot(make_project)
    project.write("other.yaml", ASSISTANT.replace("NAME", "other"))
    project.apply()
    edit = {"instructions": "Theirs."}
    project.service.call("POST", f"/assistants/{project.id('assistant.other')}", edit)
    project.edit("bot.yaml", "Be brief.", "Be long.")
    done = project.apply("--no-refresh")

    assert "Apply complete! Resources: 0 added, 1 changed, 0 destroyed." in done.out
    assert {each["instructions"] for each in project.service.assistants()} == {
        "Be long.",
        "Theirs.",
    }


@pytest.mark.parametrize("approval", [["--auto-approve"], []])
def test_apply_writes_nothing_where_live_objects_are_not_as_recorded(
    make_project: MakeProject, approval: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edit behind our back of what is touched stops it, and nothing at all is written."""
    project = with_bot(make_project)
    project.write("other.yaml", ASSISTANT.replace("NAME", "other"))
    project.apply()
    edit = {"instructions": "Theirs."}
    project.service.call("POST", f"/assistants/{project.id('assistant.bot')}", edit)
    for each in ("bot.yaml", "other.yaml"):
        project.edit(each, "Be brief.", "Be long.")
    monkeypatch.setattr("provisioner.cli.applying.ask", lambda *_: None)
    refused = project.run("apply", "--no-refresh", *approval)

    assert refused.code == 1
    assert "P065" in refused.err
    assert "assistant.bot: `instructions` changed." in refused.err
    assert "without --no-refresh" in " ".join(refused.err.split())
    assert {each["instructions"] for each in project.service.assistants()} == {
        "Theirs.",
        "Be brief.",
    }


@pytest.mark.parametrize("api_version", [V1, V2])
def test_apply_writes_what_refers_to_files(make_project: MakeProject, api_version: str) -> None:
    """What isn't touched itself, but stands in what is sent by its id, is looked at too."""
    project = sharing(make_project, api_version)
    project.apply()
    project.edit("all.yaml", "{name: one}\nspec:\n", "{name: one}\nspec:\n  description: new\n")
    done = project.apply("--no-refresh")

    assert "Resources: 0 added, 1 changed, 0 destroyed." in done.out
    assert project.plan().code == 0


def test_apply_leaves_what_it_only_refers_to(make_project: MakeProject) -> None:
    """A store that was renamed behind our back is looked at for its id, and stays as it is."""
    project = make_project()
    project.write("all.yaml", SEARCHING)
    project.apply()
    store = f"/vector_stores/{project.id('vectorstore.handbook')}"
    project.service.call("POST", store, {"name": "Theirs"})
    project.edit("all.yaml", "model: chat", "model: fast")
    project.apply("--no-refresh")

    assert project.service.call("GET", store)["name"] == "Theirs"
    assert [each["model"] for each in project.service.assistants()] == ["gpt-4o-mini"]


SEARCHING = """\
apiVersion: provisioner/v1
kind: VectorStore
metadata: {name: handbook}
spec: {name: Handbook}
---
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: bot}
spec:
  model: chat
  tools: [{type: file_search, vector_store: handbook}]
"""


@pytest.mark.parametrize("option", [[], ["--no-refresh"]])
def test_a_file_that_is_written_while_apply_asks_stops_all_of_it(
    make_project: MakeProject, option: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is done by half."""
    project = sharing(make_project, V2)
    project.edit("all.yaml", "spec: {model: chat}", "spec: {model: fast}")
    project.write("numbers.csv", "a,b\n3,4\n")
    before = project.service.assistants(), project.service.files()
    written = "a,b\n5,6\n"
    asked = "provisioner.cli.applying.ask"
    monkeypatch.setattr(asked, lambda *_: project.write("numbers.csv", written))
    refused = project.run("apply", *option)

    assert refused.code == 1
    assert "P004" in refused.err
    assert (project.service.assistants(), project.service.files()) == before


def test_apply_finds_what_it_would_make_twice(make_project: MakeProject) -> None:
    """With the state lost, the records say `create`, and the tags say that it is there."""
    project = with_bot(make_project)
    project.apply()
    (project.folder / ".provisioner" / "test" / "state.json").unlink()
    refused = project.run("apply", "--no-refresh", "--auto-approve")

    assert "P065" in refused.err
    assert len(project.service.assistants()) == 1


def test_apply_finds_others_that_use_what_it_would_delete(make_project: MakeProject) -> None:
    """A file that a stranger's assistant has stays, and so does everything else."""
    project = sharing(make_project, V2)
    held = {"code_interpreter": {"file_ids": [project.id("file.numbers")]}}
    body = {"model": "gpt-4o", "tools": [{"type": "code_interpreter"}], "tool_resources": held}
    project.service.call("POST", "/assistants", body)
    project.write("numbers.csv", "a,b\n1,3\n")
    refused = project.run("apply", "--no-refresh", "--auto-approve")

    assert "P065" in refused.err
    assert len(project.service.files()) == 1


def test_without_changes_apply_sends_nothing(make_project: MakeProject) -> None:
    """It says so, and ends."""
    with emulator_process("--api-key", KEY) as (url, process):
        project = with_bot(make_project)
        text = (project.folder / "provisioner.yaml").read_text(encoding="utf-8")
        project.write("provisioner.yaml", text.replace(project.service.url, url))
        project.apply()
        process.kill()
        process.wait()

        assert project.run("plan").code == 1
        done = project.run("apply", "--no-refresh")
        assert done.code == 0
        assert "No changes." in done.out


def test_a_destroy_plan_of_a_part_can_be_made_of_the_records(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Selection, --destroy and --replace are the same as with the service."""
    project = sharing(make_project, V2)
    cut_off(project, monkeypatch)
    part = project.plan("--no-refresh", "--destroy", "--target", "assistant.one")
    replaced = project.plan("--no-refresh", "--replace", "file.numbers")

    assert "Plan: 0 to add, 0 to change, 1 to destroy." in part.out
    assert "Plan: 1 to add, 2 to change, 1 to destroy." in replaced.out


def test_an_unfinished_run_is_looked_into_first(make_project: MakeProject) -> None:
    """The records don't tell what became of a call whose answer was lost."""
    project = with_bot(make_project)
    with killing_proxy(project.service.url) as killer:
        project.edit("provisioner.yaml", project.service.url, killer.url)
        # The list of assistants is asked for first; then the assistant is made.
        assert run_and_kill(project, killer, 1, "after", "apply", "--auto-approve")
    refused = project.run("plan", "--no-refresh")

    assert refused.code == 1
    assert "P064" in refused.err
    assert "assistant.bot" in refused.err


def test_what_is_to_be_imported_is_looked_at_first(make_project: MakeProject) -> None:
    """The records say nothing of an object that isn't ours yet."""
    project = with_bot(make_project)
    made = project.service.call("POST", "/assistants", {"model": "gpt-4o", "name": "bot"})
    block = f"spec:\n  imports: [{{to: assistant.bot, id: {made['id']}}}]\n"
    project.edit("provisioner.yaml", "spec:\n", block)

    assert "P064" in project.run("plan", "--no-refresh").err
    project.apply()
    assert project.plan("--no-refresh").code == 0


def test_sensitive_values_are_compared_and_hidden_without_the_service(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was applied plans empty; another value is a change, and shows in neither form."""
    project = with_bot(make_project)
    variables = "spec:\n  variables: {token: {sensitive: true}}\n"
    project.edit("provisioner.yaml", "spec:\n", variables)
    project.edit("bot.yaml", "Be brief.", "Use ${var.token} twice.")
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", "hunter2-and-more")
    project.apply()
    same = project.plan("--no-refresh")
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", "correct-horse-battery")
    other = project.plan("--no-refresh")
    project.apply("--no-refresh")

    assert (same.code, other.code) == (0, 2)
    for result in (same, other):
        assert "hunter2" not in result.out + result.err
        assert "horse" not in result.out + result.err
    live = project.service.assistants()[0]
    assert live["instructions"] == "Use correct-horse-battery twice."
    assert project.plan().code == 0


def test_leftovers_of_a_replacement_are_deleted_without_a_refresh(
    make_project: MakeProject,
) -> None:
    """Only their ids are recorded, and that is enough to plan for them."""
    project = sharing(make_project, V2)
    held = {"code_interpreter": {"file_ids": [project.id("file.numbers")]}}
    body = {"model": "gpt-4o", "tools": [{"type": "code_interpreter"}], "tool_resources": held}
    stranger = project.service.call("POST", "/assistants", body)
    project.write("numbers.csv", "a,b\n1,3\n")
    project.apply()
    assert len(project.service.files()) == 2

    project.service.call("DELETE", f"/assistants/{stranger['id']}")
    project.apply("--no-refresh")
    assert [each["id"] for each in project.service.files()] == [project.id("file.numbers")]
    assert project.plan().code == 0
