"""Saved plans that are refused, and why: before anything is sent."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest
from projects import V2, Project
from saved_projects import FILE, MakeProject, bots, changed, refused, save, sharing

from provisioner.saved_plan.document import VERSION


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
        shutil.rmtree(path.parent / "generations")

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


def test_what_is_ignored_is_sent_back_though_nobody_may_see_it(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A text that somebody wrote where a secret stood is hidden whole in the plan."""
    project = with_secret(make_project, monkeypatch)
    assert project.run("apply", FILE).code == 0
    path = f"/assistants/{project.id('assistant.one')}"
    project.service.call("POST", path, {"instructions": "Written in the portal."})
    project.edit(
        "one.yaml", "{name: one}", "{name: one, lifecycle: {ignore_changes: [instructions]}}"
    )
    project.edit("one.yaml", "model: chat", "model: fast")
    save(project)

    assert b"Written in the portal." not in (project.folder / FILE).read_bytes()
    assert project.run("apply", FILE).code == 0
    (live,) = project.service.assistants()
    assert (live["instructions"], live["model"]) == ("Written in the portal.", "gpt-4o-mini")
