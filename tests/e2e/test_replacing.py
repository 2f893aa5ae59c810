"""Replacements and deletions of orphans from end to end: only what is asked for, and only ours."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from projects import V1, V2, Project
from test_commands import with_bot
from test_lifecycle import ASSISTANT, attached, sharing
from test_vector_stores import begin, contents, searched, stores

MakeProject = Callable[..., Project]


@pytest.mark.parametrize("api_version", [V1, V2])
def test_an_assistant_is_made_anew_on_request(make_project: MakeProject, api_version: str) -> None:
    """The plan says that it was asked for; afterwards there is one, of another id."""
    project = with_bot(make_project, api_version)
    project.apply()
    before = project.id("assistant.bot")
    text = project.plan("--replace", "assistant.bot").out
    found = project.run("plan", "--format", "json", "--replace", "assistant.bot").json
    project.apply("--replace", "assistant.bot")

    assert "# assistant.bot will be replaced, as requested" in text
    assert "forces replacement" not in text
    assert "Plan: 1 to add, 0 to change, 1 to destroy." in text
    (change,) = found["resource_changes"]
    assert change["change"]["actions"] == ["create", "delete"]
    assert change["action_reason"] == "replace_by_request"
    assert project.id("assistant.bot") != before
    assert [each["id"] for each in project.service.assistants()] == [project.id("assistant.bot")]
    assert project.plan().code == 0


def test_a_replaced_file_is_uploaded_again_and_attached(make_project: MakeProject) -> None:
    """Whoever has it gets the new one before the old one goes."""
    project = sharing(make_project, V2)
    before = project.id("file.numbers")
    project.apply("--replace", "file.numbers")
    after = project.id("file.numbers")

    assert after != before
    assert [each["id"] for each in project.service.files()] == [after]
    assert attached(project, "assistant.one") == attached(project, "assistant.two") == [after]
    assert project.plan().code == 0


def test_a_replaced_store_is_indexed_anew_and_searched(make_project: MakeProject) -> None:
    """The same files, another store, and the assistant searches that one."""
    project = begin(make_project(V2))
    project.apply()
    before = project.id("vectorstore.handbook")
    project.apply("--replace", "vectorstore.handbook")
    after = project.id("vectorstore.handbook")

    assert after != before
    assert [each["id"] for each in stores(project)] == [after]
    assert contents(project) == {"a.md": "completed", "b.md": "completed"}
    assert searched(project) == [after]
    assert project.plan().code == 0


def test_what_is_protected_is_not_replaced_on_request_either(make_project: MakeProject) -> None:
    """prevent_destroy says no to replacements, whoever asks."""
    project = make_project(V2)
    guarded = "{name: bot, lifecycle: {prevent_destroy: true}}"
    project.write("bot.yaml", ASSISTANT.replace("{name: NAME}", guarded))
    project.apply()
    refused = project.run("apply", "--auto-approve", "--replace", "assistant.bot")

    assert refused.code == 1
    assert "P008" in refused.err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--replace", "assistant.bto"], "P005"),
        (["--replace", "assistant.new"], "P063"),
        (["--replace", "assistant.gone"], "P063"),
        (["--replace", "assistant.bot", "--target", "assistant.new"], "P063"),
        (["--replace", "assistant.bot", "--destroy"], "P063"),
    ],
)
def test_what_does_not_stand_cannot_be_replaced(
    make_project: MakeProject, arguments: list[str], code: str
) -> None:
    """A request that would do nothing is an error, not silence."""
    project = with_bot(make_project)
    project.write("gone.yaml", ASSISTANT.replace("NAME", "gone"))
    project.apply()
    (project.folder / "gone.yaml").unlink()
    project.write("new.yaml", ASSISTANT.replace("NAME", "new"))
    refused = project.run("plan", *arguments)

    assert (refused.code, refused.out) == (1, "")
    assert code in refused.err


def with_orphan(make_project: MakeProject) -> tuple[Project, str]:
    """Lose the record of an assistant that is no longer declared; give its id."""
    project = with_bot(make_project)
    project.write("lost.yaml", ASSISTANT.replace("NAME", "lost"))
    project.apply()
    id_ = project.id("assistant.lost")
    (project.folder / "lost.yaml").unlink()
    for each in ("state.json", "journal.jsonl"):
        (project.folder / ".provisioner" / "test" / each).unlink(missing_ok=True)
    project.apply()
    return project, id_


def test_an_orphan_is_reported_and_deleted_only_on_request(make_project: MakeProject) -> None:
    """The report names the flag; with the flag the plan shows the delete, and why."""
    project, id_ = with_orphan(make_project)
    reported = project.plan()
    planned = project.plan("--delete-orphans")
    found = project.run("plan", "--delete-orphans", "--format", "json").json

    assert (reported.code, planned.code) == (0, 2)
    assert id_ in reported.err
    assert "--delete-orphans" in reported.err
    assert "# assistant.lost will be destroyed" in planned.out
    assert "# (it carries our tag, but is neither declared nor recorded)" in planned.out
    assert "P101" not in planned.err
    actions = {each["address"]: each["change"]["actions"] for each in found["resource_changes"]}
    assert actions == {"assistant.bot": ["no-op"], "assistant.lost": ["delete"]}
    project.apply("--delete-orphans")

    assert [each["name"] for each in project.service.assistants()] == ["bot"]
    assert list(project.state["resources"]) == ["assistant.bot"]
    assert project.plan("--delete-orphans").code == 0


def test_copies_strangers_and_the_untagged_are_no_orphans(make_project: MakeProject) -> None:
    """Whatever somebody may have made by copying our metadata stays, and so does all else."""
    project = with_bot(make_project)
    project.apply()
    tag = project.service.assistants()[0]["metadata"]["provisioner"]
    uid, _, address = tag.split("/")[:3]
    for metadata in (
        {"provisioner": tag},
        {"provisioner": f"{uid}/prod/{address}"},
        {"provisioner": "other/test/assistant.lost"},
        {},
    ):
        body = {"model": "gpt-4o", "name": "theirs", "metadata": metadata}
        project.service.call("POST", "/assistants", body)
    applied = project.apply("--delete-orphans")

    assert len(project.service.assistants()) == 5
    assert applied.err.count("P101") == 1
    assert "leaves it alone too" in " ".join(applied.err.split())


def test_orphaned_stores_are_found_and_counted(make_project: MakeProject) -> None:
    """Also where no store is declared any more; the brake counts them with the assistants."""
    project = begin(make_project(V2))
    project.apply()
    (project.folder / "all.yaml").unlink()
    (project.folder / ".provisioner" / "test" / "state.json").unlink()
    stopped = project.run("apply", "--auto-approve", "--delete-orphans")

    assert "deletes 2 objects, where 0 resources are recorded" in " ".join(stopped.err.split())
    assert len(stores(project)) == 1
    project.apply("--delete-orphans", "--max-delete", "2")
    assert (stores(project), project.service.assistants()) == ([], [])
    assert len(project.service.files()) == 2


@pytest.mark.parametrize("other", [["--target", "assistant.bot"], ["-l", "a=b"], ["--no-refresh"]])
def test_orphans_are_looked_for_everywhere_or_not_at_all(
    make_project: MakeProject, other: list[str]
) -> None:
    """A part of the project, or its records alone, don't tell what is an orphan."""
    refused = with_bot(make_project).run("plan", "--delete-orphans", *other)

    assert refused.code == 1
    assert "--delete-orphans" in refused.err
