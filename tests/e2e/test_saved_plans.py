"""Saved plans from end to end: what was reviewed is carried out, or nothing is."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from projects import V1, V2, Project, Result
from test_lifecycle import ASSISTANT, SHARING
from test_renaming import rename, with_old, write_block

from provisioner.saved_plan.document import VERSION

MakeProject = Callable[..., Project]
versions = pytest.mark.parametrize("api_version", [V1, V2])
FILE = "reviewed.plan"


def bots(make_project: MakeProject, *names: str, api_version: str = V2) -> Project:
    """Make a project with some assistants, which nobody has applied yet."""
    project = make_project(api_version)
    for name in names:
        project.write(f"{name}.yaml", ASSISTANT.replace("NAME", name))
    return project


def sharing(make_project: MakeProject, api_version: str) -> Project:
    """Make a project in which two of three assistants share a file, not applied yet."""
    project = make_project(api_version)
    project.write("all.yaml", SHARING)
    project.write("numbers.csv", "a,b\n1,2\n")
    return project


def save(project: Project, *arguments: str) -> Result:
    """Save a plan, which must go well."""
    saved = project.run("plan", "--out", FILE, *arguments)
    assert saved.code == 0, saved.err
    return saved


def changed(make_project: MakeProject, api_version: str = V2) -> Project:
    """Apply two assistants, change one in its manifest, and save the plan."""
    project = bots(make_project, "one", "two", api_version=api_version)
    project.apply()
    project.edit("one.yaml", "Be brief.", "Be kind.")
    save(project)
    return project


def edit_live(project: Project, address: str, **body: Any) -> None:
    """Change an assistant as somebody does in the portal."""
    project.service.call("POST", f"/assistants/{project.id(address)}", body)


def objects(project: Project) -> tuple[list[Any], list[Any]]:
    """Give all that is live."""
    return project.service.assistants(), project.service.files()


def refused(project: Project, code: str, *arguments: str) -> str:
    """Expect a saved plan to be refused, and nothing to be changed, here or there.

    Gives what is told, as one line.
    """
    before, state = objects(project), state_bytes(project)
    result = project.run("apply", FILE, *arguments)
    assert result.code == 1, result.out
    assert code in result.err
    assert "Traceback" not in result.err
    assert objects(project) == before
    assert state_bytes(project) == state
    return " ".join(result.err.split())


def state_bytes(project: Project) -> bytes | None:
    """Give the state as it is on disk."""
    path = project.folder / ".provisioner" / "test" / "state.json"
    return path.read_bytes() if path.exists() else None


def stale(project: Project, *named: str) -> None:
    """Expect the plan to be stale, and each of these to be named."""
    told = refused(project, "P058")
    assert "Error: Saved plan is stale" in told
    assert [each for each in named if each not in told] == []


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


@versions
def test_a_plan_is_applied_once(make_project: MakeProject, api_version: str) -> None:
    """What it would create exists, and what it would change is changed."""
    project = sharing(make_project, api_version)
    save(project)
    assert project.run("apply", FILE).code == 0

    stale(project, "file.numbers", "assistant.one", project.id("assistant.three"))

    project = changed(make_project, api_version)
    assert project.run("apply", FILE).code == 0
    stale(project, "assistant.one", "`instructions`")


@versions
def test_an_edit_of_what_a_plan_touches_makes_it_stale(
    make_project: MakeProject, api_version: str
) -> None:
    """Every resource and every field is named, and nothing at all is written."""
    project = changed(make_project, api_version)
    project.edit("two.yaml", "Be brief.", "Be kind.")
    save(project)
    edit_live(project, "assistant.one", instructions="Be rude.", description="Mine.")
    edit_live(project, "assistant.two", model="gpt-4o-mini")

    stale(project, "assistant.one", "`description`, `instructions`", "assistant.two", "`model`")


def test_an_edit_elsewhere_makes_no_plan_stale(make_project: MakeProject) -> None:
    """It is left alone, and so is what manifests say by now."""
    project = changed(make_project)
    edit_live(project, "assistant.two", instructions="Be rude.")
    project.edit("one.yaml", "Be kind.", "Be formal.")
    project.write("three.yaml", ASSISTANT.replace("NAME", "three"))
    project.write("broken.yaml", "apiVersion: provisioner/v1\nkind: Assistant\n")
    done = project.run("apply", FILE)

    assert done.code == 0, done.err
    assert "Resources: 0 added, 1 changed, 0 destroyed." in done.out
    told = {each["name"]: each["instructions"] for each in project.service.assistants()}
    assert told == {"one": "Be kind.", "two": "Be rude."}


def test_another_apply_elsewhere_makes_no_plan_stale(make_project: MakeProject) -> None:
    """The state's serial may grow: only what the plan touches counts."""
    project = changed(make_project)
    project.write("three.yaml", ASSISTANT.replace("NAME", "three"))
    project.apply("--target", "assistant.three")

    assert project.run("apply", FILE).code == 0
    assert project.plan().code == 0


def test_a_copied_tag_elsewhere_stops_no_plan(make_project: MakeProject) -> None:
    """What a new plan would refuse at another address is no matter of this one."""
    project = changed(make_project)
    two = project.service.call("GET", f"/assistants/{project.id('assistant.two')}")
    copy = {"model": "gpt-4o", "name": "copy", "metadata": two["metadata"]}
    project.service.call("POST", "/assistants", copy)
    project.service.call("DELETE", f"/assistants/{two['id']}")

    assert "P003" in project.run("plan").err
    assert project.run("apply", FILE).code == 0


def test_what_was_deleted_since_makes_a_plan_stale(make_project: MakeProject) -> None:
    """It would have to be created, and nobody has reviewed that."""
    project = changed(make_project)
    id_ = project.id("assistant.one")
    project.service.call("DELETE", f"/assistants/{id_}")

    stale(project, "assistant.one", id_, "would be created by now")


def test_another_id_of_what_is_referred_to_makes_a_plan_stale(make_project: MakeProject) -> None:
    """The file's replacement is named where it would be used."""
    project = sharing(make_project, V2)
    project.apply()
    manifest = (project.folder / "all.yaml").read_text(encoding="utf-8")
    project.edit("all.yaml", "{name: one}\nspec:\n", "{name: one}\nspec:\n  description: new\n")
    save(project, "--target", "assistant.one")
    project.write("all.yaml", manifest)
    project.write("numbers.csv", "a,b\n3,4\n")
    project.apply()

    stale(project, "assistant.one", "`tool_resources.code_interpreter.file_ids")


def test_other_bytes_are_refused_before_anything_is_sent(make_project: MakeProject) -> None:
    """All files are looked at first, so that no plan is applied by half."""
    project = sharing(make_project, V2)
    save(project)
    project.write("numbers.csv", "a,b\n3,4\n")

    assert "numbers.csv" in refused(project, "P004")


def test_a_plan_holds_for_its_project_only(make_project: MakeProject) -> None:
    """Another project of the same name has another uid."""
    project, other = bots(make_project, "one"), bots(make_project, "one")
    save(project)
    (other.folder / FILE).write_bytes((project.folder / FILE).read_bytes())

    assert "Saved plan is for another project" in refused(other, "P053")


def test_a_plan_holds_for_its_environment_only(make_project: MakeProject) -> None:
    """Without -e its own is taken."""
    project = bots(make_project, "one")
    text = (project.folder / "provisioner.yaml").read_text(encoding="utf-8")
    provider = text.partition("    test:\n")[2]
    default = text.replace("spec:\n", "spec:\n  default_environment: prod\n", 1)
    project.write("provisioner.yaml", f"{default}    prod:\n{provider}")
    save(project, "-e", "test")

    assert "Saved plan is for another environment" in refused(project, "P054", "-e", "prod")
    done = project.run("apply", FILE)
    assert done.code == 0
    assert "environment test" in done.out


def test_a_plan_holds_for_its_service_only(make_project: MakeProject) -> None:
    """Neither another endpoint nor another API version is what was planned upon."""
    project = bots(make_project, "one")
    save(project)
    project.edit("provisioner.yaml", V2, "2025-03-01-preview")

    assert "2025-03-01-preview" in refused(project, "P055")
    project.edit("provisioner.yaml", project.service.url, "http://127.0.0.1:9")
    assert "http://127.0.0.1:9" in refused(project, "P055")


@pytest.mark.parametrize("gone", [True, False])
def test_a_plan_holds_for_its_state_only(make_project: MakeProject, *, gone: bool) -> None:
    """A state that was lost or begun anew is none that the plan goes on from."""
    project = changed(make_project)
    path = project.folder / ".provisioner" / "test" / "state.json"
    if gone:
        path.unlink()
    else:
        path.write_text(json.dumps({**project.state, "lineage": "another"}), encoding="utf-8")

    assert "Saved plan doesn't match the state" in refused(project, "P056")


def test_the_digest_tells_the_file_that_was_reviewed(make_project: MakeProject) -> None:
    """Another one is refused, however well it is made."""
    project = bots(make_project, "one")
    save(project)
    digest = hashlib.sha256((project.folder / FILE).read_bytes()).hexdigest()

    assert digest in refused(project, "P052", "--expect-digest", "0" * 64)
    assert project.run("apply", FILE, "--expect-digest", digest.upper()).code == 0


def edited(project: Project, old: bytes, new: bytes) -> None:
    """Change the saved plan."""
    path = project.folder / FILE
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new))


def test_a_damaged_plan_is_refused(make_project: MakeProject) -> None:
    """By its own digest, or because it ends too early; a plan is saved over it all the same."""
    project = bots(make_project, "one")
    save(project)
    edited(project, b"Be brief.", b"Be rude!.")
    assert "digest" in refused(project, "P050")

    path = project.folder / FILE
    path.write_bytes(path.read_bytes()[:-100])
    refused(project, "P050")
    save(project)
    assert project.run("apply", FILE).code == 0


def test_a_newer_plan_is_refused_with_a_cure(make_project: MakeProject) -> None:
    """Its format isn't guessed at."""
    project = bots(make_project, "one")
    save(project)
    edited(project, b'_plan": %d' % VERSION, b'_plan": %d' % (VERSION + 1))

    assert "Update provisioner" in refused(project, "P051")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"{}", b"notes\n", None])
def test_what_is_no_plan_is_refused(make_project: MakeProject, content: bytes | None) -> None:
    """Also a file that isn't there."""
    project = bots(make_project, "one")
    if content is not None:
        (project.folder / FILE).write_bytes(content)

    refused(project, "P050")


def test_nothing_but_a_plan_is_overwritten(make_project: MakeProject) -> None:
    """Nobody's file is lost; an empty one, as temporary files are, holds nothing."""
    project = bots(make_project, "one")
    before = (project.folder / "one.yaml").read_bytes()
    over = project.run("plan", "--out", "one.yaml")
    (project.folder / FILE).touch()
    save(project)
    save(project)

    assert over.code == 1
    assert "P059" in over.err
    assert (project.folder / "one.yaml").read_bytes() == before
    assert "P059" in project.run("plan", "--out", ".").err
    assert "P059" in project.run("plan", "--out", "no/such/folder").err
    assert not list(project.folder.glob(f".{FILE}*"))


@pytest.mark.parametrize(
    "option", [("--target", "assistant.one"), ("--recreate-missing",), ("--upgrade-api",)]
)
def test_a_saved_plan_takes_no_other_wishes(
    make_project: MakeProject, option: tuple[str, ...]
) -> None:
    """It says all that is to be done."""
    project = bots(make_project, "one")
    save(project)

    assert option[0] in refused(project, "Usage", *option)


def test_a_digest_belongs_to_a_file(make_project: MakeProject) -> None:
    """Without one nothing is planned and applied in its stead."""
    project = bots(make_project, "one")
    result = project.run("apply", "--auto-approve", "--expect-digest", "0" * 64)

    assert result.code == 1
    assert project.service.assistants() == []


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


def test_a_file_that_somebody_uses_since_is_not_destroyed(make_project: MakeProject) -> None:
    """The checks of every plan hold when a saved one is applied."""
    project = sharing(make_project, V2)
    project.apply()
    save(project, "--destroy")
    tools = {
        "tools": [{"type": "code_interpreter"}],
        "tool_resources": {"code_interpreter": {"file_ids": [project.id("file.numbers")]}},
    }
    project.service.call("POST", "/assistants", {"model": "gpt-4o", "name": "mine", **tools})

    stale(project, "file.numbers", "something else needs it by now")


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


SECRET = "hunter2-and-more"


def with_secret(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Save a plan that sends a sensitive value."""
    project = bots(make_project, "one")
    project.edit("provisioner.yaml", "spec:\n", "spec:\n  variables: {token: {sensitive: true}}\n")
    project.edit("one.yaml", "Be brief.", "Call with ${var.token}, please.")
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", SECRET)
    save(project)
    return project


def test_a_saved_plan_holds_no_secret(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither sensitive values nor the key; the value is given again, and sent."""
    project = with_secret(make_project, monkeypatch)
    content = (project.folder / FILE).read_bytes()

    assert SECRET.encode() not in content
    assert os.environ["AZURE_OPENAI_API_KEY"].encode() not in content
    assert b"(sensitive:token:" in content
    assert SECRET not in project.run("show", FILE).out
    done = project.run("apply", FILE)
    assert done.code == 0, done.err
    assert project.service.assistants()[0]["instructions"] == f"Call with {SECRET}, please."
    assert project.plan().code == 0


@pytest.mark.parametrize("value", [None, "another-value"])
def test_another_value_than_the_plans_is_refused(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch, value: str | None
) -> None:
    """The variable is named, and the value shown nowhere."""
    project = with_secret(make_project, monkeypatch)
    monkeypatch.delenv("PROVISIONER_VAR_TOKEN")
    if value:
        monkeypatch.setenv("PROVISIONER_VAR_TOKEN", value)
    told = refused(project, "P057")

    assert "`token`" in told
    assert "PROVISIONER_VAR_TOKEN" in told
    assert "another-value" not in told


def test_an_update_beside_a_secret_needs_its_value(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the value stays as it is: an update sends all of an assistant."""
    project = with_secret(make_project, monkeypatch)
    assert project.run("apply", FILE).code == 0
    project.edit("one.yaml", "model: chat", "model: fast")
    save(project)
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", "another-value")
    refused(project, "P057")
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", SECRET)

    assert project.run("apply", FILE).code == 0
    assert project.plan().code == 0


def test_a_plan_moves_to_another_checkout(make_project: MakeProject, tmp_path: Path) -> None:
    """Files are found by their paths in the project, wherever that lies."""
    project = sharing(make_project, V2)
    save(project)
    there = project.folder.rename(tmp_path / "another-checkout")

    done = Project(there, project.service).run("apply", FILE)
    assert done.code == 0, done.err
    assert len(project.service.files()) == 1


def test_a_file_outside_of_the_project_is_never_read(
    make_project: MakeProject, tmp_path: Path
) -> None:
    """A link that leads out by now is refused, whatever it leads to."""
    project = sharing(make_project, V2)
    save(project)
    numbers = project.folder / "numbers.csv"
    (tmp_path / "private.csv").write_bytes(numbers.read_bytes())
    numbers.unlink()
    numbers.symlink_to(tmp_path / "private.csv")

    assert "outside of the project" in refused(project, "P050")
