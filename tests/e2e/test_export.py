"""Export from end to end: what is live becomes manifests that plan empty."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
import yaml
from killing_proxy import Killer, killing_proxy
from projects import KEY, LATE, PROJECT, V2, Project, Service, command
from test_lifecycle import EXAMPLES, SHARING

from provisioner.emulator.embedded import running
from provisioner.emulator.settings import EmulatorSettings

MakeProject = Callable[..., Project]
V1 = "2024-03-01-preview"
versions = pytest.mark.parametrize("api_version", [V1, V2, LATE])

NASTY = [
    *("Data Viz", "data viz", "DATA-VIZ", "日本語ボット", "../../x", "/etc/passwd", "con"),
    *("provisioner", "null", "yes", "1e3", ".hidden", "a/b", "😀", None, "x" * 256, "Größe Ærø"),
    *("${var.x} $${var.y} $$${var.z}", "line\nbreak", "\u2028sep", "-", "tab\there", "{{x}}: #"),
]
TEXTS = [
    *("a\r\nb\n\n", "${var.a}\n", "$${var.b}", "x\0y\x85\u2028\ufeff", " lead\n", "no end"),
    *("\ufefffirst", "\n\n\n", "é" * 3000),
]
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Tells the weather.\nOf today: ${var.day}\n",
        "parameters": {"type": "object", "properties": {"on": {"enum": ["yes", "${var.q}"]}}},
    },
}
OTHER = {"type": "function", "function": {"name": "get_weather", "description": "Another."}}


def portal_made(name: str | None, text: str = "Be brief.", **more: Any) -> dict[str, Any]:
    """Give the body of an assistant that somebody makes in the portal."""
    return {
        "model": "gpt-4o",
        "name": name,
        "instructions": text,
        "description": "d: #x",
        "tools": [WEATHER],
        "metadata": {"on": "yes", "k": "$${var.m}"},
        **more,
    }


def upload(service: Service, name: str, content: bytes) -> str:
    """Upload a file as somebody else would; give its id."""
    with openai.AzureOpenAI(
        azure_endpoint=service.url, api_key=KEY, api_version=service.api_version
    ) as client:
        return client.files.create(file=(name, content), purpose="assistants").id


def documents(folder: Path, kind: str) -> list[dict[str, Any]]:
    """Read the documents of a kind below a folder."""
    found = [yaml.safe_load(path.read_text("utf-8")) for path in sorted(folder.rglob("*.yaml"))]
    return [each for each in found if each["kind"] == kind]


def tree(folder: Path) -> dict[str, bytes]:
    """Give every file below a folder but those of the state."""
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in paths
        if ".provisioner" not in path.parts
    }


def without_tag(body: dict[str, Any]) -> dict[str, Any]:
    """Take the ownership tag out of what the service shows; files are a set."""
    pairs = body["metadata"].items()
    kept = {key: value for key, value in pairs if not key.startswith("provisioner")}
    files = body.get("tool_resources", {}).get("code_interpreter", {}).get("file_ids", [])
    files.sort()
    return {**body, "metadata": kept}


@pytest.fixture
def giving(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Project]:
    """Make a project at an emulator that gives out the bytes of files."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    with running(EmulatorSettings(api_key=KEY, file_downloads=True)) as url:
        project = Project(tmp_path / "giving", Service(url, V2))
        text = PROJECT.format(name="giving", uid="u1", url=url, api_version=V2)
        project.write("provisioner.yaml", text)
        yield project


@pytest.mark.parametrize(("example", "api_version"), EXAMPLES)
def test_an_exported_example_is_a_project_that_plans_empty(
    make_project: MakeProject, tmp_path: Path, example: str, api_version: str
) -> None:
    """What was applied is exported as a project of its own, which adopts all by its tags."""
    project = make_project(api_version, example)
    project.apply()
    exported = project.run("export", "--out", str(tmp_path / "out"))
    planned = command("-C", str(tmp_path / "out"), "plan", "--detailed-exitcode")

    assert exported.code == 0, exported.err
    assert "not managed" not in exported.err
    assert planned.code == 0, planned.out + planned.err
    assert sorted(exported.out.split()) == sorted(
        str(tmp_path / "out" / name) for name in tree(tmp_path / "out")
    )
    names = {each["metadata"]["name"] for each in documents(tmp_path / "out", "Assistant")}
    assert {f"assistant.{name}" for name in names} == {
        address for address in project.state["resources"] if address.startswith("assistant.")
    }


@versions
def test_everything_foreign_is_taken_over_as_it_is(
    make_project: MakeProject, api_version: str
) -> None:
    """Portal-made assistants of any name become ours, keep all they had, and plan empty."""
    project = make_project(api_version)
    for number, name in enumerate(NASTY):
        body = portal_made(name, TEXTS[number % len(TEXTS)])
        project.service.call("POST", "/assistants", body)
    before = {each["id"]: each for each in project.service.assistants()}
    exported = project.run("export", "--all", "--import")
    after = {each["id"]: each for each in project.service.assistants()}

    assert exported.code == 0, exported.err
    assert {id_: without_tag(each) for id_, each in after.items()} == before
    owners = {each["metadata"]["provisioner"] for each in after.values()}
    assert len(owners) == len(NASTY)
    assert {owner.split("/")[2] for owner in owners} == project.state["resources"].keys()
    assert exported.err.count("it carries this project's tag") == len(NASTY)
    planned = project.plan()
    assert planned.code == 0, planned.out
    assert "arning" not in planned.err


def test_a_second_export_writes_nothing(make_project: MakeProject) -> None:
    """What is declared already is left out, and the note says where it stands."""
    project = make_project()
    project.service.call("POST", "/assistants", portal_made("Seen"))
    project.run("export", "--all", "--import")
    before = tree(project.folder)
    again = project.run("export", "--all", "--import")

    assert again.code == 0, again.err
    assert again.out == ""
    assert "is declared already, as assistant.seen at assistants/seen.yaml:4:9." in again.err
    assert "Nothing was written." in again.err
    assert tree(project.folder) == before
    assert project.plan().code == 0


def test_what_is_exported_without_import_stays_foreign(make_project: MakeProject) -> None:
    """It is written, a warning says that apply would make another, and a later import takes it."""
    project = make_project()
    made = project.service.call("POST", "/assistants", portal_made("Found"))
    first = project.run("export", "--all")
    second = project.run("export", "--all", "--import")

    assert first.code == second.code == 0, second.err
    assert "Exported objects are not managed yet" in first.err
    assert "assistant.found" in first.err
    assert second.out == ""
    assert project.id("assistant.found") == made["id"]
    assert project.plan().code == 0


def test_only_what_is_named_is_exported(make_project: MakeProject) -> None:
    """An address or an id chooses; a target that nothing answers to is an error."""
    project = make_project()
    ids = [
        project.service.call("POST", "/assistants", portal_made(name))["id"] for name in ("a", "b")
    ]
    wrong = project.run("export", "--target", "assistant.nobody", "--target", "asst_nobody")
    right = project.run("export", "--import", "--target", ids[1])

    assert wrong.code == 1
    assert wrong.err.count("Nothing live to export there") == 2
    assert right.code == 0, right.err
    assert [each["spec"]["name"] for each in documents(project.folder, "Assistant")] == ["b"]
    assert list(project.state["resources"]) == ["assistant.b"]


def test_what_belongs_to_another_owner_is_left_alone(make_project: MakeProject) -> None:
    """It is left out with a note, refused where it is to be taken over, and not changed."""
    theirs, ours = make_project(name="theirs"), make_project(name="ours")
    theirs.write("bot.yaml", "apiVersion: provisioner/v1\nkind: Assistant\n"
                 "metadata: {name: bot}\nspec: {model: chat}\n")  # fmt: skip
    theirs.apply()
    before = ours.service.assistants()
    everything = ours.run("export", "--all", "--import")
    refused = ours.run("export", "--import", "--target", before[0]["id"])

    assert everything.code == 0, everything.err
    assert f"{before[0]['id']} is left out" in everything.err
    assert refused.code == 1
    assert "P033" in refused.err
    assert ours.service.assistants() == before
    assert list(tree(ours.folder)) == ["provisioner.yaml"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("assistants/one.yaml", "mine\n"),
        ("instructions/one.md", "mine\n"),
        ("assistants", "a file where a folder must be"),
    ],
)
def test_nothing_is_written_where_something_is_in_the_way(
    make_project: MakeProject, name: str, content: str
) -> None:
    """Every collision is told, and neither a file nor a live object has changed."""
    project = make_project()
    for each in ("one", "two"):
        project.service.call("POST", "/assistants", portal_made(each))
    project.write(name, content)
    before, live = tree(project.folder), project.service.assistants()
    exported = project.run("export", "--all", "--import")

    assert exported.code == 1
    assert "File is in the way" in exported.err
    assert tree(project.folder) == before
    assert project.service.assistants() == live
    assert not (project.folder / ".provisioner" / "test" / "state.json").exists()


def test_a_link_out_of_the_folder_is_not_followed(
    make_project: MakeProject, tmp_path: Path
) -> None:
    """Nothing is written outside of the folder of the export."""
    project = make_project()
    project.service.call("POST", "/assistants", portal_made("one"))
    (tmp_path / "outside").mkdir()
    (project.folder / "assistants").symlink_to(tmp_path / "outside")
    exported = project.run("export", "--all")

    assert exported.code == 1
    assert "leads out of the folder" in exported.err
    assert list((tmp_path / "outside").iterdir()) == []


def test_an_import_must_be_declared_in_the_project(
    make_project: MakeProject, tmp_path: Path
) -> None:
    """Elsewhere the next apply would delete what was just taken over."""
    project = make_project()
    project.service.call("POST", "/assistants", portal_made("one"))
    project.write("nested/provisioner.yaml", "apiVersion: provisioner/v1\n")
    folders = [tmp_path / "elsewhere", project.folder / ".hidden", project.folder / "nested/deep"]
    refused = [project.run("export", "--all", "--import", "--out", str(each)) for each in folders]
    inside = project.run("export", "--all", "--import", "--out", str(project.folder / "a/b"))

    assert [each.code for each in refused] == [1, 1, 1]
    assert all("must be declared in this project" in each.err for each in refused)
    assert inside.code == 0, inside.err
    assert (project.folder / "a" / "b" / "assistants" / "one.yaml").exists()
    assert project.plan().code == 0


def test_manifests_that_would_not_be_read_are_not_written(make_project: MakeProject) -> None:
    """Where the project names its manifests, the export has to be among them."""
    project = make_project()
    project.service.call("POST", "/assistants", portal_made("one"))
    project.edit("provisioner.yaml", "spec:\n", "spec:\n  manifests: [bots/**/*.yaml]\n")
    project.write("bots/mine.yaml", "apiVersion: provisioner/v1\nkind: Tool\nmetadata:"
                  " {name: t}\nspec: {type: function, function: {name: t}}\n")  # fmt: skip
    refused = project.run("export", "--all", "--import")
    inside = project.run("export", "--all", "--import", "--out", str(project.folder / "bots"))

    assert refused.code == 1
    assert "Manifest would not be read" in refused.err
    assert not (project.folder / "assistants").exists()
    assert inside.code == 0, inside.err
    assert project.plan().code == 0


def test_a_folder_with_manifests_becomes_no_project(
    make_project: MakeProject, tmp_path: Path
) -> None:
    """They would be applied with what is exported."""
    project = make_project(V2, "data-visualization")
    project.apply()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "other.yaml").write_text("a: b\n")
    exported = project.run("export", "--out", str(tmp_path / "out"))

    assert exported.code == 1
    assert "Folder holds manifests already" in exported.err
    assert list(tree(tmp_path / "out")) == ["other.yaml"]


def test_what_no_manifest_can_say_is_left_out_and_named(make_project: MakeProject) -> None:
    """The tag needs room, and a pair of ours is no pair of theirs; the rest is exported."""
    project = make_project()
    full = {f"k{number}": "v" for number in range(16)}
    left = [
        project.service.call("POST", "/assistants", portal_made("full", metadata=full)),
        project.service.call(
            "POST", "/assistants", portal_made("ours", metadata={"provisioner-x": "y"})
        ),
        project.service.call("POST", "/assistants", portal_made("alias", model="fast")),
        project.service.call("POST", "/assistants", portal_made("twice", tools=[WEATHER, OTHER])),
    ]
    project.service.call("POST", "/assistants", portal_made("fine"))
    before = {each["id"]: each for each in project.service.assistants()}
    exported = project.run("export", "--all", "--import")
    after = {each["id"]: each for each in project.service.assistants()}

    assert exported.code == 0, exported.err
    for each in left:
        assert f"{each['id']} ({each['name']!r}) is left out" in exported.err
        assert after[each["id"]] == before[each["id"]]
    assert "its deployment 'fast' has the name" in " ".join(exported.err.split())
    assert list(project.state["resources"]) == ["assistant.fine"]
    assert project.plan().code == 0


def test_shared_functions_become_tools_and_deployments_aliases(
    make_project: MakeProject,
) -> None:
    """A function that two assistants have is one document; the next export refers to it, too."""
    project = make_project()
    for name, tools in (("a", [WEATHER]), ("b", [WEATHER]), ("c", [OTHER])):
        project.service.call("POST", "/assistants", portal_made(name, tools=tools))
    project.run("export", "--all", "--import")
    project.service.call("POST", "/assistants", portal_made("d", model="gpt-4-own"))
    project.run("export", "--all", "--import")
    found = {
        each["metadata"]["name"]: each["spec"] for each in documents(project.folder, "Assistant")
    }

    assert [each["metadata"]["name"] for each in documents(project.folder, "Tool")] == [
        "get-weather"
    ]
    for name in ("a", "b", "d"):
        assert found[name]["tools"] == [{"ref": "get-weather"}]
    assert found["c"]["tools"] == [OTHER]
    assert found["a"]["model"] == "chat"
    assert found["d"]["model"] == "gpt-4-own"
    assert project.plan().code == 0


def test_with_several_environments_documents_name_theirs(make_project: MakeProject) -> None:
    """What is live in one is not made in the others."""
    project = make_project()
    text = (project.folder / "provisioner.yaml").read_text()
    project.write("provisioner.yaml", text + "    local: {provider: {type: emulator}}\n")
    project.service.call("POST", "/assistants", portal_made("one"))
    exported = project.run("-e", "test", "export", "--all", "--import")

    assert exported.code == 0, exported.err
    assert documents(project.folder, "Assistant")[0]["metadata"]["environments"] == ["test"]
    assert project.run("-e", "test", "plan", "--detailed-exitcode").code == 0
    assert project.run("-e", "local", "plan", "--detailed-exitcode").code == 0
    assert project.run("validate").code == 0


def test_files_that_are_given_out_become_the_projects_own(giving: Project) -> None:
    """Their bytes are written, whatever they are called, and nothing is uploaded again."""
    contents = {"sales.csv": b"a,b\r\n\xff\x00", "bot.yaml": b"kind: Assistant\n", "x": b"1"}
    contents["sales.CSV"] = b"other"
    old = Service(giving.service.url, V1)  # which takes files of any type
    ids = [upload(old, name, content) for name, content in contents.items()]
    tools = [{"type": "code_interpreter"}]
    for name, held in (("one", ids), ("two", ids[:1])):
        resources = {"code_interpreter": {"file_ids": held}}
        body = portal_made(name, tools=tools, tool_resources=resources)
        giving.service.call("POST", "/assistants", body)
    before = {each["id"]: without_tag(each) for each in giving.service.assistants()}
    exported = giving.run("export", "--all", "--import")
    planned = giving.plan()

    assert exported.code == 0, exported.err
    assert planned.code == 0, planned.out
    written = tree(giving.folder)
    assert set(contents.values()) <= set(written.values())
    assert sorted(each["id"] for each in giving.service.files()) == sorted(ids)
    recorded = giving.state["resources"].values()
    assert {each["id"] for each in recorded} == {*ids, *before}
    after = {each["id"]: without_tag(each) for each in giving.service.assistants()}
    assert after == before


def test_files_that_are_withheld_are_referred_to_by_their_ids(make_project: MakeProject) -> None:
    """The output says so for each of them, and the manifest has its name beside the id."""
    project = make_project()
    id_ = upload(project.service, "sales.csv", b"a,b\n")
    body = portal_made(
        "one",
        tools=[{"type": "code_interpreter"}],
        tool_resources={"code_interpreter": {"file_ids": [id_]}},
    )
    project.service.call("POST", "/assistants", body)
    exported = project.run("export", "--all", "--import")

    assert exported.code == 0, exported.err
    assert f"Note: {id_} (sales.csv) stays a live id" in exported.err
    assert f"- id: {id_}  # sales.csv\n" in (project.folder / "assistants/one.yaml").read_text()
    assert project.plan().code == 0


def test_files_of_the_project_are_referred_to_by_name(make_project: MakeProject) -> None:
    """A foreign assistant that attaches a file of ours attaches it in its manifest, too."""
    project = make_project()
    project.write("all.yaml", SHARING)
    project.write("numbers.csv", "a,b\n1,2\n")
    project.write("more/own.yaml", "apiVersion: provisioner/v1\nkind: Assistant\n"
                  "metadata: {name: own}\nspec: {model: chat, tools: [{type: code_interpreter,"
                  " files: [{path: own.csv}]}]}\n")  # fmt: skip
    project.write("more/own.csv", "x\n")
    project.apply()
    ids = [project.id("file.numbers"), project.id("file.more-own-csv")]
    body = portal_made(
        "guest",
        tools=[{"type": "code_interpreter"}],
        tool_resources={"code_interpreter": {"file_ids": ids}},
    )
    project.service.call("POST", "/assistants", body)
    exported = project.run("export", "--all", "--import", "--out", str(project.folder / "x"))

    assert exported.code == 0, exported.err
    (guest,) = documents(project.folder / "x", "Assistant")
    attached = guest["spec"]["tools"][0]["files"]
    assert "numbers" in attached
    assert {"path": "../../more/own.csv"} in attached
    assert project.plan().code == 0


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("at", range(4))
def test_a_killed_import_is_finished_by_the_next(
    make_project: MakeProject, emulator: str, at: int, moment: Any
) -> None:
    """Nothing is doubled or lost, whenever the run dies; the next one ends with an empty plan."""
    with killing_proxy(emulator) as killer:
        project = make_project()
        text = PROJECT.format(name="demo", uid="u1", url=killer.url, api_version=V2)
        project.write("provisioner.yaml", text)
        for name in ("one", "two", "three"):
            project.service.call("POST", "/assistants", portal_made(name))
        before = {each["id"]: each for each in project.service.assistants()}
        run_and_kill(project, killer, at, moment)
        killer.aim(None, moment)
        again = project.run("export", "--all", "--import")
        planned = project.plan()
    after = {each["id"]: each for each in project.service.assistants()}

    assert again.code == planned.code == 0, again.err + planned.out
    assert {id_: without_tag(each) for id_, each in after.items()} == before
    assert all("provisioner" in each["metadata"] for each in after.values())
    assert len(project.state["resources"]) == 3


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("at", range(2, 5))
def test_a_killed_import_of_files_uploads_nothing(giving: Project, at: int, moment: Any) -> None:
    """A file that was written before the run died is known again, and recorded."""
    with killing_proxy(giving.service.url) as killer:
        text = PROJECT.format(name="demo", uid="u1", url=killer.url, api_version=V2)
        giving.write("provisioner.yaml", text)
        held = upload(giving.service, "sales.csv", b"a,b\n")
        for name in ("one", "two"):
            body = portal_made(
                name,
                tools=[{"type": "code_interpreter"}],
                tool_resources={"code_interpreter": {"file_ids": [held]}},
            )
            giving.service.call("POST", "/assistants", body)
        run_and_kill(giving, killer, at, moment)
        killer.aim(None, moment)
        again = giving.run("export", "--all", "--import")
        planned = giving.plan()

    assert again.code == planned.code == 0, again.err + planned.out
    assert giving.id("file.sales") == held
    assert len(giving.state["resources"]) == 3
    assert [each["id"] for each in giving.service.files()] == [held]


def test_manifests_that_were_lost_come_back(giving: Project) -> None:
    """What is recorded and not declared any more is exported with its address and its files."""
    giving.write("all.yaml", SHARING)
    giving.write("numbers.csv", "a,b\n1,2\n")
    giving.apply()
    giving.edit("all.yaml", "metadata: {name: one}", "metadata: {name: one, labels: {a: b}}")
    giving.apply()
    (giving.folder / "all.yaml").unlink()
    (giving.folder / "numbers.csv").unlink()
    exported = giving.run("export")
    planned = giving.plan()

    assert exported.code == 0, exported.err
    assert "not managed" not in exported.err
    assert planned.code == 0, planned.out
    assert (giving.folder / "files" / "numbers.csv").read_text() == "a,b\n1,2\n"
    assert giving.state["resources"]["assistant.one"]["labels"] == {"a": "b"}


def run_and_kill(project: Project, killer: Killer, at: int, moment: Any) -> None:
    """Run the import as a process of its own, and kill it at a request."""
    arguments = ["-C", str(project.folder), "export", "--all", "--import"]
    killer.aim(None, moment)
    with subprocess.Popen(
        [sys.executable, "-m", "provisioner", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ,
        text=True,
    ) as process:
        killer.victim = process.pid
        killer.aim(at, moment)
        _, err = process.communicate()
    assert killer.killed.is_set() or process.returncode == 0, err
