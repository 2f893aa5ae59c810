"""SIGKILL of apply at any request, and running it again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from killing_proxy import Killer, Moment, killing_proxy
from projects import PROJECT, V1, V2, Project, Service
from test_lifecycle import SHARING

MakeProject = Callable[..., Project]

REQUESTS = 7
"""At least as many as any of the applies below makes; a test says so if there are more."""


@pytest.fixture
def killer(emulator: str) -> Iterator[Killer]:
    """Put the proxy before this test's emulator."""
    with killing_proxy(emulator) as killer:
        yield killer


def begin(make_project: MakeProject, killer: Killer, api_version: str) -> Project:
    """Make the project in which assistants share a file, behind the proxy."""
    project = make_project(api_version)
    text = PROJECT.format(name="demo", uid="u1", url=killer.url, api_version=api_version)
    project.write("provisioner.yaml", text)
    project.write("all.yaml", SHARING)
    project.write("numbers.csv", "a,b\n1,2\n")
    return Project(project.folder, Service(killer.target, api_version))


def run_and_kill(
    project: Project, killer: Killer, at: int | None, moment: Moment, *arguments: str
) -> bool:
    """Run a command as a process of its own; say whether it was killed."""
    command = [sys.executable, "-m", "provisioner", "-C", str(project.folder), *arguments]
    killer.aim(None, moment)
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ, text=True
    ) as process:
        killer.victim = process.pid
        killer.aim(at, moment)
        _, err = process.communicate()
    assert killer.killed.is_set() or process.returncode == 0, err
    return killer.killed.is_set()


def assert_whole(project: Project) -> None:
    """One object per address, nothing left over, and nothing more to do."""
    assert sorted(each["name"] for each in project.service.assistants()) == ["one", "three", "two"]
    (file,) = project.service.files()
    assert file["id"] == project.id("file.numbers")
    assert sorted(project.state["resources"]) == [
        "assistant.one",
        "assistant.three",
        "assistant.two",
        "file.numbers",
    ]
    assert not any(each["deposed"] for each in project.state["resources"].values())
    again = project.plan()
    assert again.code == 0, again.out
    assert "warning" not in again.err
    assert not (project.folder / ".provisioner" / "test" / "journal.jsonl").exists()


moments = pytest.mark.parametrize("moment", ["before", "after"])
requests = pytest.mark.parametrize("at", range(REQUESTS))
versions = pytest.mark.parametrize(
    "api_version", [pytest.param(V1, marks=pytest.mark.thorough), V2]
)


@versions
@moments
@requests
def test_a_killed_create_is_finished_with_one_object_per_address(
    make_project: MakeProject, killer: Killer, api_version: str, at: int, moment: Moment
) -> None:
    """Apply for the first time is killed around one request; the next one finishes it."""
    project = begin(make_project, killer, api_version)
    run_and_kill(project, killer, at, moment, "apply", "--auto-approve")
    made = len(killer.requests)
    killer.aim(None, moment)
    project.apply()

    assert made <= REQUESTS
    assert_whole(project)


@moments
@requests
def test_a_killed_replacement_on_request_is_finished_with_one_assistant(
    make_project: MakeProject, killer: Killer, at: int, moment: Moment
) -> None:
    """It is killed around one request; the next apply, which isn't asked for it, finishes it."""
    project = begin(make_project, killer, V2)
    project.apply()
    arguments = ("--replace", "assistant.one", "--delete-orphans")
    run_and_kill(project, killer, at, moment, "apply", "--auto-approve", *arguments)
    made = len(killer.requests)
    killer.aim(None, moment)
    project.apply()

    assert made <= REQUESTS
    assert_whole(project)


@moments
@requests
def test_a_killed_deletion_of_orphans_is_finished(
    make_project: MakeProject, killer: Killer, at: int, moment: Moment
) -> None:
    """It is killed around one request; the same command again leaves nothing that isn't ours."""
    project = begin(make_project, killer, V2)
    project.apply()
    tag = project.service.assistants()[0]["metadata"]["provisioner"].split("/")
    for name in ("lost", "found"):
        metadata = {"provisioner": f"{tag[0]}/{tag[1]}/assistant.{name}"}
        body = {"model": "gpt-4o", "name": name, "metadata": metadata}
        project.service.call("POST", "/assistants", body)
    arguments = ("--delete-orphans", "--max-delete", "2")
    run_and_kill(project, killer, at, moment, "apply", "--auto-approve", *arguments)
    made = len(killer.requests)
    killer.aim(None, moment)
    project.apply(*arguments)

    assert made <= REQUESTS
    assert_whole(project)


@moments
@requests
def test_a_killed_replacement_is_finished_with_one_file(
    make_project: MakeProject, killer: Killer, at: int, moment: Moment
) -> None:
    """Replacing a shared file is killed around one request; the next apply finishes it."""
    project = begin(make_project, killer, V2)
    project.apply()
    project.write("numbers.csv", "a,b\n1,3\n")
    run_and_kill(project, killer, at, moment, "apply", "--auto-approve")
    killer.aim(None, moment)
    project.apply()

    assert_whole(project)
    assert project.service.files()[0]["bytes"] == 8


@moments
@requests
def test_a_killed_destroy_is_finished_with_nothing_left(
    make_project: MakeProject, killer: Killer, at: int, moment: Moment
) -> None:
    """Destroy is killed around one request; the next one leaves nothing."""
    project = begin(make_project, killer, V2)
    project.apply()
    run_and_kill(project, killer, at, moment, "destroy", "--auto-approve")
    killer.aim(None, moment)
    done = project.run("destroy", "--auto-approve")

    assert done.code == 0, done.err
    assert project.service.assistants() == project.service.files() == []
    assert project.state["resources"] == {}


def test_the_kills_reach_every_request(make_project: MakeProject, killer: Killer) -> None:
    """The first apply makes six requests: two lists, one upload, three creates."""
    project = begin(make_project, killer, V2)
    run_and_kill(project, killer, None, "before", "apply", "--auto-approve")

    assert sorted(killer.requests) == [
        "GET /openai/assistants",
        "GET /openai/files",
        "POST /openai/assistants",
        "POST /openai/assistants",
        "POST /openai/assistants",
        "POST /openai/files",
    ]


def test_edits_that_a_kill_left_unrecorded_are_no_drift(
    make_project: MakeProject, killer: Killer
) -> None:
    """An update that arrived, and whose answer nobody saw, is ours and not somebody else's."""
    project = begin(make_project, killer, V2)
    project.apply()
    project.edit("all.yaml", "spec: {model: chat}", "spec: {model: fast}")
    assert run_and_kill(project, killer, 2, "after", "apply", "--auto-approve")
    killer.aim(None, "before")

    assert project.run("drift").code == 0
    assert project.plan().code == 0
