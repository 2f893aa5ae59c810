"""Creates that the service carries out long after their sender died and another was made."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator

import pytest
from holding_proxy import Holder, holding_proxy
from processes import command
from projects import KEY, PROJECT, V1, V2, Project, Service
from test_kill import assert_whole
from test_lifecycle import SHARING

from provisioner.emulator.embedded import running
from provisioner.emulator.settings import EmulatorSettings

MakeProject = Callable[..., Project]
ASSISTANT, FILE = "POST /openai/assistants", "POST /openai/files"


@pytest.fixture
def holder(emulator: str) -> Iterator[Holder]:
    """Put the proxy before this test's emulator."""
    with holding_proxy(emulator) as holder:
        yield holder


def begin(make_project: MakeProject, holder: Holder, api_version: str = V2) -> Project:
    """Make the project in which assistants share a file, behind the proxy."""
    project = make_project(api_version)
    text = PROJECT.format(name="demo", uid="u1", url=holder.url, api_version=api_version)
    project.write("provisioner.yaml", text)
    project.write("all.yaml", SHARING)
    project.write("numbers.csv", "a,b\n1,2\n")
    return Project(project.folder, Service(holder.target, api_version))


def run_and_hold(project: Project, holder: Holder, line: str, *arguments: str) -> None:
    """Run apply as a process of its own, which dies while its request is held back."""
    arguments = ("apply", "--auto-approve", "--parallelism", "1", *arguments)
    holder.aim("")
    with subprocess.Popen(
        command(project, *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ
    ) as process:
        holder.victim = process.pid
        holder.aim(line)
        _, err = process.communicate()
    assert holder.has_caught, err


def lost(project: Project) -> list[dict[str, object]]:
    """List the lost creates that are remembered."""
    found: list[dict[str, object]] = project.state.get("lost_creates", [])
    return found


@pytest.mark.parametrize("api_version", [pytest.param(V1, marks=pytest.mark.thorough), V2])
def test_an_assistant_that_arrives_late_is_planned_and_deleted(
    make_project: MakeProject, holder: Holder, api_version: str
) -> None:
    """Apply that finds nothing else to do deletes it, and then there is nothing left over."""
    project = begin(make_project, holder, api_version)
    run_and_hold(project, holder, ASSISTANT)
    again = project.apply()
    assert "P104" in again.err
    assert project.plan().code == 0
    assert len(lost(project)) == 1
    holder.release()
    assert len(project.service.assistants()) == 4
    shown = project.plan()

    assert shown.code == 2
    assert "it arrived late" in shown.out
    assert "Plan: 0 to add, 0 to change, 1 to destroy." in shown.out
    assert "P101" not in shown.err
    project.apply()
    assert_whole(project)
    assert lost(project) == []


@pytest.mark.thorough
def test_a_late_assistant_of_an_address_that_is_gone_is_deleted(
    make_project: MakeProject, holder: Holder
) -> None:
    """Nothing is declared or recorded there any more, and nothing is left of it in the end."""
    project = begin(make_project, holder)
    run_and_hold(project, holder, ASSISTANT)
    project.write("all.yaml", SHARING.partition("---")[0])
    project.apply()
    holder.release()
    project.apply()

    assert project.service.assistants() == []
    assert project.plan().code == 0


def test_a_late_assistant_is_adopted_where_none_stands_in_its_place(
    make_project: MakeProject, holder: Holder
) -> None:
    """Two sends of one create were lost, and the first arrives: it is the one object there."""
    project = begin(make_project, holder)
    run_and_hold(project, holder, ASSISTANT)
    first = holder._free, holder._done
    run_and_hold(project, holder, ASSISTANT)
    first[0].set()
    assert first[1].wait(60)
    project.apply()
    assert len(project.service.assistants()) == 3
    holder.release()
    assert len(project.service.assistants()) == 4
    project.apply()

    assert_whole(project)


@pytest.mark.thorough
def test_a_late_predecessor_of_a_replacement_is_deleted(
    make_project: MakeProject, holder: Holder
) -> None:
    """A replacement on request is lost, is not asked for again, and arrives all the same."""
    project = begin(make_project, holder)
    project.apply()
    run_and_hold(project, holder, ASSISTANT, "--replace", "assistant.one")
    project.apply()
    holder.release()
    project.apply()

    assert_whole(project)


def test_a_copy_of_what_was_made_in_its_place_is_not_taken_for_a_late_create(
    make_project: MakeProject, holder: Holder
) -> None:
    """People copy metadata: no object but the late one itself was ever sent with its operation."""
    project = begin(make_project, holder)
    run_and_hold(project, holder, ASSISTANT)
    project.apply()
    for each in project.service.assistants():
        body = {"model": "gpt-4o", "name": "mine", "metadata": each["metadata"]}
        project.service.call("POST", "/assistants", body)
    holder.release()
    project.apply()

    assert sorted(each["name"] for each in project.service.assistants()) == [
        *("mine", "mine", "mine"),
        *("one", "three", "two"),
    ]


def test_a_file_that_arrives_late_is_named_and_left_to_gc(
    make_project: MakeProject, holder: Holder
) -> None:
    """Its bytes can't be had, so nobody can say whose it is; gc deletes it when told which."""
    project = begin(make_project, holder)
    run_and_hold(project, holder, FILE)
    project.apply()
    used = project.id("file.numbers")
    holder.release()
    (late,) = (each["id"] for each in project.service.files() if each["id"] != used)
    shown = project.plan()
    assert shown.code == 0
    assert f"[P106] with file.numbers {late}" in " ".join(shown.err.split())

    unnamed = project.run("gc", "--auto-approve")
    assert unnamed.code == 0
    assert late in unnamed.out
    assert len(project.service.files()) == 2
    done = project.run("gc", "--auto-approve", late)
    assert done.code == 0, done.err
    assert "Objects: 1 deleted" in done.out
    assert_whole(project)
    assert lost(project) == []


def test_a_late_file_whose_bytes_can_be_had_is_deleted(make_project: MakeProject) -> None:
    """They are those of the lost upload, and nothing uses it: apply cleans up."""
    with (
        running(EmulatorSettings(api_key=KEY, file_downloads=True)) as url,
        holding_proxy(url) as holder,
    ):
        project = begin(make_project, holder)
        run_and_hold(project, holder, FILE)
        project.apply()
        holder.release()
        assert len(project.service.files()) == 2
        assert project.plan().code == 2
        project.apply()

        assert_whole(project)
        assert lost(project) == []
