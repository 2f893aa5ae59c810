"""A state that can't be written, or was damaged beside a journal: nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from local_state import LocalState
from projects import ROOT, Project, Result

from provisioner.events import Operation
from provisioner.resource import ResourceState
from provisioner.state.journal import Intent

MakeProject = Callable[..., Project]

BOT = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {{name: bot-{number}}}
spec: {{model: chat, instructions: Count to {number}.}}
---
"""
LIMITED = """
import resource, sys
from provisioner.cli import run
size = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
sys.exit(run(sys.argv[2:]))
"""


@pytest.fixture
def project(make_project: MakeProject) -> Project:
    """Give a project whose state is larger than the journal of a small change."""
    project = make_project()
    project.write("all.yaml", "".join(BOT.format(number=number) for number in range(8)))
    project.apply()
    return project


def backend(project: Project) -> LocalState:
    """Give the state's files."""
    return LocalState(project.folder / ".provisioner" / "test")


def newest(project: Project) -> Path:
    """Give the generation of the present state."""
    found = (backend(project).folder / "generations").iterdir()
    return next(each for each in found if each.name.startswith(f"{project.state['serial']}-"))


def refused(result: Result, code: str) -> str:
    """Take a refusal; give its text in one line."""
    assert result.code == 1, result.out
    assert f"[{code}]" in result.err, result.err
    return " ".join(result.err.split())


def crash(project: Project, *, answered: bool) -> ResourceState:
    """Leave a journal as an apply does that dies before or after the answer to a delete."""
    state = backend(project).read()
    assert state.state is not None
    _, victim = max(state.state.resources.items())
    recorder = backend(project).open(state, state.state)
    gone = Intent("op", Operation.DELETE, victim.address, victim.id, None)
    recorder.intend(gone)
    if answered:
        recorder.done(gone, victim.id, {})
    recorder._writer.close()
    return victim


def test_a_disk_that_is_full_at_the_end_of_an_apply_loses_nothing(project: Project) -> None:
    """The journal has what was done; the next run writes it down, and plans nothing."""
    project.edit("all.yaml", "Count to 3.", "Count to 33.")
    before = project.state
    size = str(backend(project).path.stat().st_size - 200)
    command = [sys.executable, "-c", LIMITED, size, "-C", str(project.folder)]
    full = subprocess.run(
        [*command, "apply", "--auto-approve"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert full.returncode == 1
    assert "State can't be written [S003]" in full.stderr
    assert '"lineage"' not in full.stdout + full.stderr, "the state is never printed"
    assert project.state == before
    assert backend(project).journal_path.exists()

    project.apply()
    assert project.plan().code == 0
    assert project.state["serial"] == before["serial"] + 1
    assert project.state["resources"]["assistant.bot-3"]["attributes"]["instructions"] == (
        "Count to 33."
    )
    assert not backend(project).journal_path.exists()
    assert len(project.service.assistants()) == 8


def test_a_state_that_is_damaged_beside_a_journal_loses_nothing(project: Project) -> None:
    """The generation that the journal continues goes back in its place; the journal leads on."""
    victim = crash(project, answered=True)
    path = newest(project)
    backend(project).path.write_bytes(b"")
    assert f"--generation {path.name}" in refused(project.plan(), "S001")
    assert project.run("state", "push", str(path)).code == 0
    assert backend(project).journal_path.exists()
    assert str(victim.address) not in project.run("state", "list").out.split()


def test_a_state_that_is_gone_beside_a_journal_is_brought_back(project: Project) -> None:
    """The journal tells which one it was."""
    crash(project, answered=True)
    path = newest(project)
    backend(project).path.unlink()
    assert f"--generation {path.name}" in refused(project.plan(), "S005")
    assert project.run("state", "push", str(path)).code == 0
    assert project.run("state", "list").code == 0


def test_a_state_that_a_journal_does_not_continue_is_pushed_by_force_only(
    project: Project,
) -> None:
    """What only the journal knows would be forgotten; with --force it is set aside."""
    crash(project, answered=True)
    pulled = project.write("pulled.json", project.run("state", "pull").out)
    pulled.write_text(pulled.read_text().replace('"serial": 1', '"serial": 9'))
    refused(project.run("state", "push", "pulled.json"), "S018")
    assert project.run("state", "push", "--force", "pulled.json").code == 0
    assert not backend(project).journal_path.exists()
    aside = [each.name for each in (backend(project).folder / "generations").iterdir()]
    assert any(each.endswith("journal.jsonl") for each in aside)
    assert project.state["serial"] == 9


@pytest.mark.parametrize(
    "command",
    [
        ("mv", "assistant.bot-0", "assistant.bot-9"),
        ("rm", "assistant.bot-0"),
        ("retarget",),
    ],
)
def test_records_are_not_edited_while_answers_are_unknown(
    project: Project, command: tuple[str, ...]
) -> None:
    """The next apply finds out what became of them."""
    crash(project, answered=False)
    before = project.state
    said = refused(project.run("state", *command), "S014")
    assert "`provisioner apply -e test`" in said
    assert project.state == before
    project.apply()
    assert project.run("state", "rm", "assistant.bot-0").code == 0


def test_what_a_journal_has_done_is_kept_when_records_are_edited(project: Project) -> None:
    """An edit goes on from all that is known."""
    victim = crash(project, answered=True)
    assert project.run("state", "rm", "assistant.bot-0").code == 0
    assert not backend(project).journal_path.exists()
    assert str(victim.address) not in project.state["resources"]
    assert len(project.state["resources"]) == 6


def test_a_damaged_journal_is_kept_when_the_state_is_rebuilt(project: Project) -> None:
    """Nothing can be told from it any more; tags tell what is there."""
    crash(project, answered=True)
    backend(project).journal_path.write_text("{\n")
    said = refused(project.plan(), "S006")
    assert "`provisioner state rebuild -e test`" in said
    assert project.run("state", "rebuild").code == 0
    assert project.plan().code == 0
    aside = (backend(project).folder / "generations").iterdir()
    assert [each.read_text() for each in aside if each.name.endswith("journal.jsonl")] == ["{\n"]


def test_a_newer_state_is_neither_rebuilt_nor_pushed_over(project: Project) -> None:
    """It is good; only this program can't read it."""
    path, good = backend(project).path, newest(project)
    newer = path.read_text().replace('"version": 1', '"version": 2')
    path.write_text(newer)
    refused(project.run("state", "rebuild"), "S002")
    refused(project.run("state", "push", str(good)), "S002")
    assert path.read_text() == newer
