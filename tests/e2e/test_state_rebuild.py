"""The state made anew from live tags and manifests, over the real SDK."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from emulator_process import start_emulator
from projects import KEY, PROJECT, V1, V2, Project, Service

MakeProject = Callable[..., Project]

TWO = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: analyst, labels: {team: a}, lifecycle: {prevent_destroy: true}}
spec:
  model: chat
  instructions: Count.
  tools: [{type: code_interpreter, files: [sales, {path: data/regions.csv}]}]
---
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: greeter}
spec: {model: chat, instructions: Greet.}
---
apiVersion: provisioner/v1
kind: File
metadata: {name: sales}
spec: {path: data/sales.csv}
"""


def begin(project: Project, manifest: str = TWO) -> Project:
    """Apply a project with files."""
    project.write("all.yaml", manifest)
    project.write("data/sales.csv", "a,b\n1,2\n")
    project.write("data/regions.csv", "north\n")
    project.apply()
    return project


def lose(project: Project) -> None:
    """Lose the whole folder, generations included."""
    shutil.rmtree(project.folder / ".provisioner")


def ids(project: Project) -> dict[str, str]:
    """Give what is recorded, by address."""
    return {address: each["id"] for address, each in project.state["resources"].items()}


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    """Give a project that is applied."""
    return begin(make_project())


@pytest.mark.parametrize(
    ("example", "api_version"),
    [
        ("data-visualization", V1),
        ("data-visualization", V2),
        ("support-desk", V2),
        ("handbook", V2),
    ],
)
def test_after_a_rebuild_the_plan_is_empty(
    make_project: MakeProject, example: str, api_version: str
) -> None:
    """For every example; what is recorded is what was recorded before, files and stores too."""
    project = make_project(api_version, example=example)
    project.apply()
    before = project.state["resources"]
    lose(project)
    result = project.run("state", "rebuild")
    assert (result.code, result.err.count("arning")) == (0, 0), result.err
    assert project.state["resources"] == before
    assert project.plan().code == 0
    assert "No changes." in project.plan().out


def test_labels_and_protection_come_from_the_manifests(project: Project) -> None:
    """The service never had them."""
    before = project.state["resources"]
    lose(project)
    assert project.run("state", "rebuild").code == 0
    assert project.state["resources"] == before
    assert before["assistant.analyst"]["labels"] == {"team": "a"}


def test_a_rebuild_writes_down_no_sensitive_value(make_project: MakeProject) -> None:
    """Placeholders stand where the manifests have the variable, as they did before the loss."""
    project = make_project()
    project.edit("provisioner.yaml", "spec:\n", "spec:\n  variables: {token: {sensitive: true}}\n")
    project.write("all.yaml", TWO.replace("Greet.", '"Say ${var.token}."'))
    project.write("data/sales.csv", "a\n")
    project.write("data/regions.csv", "north\n")
    given = ("--var", "token=s3cret-value-of-a-token")
    project.apply(*given)
    before = project.state["resources"]
    lose(project)
    assert project.run("state", "rebuild", *given).code == 0
    assert project.state["resources"] == before
    assert project.plan(*given).code == 0
    every = [each for each in (project.folder / ".provisioner").rglob("*") if each.is_file()]
    assert not any(b"s3cret" in each.read_bytes() for each in every)


def test_a_damaged_state_is_rebuilt_and_kept(project: Project) -> None:
    """What stood there may still be worth something to a person."""
    path = project.folder / ".provisioner" / "test" / "state.json"
    before = ids(project)
    path.write_text("{half", encoding="utf-8")
    result = project.run("state", "rebuild")
    assert result.code == 0
    assert "damaged-" in result.err
    assert ids(project) == before


def test_the_plan_is_the_same_as_before_the_loss(project: Project) -> None:
    """Edits of manifests and of live objects show as they would have, deletes too."""
    project.edit("all.yaml", "Greet.", "Greet warmly.")
    project.edit(
        "all.yaml",
        "kind: Assistant\nmetadata: {name: greeter}",
        "kind: Assistant\nmetadata: {name: porter}",
    )
    analyst = project.id("assistant.analyst")
    project.service.call("POST", f"/assistants/{analyst}", {"instructions": "Count twice."})
    before = project.changes()
    lose(project)
    result = project.run("state", "rebuild")
    assert result.code == 0
    assert "Recorded although nothing declares it [S103]" in result.err
    assert project.changes() == before
    assert before == {
        "assistant.analyst": ["update"],
        "assistant.greeter": ["delete"],
        "assistant.porter": ["create"],
    }


def test_a_good_state_is_left_alone(project: Project) -> None:
    """A rebuild knows less; with --force what stood there is a generation."""
    before = project.state
    refused = project.run("state", "rebuild")
    assert refused.code == 1
    assert "State is good [S020]" in refused.err
    assert project.state == before
    forced = project.run("state", "rebuild", "--force")
    assert forced.code == 0
    assert project.state["resources"] == before["resources"]
    kept = [each.name for each in (project.folder / ".provisioner/test/generations").iterdir()]
    assert len(kept) == 2


def test_nothing_live_is_never_written_down_as_nothing(project: Project) -> None:
    """With another uid no object is ours: a typing error must not make an empty state."""
    uid = project.state["uid"]
    lose(project)
    project.edit("provisioner.yaml", f'uid: "{uid}"', 'uid: "other"')
    result = project.run("state", "rebuild")
    assert result.code == 1
    assert "There is nothing to rebuild from [S022]" in result.err
    assert not (project.folder / ".provisioner/test/state.json").exists()


def test_copies_of_a_tag_are_named_and_nothing_is_guessed(project: Project) -> None:
    """People copy metadata: which of two was recorded nobody knows any more."""
    greeter = next(each for each in project.service.assistants() if each["name"] == "greeter")
    body = {"model": "gpt-4o", "metadata": greeter["metadata"]}
    copy = project.service.call("POST", "/assistants", body)
    lose(project)
    result = project.run("state", "rebuild")
    assert result.code == 1
    assert "Several objects carry one ownership tag [S021]" in result.err
    assert greeter["id"] in result.err
    assert copy["id"] in result.err


def test_a_file_that_nothing_refers_to_is_said_to_be_unknown(make_project: MakeProject) -> None:
    """It carries no tag, and no holder tells; the command that records it is named."""
    lone = "---\napiVersion: provisioner/v1\nkind: File\nmetadata: {name: lone}\n"
    project = make_project()
    project.write("data/lone.csv", "x\n")
    begin(project, f"{TWO}{lone}spec: {{path: data/lone.csv}}\n")
    id_ = project.id("file.lone")
    lose(project)
    result = project.run("state", "rebuild")
    assert result.code == 0
    assert "warning S102: File can't be recognised" in result.err
    assert "`provisioner import file.lone ID`" in " ".join(result.err.split())
    assert id_ in result.err
    assert project.changes() == {"file.lone": ["create"]}
    assert project.run("import", "file.lone", id_).code == 0
    assert project.changes() == {}


def test_two_files_that_look_the_same_are_told_by_who_uses_them(
    make_project: MakeProject,
) -> None:
    """Same name, same bytes, two folders: each assistant has its own."""
    project = make_project()
    assistant = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {{name: {0}}}
spec: {{model: chat, tools: [{{type: code_interpreter, files: [{{path: {0}/data.csv}}]}}]}}
---
"""
    for name in ("one", "two"):
        project.write(f"{name}/data.csv", "same\n")
    project.write("all.yaml", assistant.format("one") + assistant.format("two"))
    project.apply()
    before = ids(project)
    lose(project)
    assert project.run("state", "rebuild").code == 0
    assert ids(project) == before


def test_twins_of_one_assistant_are_named_and_not_guessed(make_project: MakeProject) -> None:
    """Nothing tells them from each other: neither is recorded."""
    project = make_project()
    for name in ("one", "two"):
        project.write(f"{name}/data.csv", "same\n")
    files = "[{path: one/data.csv}, {path: two/data.csv}]"
    head = "apiVersion: provisioner/v1\nkind: Assistant\nmetadata: {name: bot}\n"
    tools = f"[{{type: code_interpreter, files: {files}}}]"
    project.write("all.yaml", f"{head}spec: {{model: chat, tools: {tools}}}\n")
    project.apply()
    before = ids(project)
    lose(project)
    result = project.run("state", "rebuild")
    assert result.code == 0
    assert list(ids(project)) == ["assistant.bot"]
    for address in ("file.one-data-csv", "file.two-data-csv"):
        assert result.err.count(before[address]) == 2


def test_an_unmanaged_file_stays_unmanaged(make_project: MakeProject) -> None:
    """What a manifest names by its id is not ours, though its digest is in the tag."""
    project = make_project()
    project.write("data/own.csv", "1\n")
    project.write("all.yaml", TWO.replace("sales, {path: data/regions.csv}", "sales"))
    project.write("data/sales.csv", "a,b\n1,2\n")
    project.apply()
    id_ = project.id("file.sales")
    project.edit("all.yaml", "files: [sales]", f"files: [{{id: {id_}}}]")
    project.edit("all.yaml", "metadata: {name: sales}", "metadata: {name: other}")
    project.write("data/sales.csv", "new\n")
    assert project.run("state", "rm", "file.sales").code == 0
    project.apply()
    other = project.id("file.other")
    lose(project)
    result = project.run("state", "rebuild")
    assert result.code == 0
    assert "file.sales" not in ids(project)
    assert id_ not in ids(project).values()
    assert other in result.err


def test_a_file_that_was_edited_since_is_told_by_its_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the service gives out bytes, a digest comes out also for those that no file has now."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    with start_emulator("--api-key", KEY, "--file-downloads") as url:
        project = Project(tmp_path / "demo", Service(url, V2))
        text = PROJECT.format(name="demo", uid="abc", url=url, api_version=V2)
        project.write("provisioner.yaml", text)
        begin(project)
        before = ids(project)
        project.write("data/sales.csv", "a,b\n1,2\n3,4\n")
        changes = project.changes()
        lose(project)
        assert project.run("state", "rebuild").code == 0
        assert ids(project) == before
        assert project.changes() == changes
        assert changes["file.sales"] == ["create", "delete"]
