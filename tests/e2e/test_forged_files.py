"""Files of ours that somebody has forged: refused with a code, and never a bug."""

from __future__ import annotations

import hashlib
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from forging import forged, write_json, write_plan
from projects import LATE, Project

MakeProject = Callable[..., Project]
SEEDS = [*range(12), *(pytest.param(each, marks=pytest.mark.thorough) for each in range(12, 60))]

MANIFEST = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: bot, labels: {team: a}}
spec:
  model: chat
  instructions: hello
  metadata: {a: b}
  tools:
    - {type: code_interpreter, files: [{path: data.csv}]}
    - {type: file_search, vector_store: store}
    - type: function
      function: {name: call, parameters: {type: object, properties: {a: {enum: [x, y]}}}}
---
apiVersion: provisioner/v1
kind: VectorStore
metadata: {name: store}
spec: {name: Store, files: [{path: handbook.md}]}
"""


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    """Make a project that was applied, and has changed since."""
    project = make_project(LATE)
    project.write("a.yaml", MANIFEST)
    project.write("data.csv", "a,b\n")
    project.write("handbook.md", "# Hello\n")
    project.apply()
    project.edit("a.yaml", "instructions: hello", "instructions: bye")
    project.write("data.csv", "a,c\n")
    return project


def assert_no_bug(project: Project, *commands: tuple[str, ...]) -> None:
    """Each command ends with what it has to say; nothing of it commands a terminal."""
    for each in commands:
        ended = project.run(*each)
        said = ended.out + ended.err
        assert ended.code in (0, 1, 2), each
        assert "This is a bug" not in said, (each, said)
        assert "\x1b" not in said, each


def own(project: Project) -> Path:
    """Give the folder of the project's environment."""
    return project.folder / ".provisioner" / "test"


def saved(project: Project) -> tuple[Path, Any]:
    """Save a plan; give its file, and what that holds."""
    path = project.folder / "saved.plan"
    assert project.run("plan", "--out", str(path)).code == 0
    return path, json.loads(path.read_text(encoding="utf-8"))


def test_a_forged_plan_is_refused_or_shown(project: Project) -> None:
    """Its digest fits it, for anybody can reckon that."""
    path, document = saved(project)
    forms = ("text", "json", "ndjson", "markdown", "html")
    for seed in range(40):
        write_plan(path, forged(document, seed))
        assert_no_bug(project, ("show", str(path), "--format", forms[seed % 5]))
        assert_no_bug(project, ("apply", str(path)))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_forged_state_is_refused_or_read(project: Project, seed: int) -> None:
    """By what shows it, what plans on it, and what edits it."""
    path = own(project) / "state.json"
    write_json(path, forged(json.loads(path.read_text(encoding="utf-8")), seed))
    commands = (("show",), ("output", "--format", "env"), ("plan",), ("drift",), ("state", "pull"))
    assert_no_bug(project, *commands, ("state", "rm", "assistant.bot"))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_forged_journal_is_refused_or_read(project: Project, seed: int) -> None:
    """Also what it says of calls that were never answered."""
    state = project.state
    header = {key: state[key] for key in ("lineage", "serial", "project", "uid", "provider")}
    bot = state["resources"]["assistant.bot"]
    intent = {"operation": "update", "deposes": None, "deposed": False, "sent_at": 1.0}
    entries = [
        {"journal": 1, **header, "environment": "test"},
        {**intent, "intent": "a", "address": "assistant.bot", "id": bot["id"], "becomes": bot},
        {"done": "a", "id": bot["id"], "filled": {}},
        {**intent, "intent": "b", "address": "assistant.bot", "id": bot["id"], "becomes": bot},
    ]
    lines = (json.dumps(each) + "\n" for each in forged(entries, seed))
    (own(project) / "journal.jsonl").write_text("".join(lines), encoding="utf-8")
    assert_no_bug(project, ("show",), ("plan",), ("drift",), ("state", "rm", "assistant.bot"))


@pytest.mark.parametrize("part", ["revision", "content"])
def test_a_forged_revision_is_told_as_one_that_is_no_good(project: Project, part: str) -> None:
    """Or compared and rolled back to as it stands."""
    history = own(project) / "history"
    [path] = (history / "revisions").glob("*.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    kept = (history / "objects" / document["revision"]["content"]).read_bytes()
    for seed in range(25):
        if part == "revision":
            write_json(path, forged(document, seed))
        else:
            made = zlib.compress(
                json.dumps(forged(json.loads(zlib.decompress(kept)), seed)).encode()
            )
            name = hashlib.sha256(made).hexdigest()
            (history / "objects" / name).write_bytes(made)
            write_json(path, {**document, "revision": {**document["revision"], "content": name}})
        assert_no_bug(project, ("history",), ("diff", "1", "1"), ("rollback", "1"))


def test_a_content_that_grows_without_end_is_refused(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few bytes can stand for any number of them."""
    monkeypatch.setattr("provisioner.history.content.MOST_BYTES", 1 << 20)
    history = own(project) / "history"
    [path] = (history / "revisions").glob("*.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    bomb = zlib.compress(b"[" + b" " * (2 << 20) + b"]")
    name = hashlib.sha256(bomb).hexdigest()
    (history / "objects" / name).write_bytes(bomb)
    write_json(path, {**document, "revision": {**document["revision"], "content": name}})

    refused = project.run("rollback", "1")

    assert refused.code == 1
    assert "P092" in refused.err


@pytest.mark.parametrize("source", ["/etc/passwd", "../../../../etc/passwd", "link.csv", "a\0b"])
def test_a_plan_can_name_no_file_outside_of_the_project(project: Project, source: str) -> None:
    """Absolutely, by way of its folder, or through a link."""
    (project.folder / "link.csv").symlink_to("/etc/passwd")
    path, document = saved(project)
    content = Path("/etc/passwd").read_bytes()
    text = json.dumps(document)
    for old, new in (
        ('"source": "data.csv"', f'"source": {json.dumps(source)}'),
        (hashlib.sha256(b"a,c\n").hexdigest(), hashlib.sha256(content).hexdigest()),
    ):
        assert old in text
        text = text.replace(old, new)
    write_plan(path, json.loads(text))

    refused = project.run("apply", str(path))

    assert refused.code == 1
    assert "P050" in refused.err
    assert not [each for each in project.service.files() if each["bytes"] == len(content)]


def test_a_device_is_no_plan(project: Project) -> None:
    """And is not read to its end, which it doesn't have."""
    for command in ("show", "apply"):
        refused = project.run(command, "/dev/zero")
        assert refused.code == 1
        assert re.search(r"P050|no saved plan", refused.err)


@pytest.mark.parametrize("id_", ["../files/x", "asst_1/../x", "asst_1?x=y", "a\nb", "%2e%2e"])
def test_an_id_in_the_state_leads_to_no_other_request(project: Project, id_: str) -> None:
    """It becomes part of the path of requests that change and delete."""
    path = own(project) / "state.json"
    state = project.state
    state["resources"]["assistant.bot"]["id"] = id_
    write_json(path, state)

    refused = project.run("destroy", "--auto-approve")

    assert refused.code == 1
    assert "S001" in refused.err
