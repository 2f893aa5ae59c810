"""Exports of projects with variables, secrets, defaults and patches; and what editors see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from projects import V2, Project, command
from test_export import NASTY, OTHER, TEXTS, WEATHER, documents, portal_made, tree, upload
from test_sensitive import ASSISTANT, NEXT, SECRET, assert_hidden

from provisioner.manifest.modeline import SCHEMA_FILE

MakeProject = Callable[..., Project]

SECRETS = "spec:\n  variables: {token: {sensitive: true}, pin: {sensitive: true}}\n"
DEFAULTS = (
    "spec:\n  defaults: {assistant: {temperature: 0.2, model: chat, description: d,"
    " instructions: Be nice., tools: [{type: code_interpreter}]}}\n"
)


@pytest.fixture
def secretive(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Apply an assistant and a store that hold secrets."""
    project = make_project()
    project.edit("provisioner.yaml", "spec:\n", SECRETS)
    store = "kind: VectorStore\nmetadata: {name: s}\nspec: {name: 'of ${var.token}'}\n"
    project.write("a.yaml", f"{ASSISTANT}---\napiVersion: provisioner/v1\n{store}")
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", SECRET)
    monkeypatch.setenv("PROVISIONER_VAR_PIN", "4")
    project.apply()
    return project


def leak_free(folder: Path) -> bool:
    """Say that no file of an export holds a secret."""
    return not any(
        secret.encode() in content for content in tree(folder).values() for secret in (SECRET, NEXT)
    )


def test_secrets_are_exported_as_references(secretive: Project, tmp_path: Path) -> None:
    """Into a project of its own, which declares the variables, and plans empty with the values."""
    out = tmp_path / "out"
    exported = secretive.run("export", "--out", str(out))
    planned = command("-C", str(out), "plan", "--detailed-exitcode")

    assert exported.code == 0, exported.err
    assert planned.code == 0, planned.out + planned.err
    assert leak_free(out)
    assert_hidden(secretive, exported, planned)
    assert "key ${var.token}, please" in (out / "instructions" / "bot.md").read_text()
    (bot,) = documents(out, "Assistant")
    assert bot["spec"]["metadata"] == {"short": "${var.pin}"}
    assert bot["spec"]["tools"][0]["function"]["description"] == "with ${var.token}"
    assert documents(out, "VectorStore")[0]["spec"]["name"] == "of ${var.token}"


def test_lost_manifests_with_secrets_come_back(secretive: Project) -> None:
    """By what is recorded; even a value that is too short to be searched for."""
    (secretive.folder / "a.yaml").unlink()
    exported = secretive.run("export")

    assert exported.code == 0, exported.err
    assert secretive.plan().code == 0, secretive.plan().out
    assert_hidden(secretive, exported)


def test_a_foreign_text_that_holds_a_secret_refers_to_it(secretive: Project) -> None:
    """Somebody has copied it into the portal; names of documents don't tell of it either."""
    body = portal_made(f"Uses {SECRET}", f"${{var.pin}} is no pin, {SECRET} a token")
    secretive.service.call("POST", "/assistants", body)
    exported = secretive.run("export", "--all", "--import")

    assert exported.code == 0, exported.err
    text = (secretive.folder / "instructions" / "uses-var-token.md").read_text()
    assert text == "$${var.pin} is no pin, ${var.token} a token"
    assert secretive.plan().code == 0, secretive.plan().out
    assert_hidden(secretive, exported)


def test_a_text_that_is_hidden_whole_is_left_out(
    secretive: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may hold the former value, which nobody knows any more."""
    path = f"/assistants/{secretive.id('assistant.bot')}"
    edited = {"instructions": f"Edited: {SECRET}", "tools": []}
    secretive.service.call("POST", path, edited)
    store = f"/vector_stores/{secretive.id('vectorstore.s')}"
    secretive.service.call("POST", store, {"name": "nothing that tells the former value"})
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", NEXT)
    out = tmp_path / "out"
    exported = secretive.run("export", "--target", "assistant.bot", "--out", str(out))

    assert exported.code == 0, exported.err
    assert "M751" in exported.err
    assert "what it says now is hidden" in " ".join(exported.err.split())
    assert exported.out == ""
    assert_hidden(secretive, exported)


def test_a_value_that_has_changed_leaves_the_object_out(
    secretive: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reference would stand for another value than the live one."""
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", NEXT)
    exported = secretive.run("export", "--out", str(tmp_path / "out"))

    assert exported.code == 0, exported.err
    assert exported.err.count("is left out") == 2
    assert "has another value" in " ".join(exported.err.split())
    assert_hidden(secretive, exported)


def test_defaults_are_answered_where_they_say_more(make_project: MakeProject) -> None:
    """What the live object doesn't have is written as nothing, and the plan is empty."""
    project = make_project()
    bodies = [{"model": "gpt-4o"}, {"model": "gpt-4o-mini", "temperature": 0.7}]
    for number, body in enumerate(bodies):
        project.service.call("POST", "/assistants", {**body, "name": f"bot {number}"})
    project.service.call("POST", "/assistants", portal_made("full", tools=[WEATHER]))
    project.edit("provisioner.yaml", "spec:\n", DEFAULTS)
    exported = project.run("export", "--all", "--import")

    assert exported.code == 0, exported.err
    assert "M751" not in exported.err
    assert project.plan().code == 0, project.plan().out
    bare = next(e for e in documents(project.folder, "Assistant") if e["spec"]["name"] == "bot 0")
    assert bare["spec"] == {
        "name": "bot 0",
        "description": "",
        "model": "chat",
        "instructions": "",
        "tools": [],
        "temperature": 1,
    }


def test_a_default_that_no_assistant_can_refuse_leaves_it_out(make_project: MakeProject) -> None:
    """Pairs of metadata are merged; the warning names the one that would be added."""
    project = make_project()
    for name, pairs in (("without", {}), ("with", {"team": "b"})):
        project.service.call("POST", "/assistants", portal_made(name, metadata=pairs))
    defaults = "spec:\n  defaults: {assistant: {metadata: {team: a}}}\n"
    project.edit("provisioner.yaml", "spec:\n", defaults)
    exported = project.run("export", "--all", "--import")

    assert exported.code == 0, exported.err
    told = " ".join(exported.err.split())
    assert "('without') is left out: the project's `defaults` add metadata 'team'" in told
    assert list(project.state["resources"]) == ["assistant.with"]
    assert project.plan().code == 0


def test_the_copy_of_a_project_has_neither_defaults_nor_patches(
    make_project: MakeProject, tmp_path: Path
) -> None:
    """What they say stands in the exported manifests, and the plan is empty."""
    project = make_project()
    project.edit("provisioner.yaml", "spec:\n", DEFAULTS)
    project.write("bot.yaml", "apiVersion: provisioner/v1\nkind: Assistant\n"
                  "metadata: {name: bot}\nspec: {}\n")  # fmt: skip
    text = (project.folder / "provisioner.yaml").read_text()
    patch = "      patches: {assistant.bot: {spec: {description: patched, temperature: 0.3}}}\n"
    project.write("provisioner.yaml", text + patch)
    project.apply()
    out = tmp_path / "out"
    exported = project.run("export", "--out", str(out))

    assert exported.code == 0, exported.err
    written = (out / "provisioner.yaml").read_text()
    assert "defaults" not in written
    assert "patches" not in written
    assert documents(out, "Assistant")[0]["spec"]["description"] == "patched"
    assert command("-C", str(out), "plan", "--detailed-exitcode").code == 0


def test_a_patch_of_what_is_not_declared_stops_the_export(make_project: MakeProject) -> None:
    """As it stops any plan; without it, what it said comes back with the manifest."""
    project = make_project()
    manifest = project.write("bot.yaml", "apiVersion: provisioner/v1\nkind: Assistant\n"
                             "metadata: {name: bot}\nspec: {model: chat}\n")  # fmt: skip
    text = (project.folder / "provisioner.yaml").read_text()
    patch = "      patches: {assistant.bot: {spec: {description: patched}}}\n"
    project.write("provisioner.yaml", text + patch)
    project.apply()
    manifest.unlink()
    before = tree(project.folder)
    refused = project.run("export")

    assert refused.code == 1
    assert "M202" in refused.err
    assert "Nothing declares assistant.bot" in refused.err
    assert tree(project.folder) == before
    project.write("provisioner.yaml", text)
    assert project.run("export").code == 0
    assert documents(project.folder, "Assistant")[0]["spec"]["description"] == "patched"
    assert project.plan().code == 0


def make_everything(project: Project) -> None:
    """Make live objects of many forms by hand."""
    for number, name in enumerate(NASTY):
        tool = OTHER if number == 0 else WEATHER
        body = portal_made(name, TEXTS[number % len(TEXTS)], tools=[tool])
        project.service.call("POST", "/assistants", body)
    store = project.service.call("POST", "/vector_stores", {"name": "a: #b", "metadata": {"n": ""}})
    held = upload(project.service, "sales #1.csv", b"a,b\n")
    body = portal_made(
        "tools",
        tools=[{"type": "code_interpreter"}, {"type": "file_search"}],
        tool_resources={
            "code_interpreter": {"file_ids": [held]},
            "file_search": {"vector_store_ids": [store["id"]]},
        },
        response_format={"type": "json_object"},
        description="two\nlines\n",
        metadata={"k" * 64: "  \n x\n\n", "x:": "end\n\n", "": "a"},
    )
    project.service.call("POST", "/assistants", body)


def test_what_is_exported_is_formatted_and_leads_editors_to_the_schema(
    make_project: MakeProject, tmp_path: Path
) -> None:
    """Every manifest begins with the line that names the schema, and fmt has nothing to do."""
    project = make_project(V2)
    project.write(SCHEMA_FILE, "{}")
    make_everything(project)
    inside = project.folder / "some" / "where"
    out = tmp_path / "out"
    for arguments in (["--out", str(out)], ["--import", "--out", str(inside)]):
        exported = project.run("export", "--all", *arguments)
        assert exported.code == 0, exported.err

    for folder in (inside, out):
        manifests = list(folder.rglob("*.yaml"))
        assert len(manifests) > len(NASTY)
        for path in manifests:
            first = path.read_text("utf-8").partition("\n")[0]
            written = first.partition("$schema=")[2]
            assert (path.parent / written).resolve().name == SCHEMA_FILE, path
            assert (path.parent / written).is_file(), path
    checked = command("-C", str(out), "fmt", "--check")
    assert checked.code == 0, checked.out + checked.err
    made = command("-C", str(tmp_path), "init", "fresh")
    assert made.code == 0
    assert (out / SCHEMA_FILE).read_bytes() == (tmp_path / "fresh" / SCHEMA_FILE).read_bytes()


def test_fmt_changes_nothing_in_an_export(make_project: MakeProject) -> None:
    """Also inside a project, and without the schema there no line leads to it."""
    project = make_project()
    command("-C", str(project.folder), "fmt")
    make_everything(project)
    exported = project.run("export", "--all", "--import")
    checked = project.run("fmt", "--check")

    assert exported.code == 0, exported.err
    assert checked.code == 0, checked.out + checked.err
    texts = [path.read_text("utf-8") for path in project.folder.rglob("*.yaml")]
    assert not any("yaml-language-server" in text for text in texts)
