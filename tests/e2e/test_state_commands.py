"""The state looked at, edited and brought back, over the real SDK."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from emulator_process import start_emulator
from projects import KEY, Project, Result

MakeProject = Callable[..., Project]

BOTS = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: analyst}
spec: {model: chat, tools: [{type: code_interpreter, files: [{path: sales.csv}]}]}
---
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: greeter}
spec: {model: chat, name: Greeter, instructions: Greet.}
"""


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    """Give a project of two assistants and a file that is applied."""
    project = make_project()
    project.write("all.yaml", BOTS)
    project.write("sales.csv", "a,b\n")
    project.apply()
    return project


def folder(project: Project) -> Path:
    """Tell where the state is."""
    return project.folder / ".provisioner" / "test"


def generations(project: Project) -> dict[int, Path]:
    """Give the generations by serial."""
    return {
        int(each.name.partition("-")[0]): each
        for each in (folder(project) / "generations").iterdir()
    }


def refused(result: Result, code: str) -> str:
    """Take a refusal; give its text in one line."""
    assert result.code == 1, result.out
    assert f"[{code}]" in result.err, result.err
    assert "Traceback" not in result.err
    return " ".join(result.err.split())


def push(project: Project, name: str, document: Any, *options: str) -> Result:
    """Push a state."""
    path = project.write(name, json.dumps(document))
    return project.run("state", "push", *options, path.name)


def test_what_is_recorded_is_listed_and_shown(project: Project) -> None:
    """By address, or by how it begins."""
    assert project.run("state", "list").out.split() == [
        "assistant.analyst",
        "assistant.greeter",
        "file.sales-csv",
    ]
    assert project.run("state", "list", "assistant.g").out == "assistant.greeter\n"
    assert project.run("state", "list", "vectorstore").out == ""
    shown = project.run("state", "show", "assistant.greeter").out
    assert project.id("assistant.greeter") in shown
    refused(project.run("state", "show", "assistant.greter"), "S010")


def test_a_moved_record_keeps_its_object_and_its_tag_follows(project: Project) -> None:
    """With the manifest renamed too, the plan changes nothing but the tag."""
    id_ = project.id("assistant.greeter")
    result = project.run("state", "mv", "assistant.greeter", "assistant.porter")
    assert (result.code, "Moved assistant.greeter to assistant.porter" in result.out) == (0, True)
    assert project.id("assistant.porter") == id_
    project.edit("all.yaml", "metadata: {name: greeter}", "metadata: {name: porter}")
    assert project.changes() == {"assistant.porter": ["update"]}
    project.apply()
    assert project.id("assistant.porter") == id_
    tags = [each["metadata"]["provisioner"] for each in project.service.assistants()]
    assert sum(tag.endswith("/assistant.porter") for tag in tags) == 1
    assert project.plan().code == 0


def test_what_depends_on_a_moved_record_depends_on_its_new_address(project: Project) -> None:
    """Otherwise the state would contradict itself."""
    assert project.run("state", "mv", "file.sales-csv", "file.sales").code == 0
    assert project.state["resources"]["assistant.analyst"]["dependencies"] == ["file.sales"]


@pytest.mark.parametrize(
    ("origin", "target", "code"),
    [
        ("assistant.greter", "assistant.porter", "S010"),
        ("assistant.greeter", "assistant.analyst", "S015"),
        ("assistant.greeter", "file.porter", "S015"),
        ("assistant.greeter", "porter", "S015"),
    ],
)
def test_a_record_is_not_moved_where_it_cannot_be(
    project: Project, origin: str, target: str, code: str
) -> None:
    """Unknown, taken, of another kind, or no address."""
    before = project.state
    refused(project.run("state", "mv", origin, target), code)
    assert project.state == before


@pytest.mark.parametrize(
    ("blocks", "origin", "target"),
    [
        ("{from: assistant.greeter, to: assistant.porter}", "greeter", "doorman"),
        ("{from: assistant.doorman, to: assistant.porter}", "greeter", "doorman"),
        ("{from: assistant.analyst, to: assistant.porter}", "greeter", "porter"),
    ],
)
def test_a_record_is_not_moved_against_the_moved_blocks(
    project: Project, blocks: str, origin: str, target: str
) -> None:
    """The next plan would move it again, or find two at one address."""
    project.edit("provisioner.yaml", "spec:\n", f"spec:\n  moved: [{blocks}]\n")
    result = project.run("state", "mv", f"assistant.{origin}", f"assistant.{target}")
    assert "`moved` in provisioner.yaml" in refused(result, "S015")


def test_a_forgotten_object_stays_and_is_named(project: Project) -> None:
    """What depends on it depends on it no longer; a generation has what stood there."""
    file, bot = project.id("file.sales-csv"), project.id("assistant.greeter")
    before = project.state
    result = project.run("state", "rm", "file.sales-csv", "assistant.greeter")
    assert result.code == 0
    assert file in result.out
    assert bot in result.out
    assert list(project.state["resources"]) == ["assistant.analyst"]
    assert project.state["resources"]["assistant.analyst"]["dependencies"] == []
    assert len(project.service.assistants()) == 2
    assert [each["id"] for each in project.service.files()] == [file]
    kept = generations(project)[before["serial"]]
    assert json.loads(kept.read_text()) == before
    assert str(kept) in " ".join(result.err.split())


def test_every_unknown_address_is_named_at_once(project: Project) -> None:
    """And nothing is forgotten then."""
    before = project.state
    said = refused(project.run("state", "rm", "file.sales-csv", "file.a", "file.b"), "S010")
    assert "'file.a'" in said
    assert "'file.b'" in said
    assert project.state == before


def test_commands_in_one_second_overwrite_no_generation(project: Project) -> None:
    """Three in a row, each former state is there."""
    serials = [project.state["serial"]]
    for address in ("assistant.greeter", "assistant.analyst", "file.sales-csv"):
        assert project.run("state", "rm", address).code == 0
        serials.append(project.state["serial"])
    assert serials == [1, 2, 3, 4]
    counts = {
        serial: len(json.loads(path.read_text())["resources"])
        for serial, path in generations(project).items()
    }
    assert counts == {1: 3, 2: 2, 3: 1, 4: 0}


def test_what_is_pulled_can_be_pushed_elsewhere(project: Project) -> None:
    """The whole state as JSON on stdout."""
    pulled = project.run("state", "pull")
    assert pulled.json == project.state
    before = project.state
    (folder(project) / "state.json").unlink()
    assert push(project, "pulled.json", pulled.json).code == 0
    assert project.state == before
    assert project.plan().code == 0


def test_nothing_can_be_pulled_before_the_first_apply(make_project: MakeProject) -> None:
    """An empty output would be taken for an empty state."""
    refused(make_project().run("state", "pull"), "S010")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"serial": 0}, "S017"),
        ({"resources": {}}, "S017"),
        ({"lineage": "another", "serial": 9}, "S016"),
    ],
)
def test_a_push_that_would_forget_is_refused_without_force(
    project: Project, changed: dict[str, Any], code: str
) -> None:
    """Older, of the same serial with another content, or of another lineage."""
    before = project.state
    document = {**before, **changed}
    assert "--force" in refused(push(project, "pushed.json", document), code)
    assert project.state == before
    assert push(project, "pushed.json", document, "--force").code == 0
    assert project.state == document
    assert json.loads(generations(project)[before["serial"]].read_text())["lineage"]


def test_a_newer_state_of_the_same_lineage_is_pushed(project: Project) -> None:
    """As after an apply from elsewhere."""
    document = {**project.state, "serial": 8}
    assert push(project, "pushed.json", document).code == 0
    assert project.state["serial"] == 8


def test_the_same_state_may_be_pushed_again(project: Project) -> None:
    """It changes nothing."""
    before = project.state
    assert push(project, "pushed.json", before).code == 0
    assert project.state == before


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"uid": "other"}, "S011"),
        ({"environment": "prod"}, "S011"),
        ({"version": 2}, "S002"),
        ({"version": None}, "S001"),
        ({"resources": {"nonsense": {}}}, "S001"),
    ],
)
def test_force_pushes_no_nonsense(project: Project, changed: dict[str, Any], code: str) -> None:
    """Another project's state, a newer program's, or a damaged one."""
    before = project.state
    refused(push(project, "pushed.json", {**before, **changed}, "--force"), code)
    assert project.state == before


def test_a_state_that_contradicts_itself_is_not_pushed(project: Project) -> None:
    """Two addresses of one id would change or delete the wrong object."""
    document = project.state
    resources = document["resources"]
    resources["assistant.twin"] = dict(resources["assistant.greeter"])
    document["serial"] = 9
    said = refused(push(project, "pushed.json", document, "--force"), "S012")
    assert "is recorded as assistant.greeter and as assistant.twin" in said


def test_a_file_that_is_not_there_is_no_state(project: Project) -> None:
    """No traceback for a typing error."""
    refused(project.run("state", "push", "nowhere.json"), "S001")


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"version": 1}'])
def test_a_damaged_state_is_brought_back_by_the_command_that_is_named(
    project: Project, damage: str
) -> None:
    """Every command that reads it refuses it, and says how."""
    path = folder(project) / "state.json"
    before = project.state
    path.write_text(damage, encoding="utf-8")
    for each in (["plan"], ["apply", "--auto-approve"], ["show"], ["drift"], ["state", "list"]):
        said = refused(project.run(*each), "S001")
        assert path.read_text(encoding="utf-8") == damage
    words = said.partition("`provisioner state push -e test ")[2].partition("`")[0].split()
    assert words == ["--generation", generations(project)[1].name]
    assert project.run("state", "push", "-e", "test", *words).code == 0
    assert project.state == before
    assert project.plan().code == 0


def test_a_lost_state_is_told_with_its_generation(project: Project) -> None:
    """A plan goes on, because tags tell what is ours; but it says what there is to bring back."""
    (folder(project) / "state.json").unlink()
    result = project.plan()
    assert result.code == 2
    assert "State is gone, but generations of it are kept [S101]" in result.err
    project.run("state", "push", str(generations(project)[1]))
    assert "S101" not in project.plan().err


def test_nobody_edits_the_state_while_a_run_holds_the_lock(project: Project) -> None:
    """The holder is named; a lock that is held is never broken."""
    hold = (
        "import sys; from pathlib import Path; from provisioner.state.lock import locked\n"
        "with locked(Path(sys.argv[1]), 'apply', 0): print('held', flush=True); sys.stdin.read()"
    )
    arguments = [sys.executable, "-c", hold, str(folder(project))]
    with subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        before = project.state
        for each in (
            ["rm", "assistant.greeter"],
            ["mv", "assistant.greeter", "assistant.porter"],
            ["push", str(generations(project)[1])],
            ["retarget"],
            ["rebuild", "--force"],
            ["unlock"],
        ):
            assert f"process {process.pid}" in refused(project.run("state", *each), "S007")
        process.kill()
    left = project.run("state", "unlock")
    assert left.code == 0
    assert f"process {process.pid}" in left.out
    assert project.run("state", "unlock").out == "Nothing is locked.\n"
    assert project.state == before
    project.apply()


def test_the_same_objects_at_another_endpoint_are_taken_along(project: Project) -> None:
    """Another name of the same resource: every id is found there, and nothing is sent."""
    project.edit("provisioner.yaml", "//127.0.0.1:", "//localhost:")
    said = refused(project.plan(), "S008")
    assert "`provisioner state retarget -e test`" in said
    serial = project.state["serial"]
    result = project.run("state", "retarget")
    assert result.code == 0, result.err
    assert "Objects found there: 3, which is all." in result.out
    assert "//localhost:" in project.state["provider"]["endpoint"]
    assert project.state["serial"] == serial + 1
    assert project.plan().code == 0
    assert "already" in project.run("state", "retarget").out


def test_a_retarget_that_misses_an_object_changes_nothing(project: Project) -> None:
    """Every missing or foreign object is named at once."""
    with start_emulator("--api-key", KEY) as other:
        before = project.state
        project.edit("provisioner.yaml", project.service.url, other)
        said = refused(project.run("state", "retarget"), "S019")
        for each in before["resources"].values():
            assert f"{each['id']} is not there" in said
        assert project.state == before


def test_a_retarget_refuses_what_lost_its_tag(project: Project) -> None:
    """An id alone doesn't say that the object is ours."""
    id_ = project.id("assistant.greeter")
    project.service.call("POST", f"/assistants/{id_}", {"metadata": {"provisioner": ""}})
    project.edit("provisioner.yaml", "//127.0.0.1:", "//localhost:")
    said = refused(project.run("state", "retarget"), "S019")
    assert f"{id_} is there, but doesn't carry this environment's ownership tag" in said


def test_a_state_without_records_may_go_anywhere(project: Project) -> None:
    """There is nothing to look for."""
    assert project.run("destroy", "--auto-approve").code == 0
    with start_emulator("--api-key", KEY) as other:
        project.edit("provisioner.yaml", project.service.url, other)
        assert project.run("state", "retarget").code == 0
        project.apply()
