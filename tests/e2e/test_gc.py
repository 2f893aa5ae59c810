"""gc: what broken uploads have left is shown; what is surely ours, or was named, is deleted."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from killing_proxy import Moment, killing_proxy
from processes import on_terminal, rest_of
from projects import KEY, V1, V2, Project
from test_kill import assert_whole, run_and_kill
from test_kill import begin as behind
from test_lifecycle import sharing

from provisioner.state.lock import locked

MakeProject = Callable[..., Project]
NUMBERS = b"a,b\n1,2\n"


def upload(project: Project, name: str = "numbers.csv", content: bytes = NUMBERS) -> str:
    """Upload a file, as somebody else would, or a run that was lost; give its id."""
    before = {each["id"] for each in project.service.files()}
    line = "--line"
    head = 'Content-Disposition: form-data; name="{}"'
    body = b"\r\n".join(
        [
            *(f"--{line}\r\n{head.format('purpose')}\r\n\r\nassistants".encode(),),
            f'--{line}\r\n{head.format("file")}; filename="{name}"\r\n'.encode(),
            content,
            f"--{line}--\r\n".encode(),
        ]
    )
    url = urlsplit(project.service.url)
    connection = HTTPConnection(url.hostname or "", url.port)
    headers = {"api-key": KEY, "Content-Type": f"multipart/form-data; boundary={line}"}
    path = f"/openai/files?api-version={project.service.api_version}"
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    connection.close()
    (made,) = {each["id"] for each in project.service.files()} - before
    return made


def ids(project: Project) -> set[str]:
    """List the ids of the files at the service."""
    return {each["id"] for each in project.service.files()}


def test_nothing_is_left_over_of_an_apply_that_ended_well(make_project: MakeProject) -> None:
    """Then gc says so, asks nobody, and deletes nothing."""
    project = sharing(make_project, V2)
    before = ids(project)
    done = project.run("gc")

    assert done.code == 0, done.err
    assert "Nothing is left over" in done.out
    assert ids(project) == before


@pytest.mark.parametrize("api_version", [pytest.param(V1, marks=pytest.mark.thorough), V2])
def test_a_file_of_a_lost_state_goes_when_it_is_named(
    make_project: MakeProject, api_version: str
) -> None:
    """The next apply has uploaded it again; the old one can't be proved to be ours."""
    project = sharing(make_project, api_version)
    old = project.id("file.numbers")
    shutil.rmtree(project.folder / ".provisioner")
    project.apply()
    shown = project.run("gc", "--auto-approve")
    assert f"{old}  numbers.csv" in shown.out
    assert old in ids(project)
    done = project.run("gc", "--auto-approve", old)

    assert done.code == 0, done.err
    assert ids(project) == {project.id("file.numbers")}
    assert project.plan().code == 0


def test_files_of_others_are_neither_shown_nor_deleted(make_project: MakeProject) -> None:
    """Another name, another size, and what somebody's store or assistant uses."""
    project = sharing(make_project, V2)
    guide = "---\napiVersion: provisioner/v1\nkind: File\nmetadata: {name: guide}\n"
    project.write("guide.md", "Read this.\n")
    project.write("guide.yaml", f"{guide}spec: {{path: guide.md}}\n")
    project.apply()
    stored, held = upload(project, "guide.md", b"Read this.\n"), upload(project)
    sized, named = upload(project, content=b"a,b\n1,23\n"), upload(project, name="others.csv")
    project.service.call("POST", "/vector_stores", {"name": "theirs", "file_ids": [stored]})
    tools = {"code_interpreter": {"file_ids": [held]}}
    body = {
        "model": "gpt-4o",
        "tools": [{"type": "code_interpreter"}],
        "tool_resources": tools,
    }
    project.service.call("POST", "/assistants", body)
    before = ids(project)
    shown = project.run("gc", "--auto-approve")
    refused = project.run(
        "gc", "--auto-approve", stored, held, sized, named, project.id("file.numbers"), "file-x"
    )

    assert "Nothing is left over" in shown.out
    assert not any(each in shown.out for each in (stored, held, sized, named))
    assert refused.code == 1
    assert refused.err.count("P095") == 6
    assert ids(project) == before


def test_gc_asks_on_a_terminal(make_project: MakeProject) -> None:
    """Only `yes` is taken for it."""
    project = sharing(make_project, V2)
    lost = upload(project)
    with on_terminal(project, "gc", lost) as child:
        child.expect("Enter a value")
        child.sendline("y")
        assert rest_of(child)[0] == 1
    assert lost in ids(project)
    with on_terminal(project, "gc", lost) as child:
        child.expect("Enter a value")
        child.sendline("yes")
        code, said = rest_of(child)

    assert code == 0, said
    assert lost not in ids(project)


def test_gc_without_a_terminal_names_the_flag(make_project: MakeProject) -> None:
    """What would be deleted is shown, and nothing is."""
    project = sharing(make_project, V2)
    lost = upload(project)
    done = project.run("gc", lost)

    assert done.code == 1
    assert "1 to destroy" in done.out
    assert "Run gc with --auto-approve." in done.err
    assert lost in ids(project)


def test_gc_waits_for_nobody_who_holds_the_lock(make_project: MakeProject) -> None:
    """A run may be at work just now: what it uploads looks like a leftover, and isn't one."""
    project = sharing(make_project, V2)
    lost = upload(project)
    with locked(project.folder / ".provisioner" / "test", "apply", 0):
        done = project.run("gc", "--auto-approve", lost)

    assert done.code == 1
    assert "S007" in done.err
    assert lost in ids(project)


def test_a_file_that_another_environment_has_recorded_is_no_leftover(
    make_project: MakeProject,
) -> None:
    """Nothing uses it, but it is the other environment's."""
    project = make_project(V2)
    text = (project.folder / "provisioner.yaml").read_text(encoding="utf-8")
    _, _, test = text.partition("    test:\n")
    project.write("provisioner.yaml", f"{text}    prod:\n{test}")
    project.write("numbers.csv", NUMBERS.decode())
    project.write(
        "all.yaml",
        "apiVersion: provisioner/v1\nkind: File\nmetadata: {name: numbers}\n"
        "spec: {path: numbers.csv}\n",
    )
    for each in ("test", "prod"):
        done = project.run("apply", "--auto-approve", "-e", each)
        assert done.code == 0, done.err
    shown = project.run("gc", "-e", "test", "--auto-approve")

    assert shown.code == 0
    assert "Nothing is left over" in shown.out
    assert "assistant-" not in shown.out
    damaged = project.folder / ".provisioner" / "prod" / "state.json"
    damaged.write_text("{", encoding="utf-8")
    unsure = project.run("gc", "-e", "test", "--auto-approve")
    assert "The state of prod can't be read from here" in unsure.out
    assert len(ids(project)) == 2


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_gc_is_finished_by_the_same_command(
    make_project: MakeProject, emulator: str, moment: Moment
) -> None:
    """It is killed around the deletion of a file that was named."""
    with killing_proxy(emulator) as killer:
        project = behind(make_project, killer, V2)
        project.apply()
        used, lost = project.id("file.numbers"), upload(project)
        killer.aim(None, moment)
        project.run("gc")
        reads = len(killer.requests)
        assert run_and_kill(project, killer, reads, moment, "gc", "--auto-approve", lost)
        assert killer.requests[-1].startswith("DELETE")
        killer.aim(None, moment)
        done = project.run("gc", "--auto-approve", lost)

        assert done.code == 0, done.err
        assert ids(project) == {used}
        project.apply()
        assert_whole(project)
