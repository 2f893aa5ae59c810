"""Vector stores from end to end: what comes in, what goes out, and what goes wrong meanwhile."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from emulator_process import start_emulator
from killing_proxy import Killer, Moment, killing_proxy
from projects import KEY, LATE, PROJECT, V2, Project, Service
from test_kill import run_and_kill

from provisioner.emulator.embedded import running
from provisioner.emulator.settings import EmulatorSettings

MakeProject = Callable[..., Project]

STORE = """\
apiVersion: provisioner/v1
kind: VectorStore
metadata: {name: handbook}
spec: {files: [{path: a.md}, {path: b.md}]}
---
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: clerk}
spec:
  model: chat
  tools: [{type: file_search, vector_store: handbook}]
"""
DAY = 86_400


def begin(project: Project, manifest: str = STORE) -> Project:
    """Write a store of two files and an assistant that searches it."""
    project.write("all.yaml", manifest)
    project.write("a.md", "One.\n")
    project.write("b.md", "Two.\n")
    return project


def contents(project: Project, id_: str | None = None) -> dict[str, str]:
    """Give the names of the files that a store holds, each with its status."""
    store = id_ or project.id("vectorstore.handbook")
    held = project.service.call("GET", f"/vector_stores/{store}/files?limit=100")["data"]
    names = {each["id"]: each["filename"] for each in project.service.files()}
    return {names[each["id"]]: each["status"] for each in held}


def stores(project: Project) -> list[dict[str, Any]]:
    """List all stores."""
    found: list[dict[str, Any]] = project.service.call("GET", "/vector_stores?limit=100")["data"]
    return found


def searched(project: Project, address: str = "assistant.clerk") -> list[str]:
    """Give the stores that a live assistant searches."""
    live = project.service.call("GET", f"/assistants/{project.id(address)}")
    return list(live["tool_resources"]["file_search"]["vector_store_ids"])


versions = pytest.mark.parametrize("api_version", [V2, LATE])


@versions
def test_a_store_is_indexed_when_apply_ends(make_project: MakeProject, api_version: str) -> None:
    """Its files can be searched, the assistant has its id, and the plan is empty."""
    project = begin(make_project(api_version))
    done = project.apply()

    assert "vectorstore.handbook: Creation complete" in done.err
    assert contents(project) == {"a.md": "completed", "b.md": "completed"}
    assert searched(project) == [project.id("vectorstore.handbook")]
    assert project.plan().code == 0
    assert project.run("drift").code == 0


@versions
def test_files_come_and_go_and_the_store_stays(make_project: MakeProject, api_version: str) -> None:
    """One in, one out, one with new bytes: an update, and the assistant isn't touched."""
    project = begin(make_project(api_version))
    project.apply()
    store = project.id("vectorstore.handbook")
    project.edit("all.yaml", "{path: a.md}", "{path: c.md}")
    project.write("b.md", "Two, and more.\n")
    project.write("c.md", "Three.\n")

    assert project.changes() == {
        "file.a-md": ["delete"],
        "file.b-md": ["create", "delete"],
        "file.c-md": ["create"],
        "vectorstore.handbook": ["update"],
    }
    project.apply()

    assert project.id("vectorstore.handbook") == store
    assert contents(project) == {"b.md": "completed", "c.md": "completed"}
    assert {each["bytes"] for each in project.service.files()} == {7, 15}
    assert project.plan().code == 0


@versions
@pytest.mark.parametrize(
    "spec",
    [
        "{name: Other, files: [{path: a.md}, {path: b.md}]}",
        "{files: [{path: a.md}, {path: b.md}], metadata: {team: x}}",
        "{files: [{path: a.md}, {path: b.md}], expires_after: {anchor: last_active_at, days: 3}}",
        "{}",
    ],
)
def test_an_edit_there_and_back_is_an_update_each(
    make_project: MakeProject, api_version: str, spec: str
) -> None:
    """What is left out again is cleared at the service."""
    project = begin(make_project(api_version))
    project.apply()
    store, before = project.id("vectorstore.handbook"), "{files: [{path: a.md}, {path: b.md}]}"
    for old, new in ((before, spec), (spec, before)):
        project.edit("all.yaml", f"spec: {old}", f"spec: {new}")
        assert project.changes()["vectorstore.handbook"] == ["update"]
        project.apply()
        assert project.plan().code == 0
    assert project.id("vectorstore.handbook") == store


def test_another_chunking_is_another_store(make_project: MakeProject) -> None:
    """It is indexed before the assistant is pointed to it, and then the old one goes."""
    project = begin(make_project(LATE))
    project.apply()
    old = project.id("vectorstore.handbook")
    static = "{max_chunk_size_tokens: 400, chunk_overlap_tokens: 100}"
    project.edit(
        "all.yaml",
        "spec: {files",
        f"spec: {{chunking_strategy: {{type: static, static: {static}}}, files",
    )

    assert project.changes()["vectorstore.handbook"] == ["create", "delete"]
    project.apply()

    new = project.id("vectorstore.handbook")
    assert [each["id"] for each in stores(project)] == [new] != [old]
    assert searched(project) == [new]
    assert project.plan().code == 0


def test_a_destroy_leaves_nothing(make_project: MakeProject) -> None:
    """Assistant, store and files, in this order."""
    project = begin(make_project())
    project.apply()

    assert project.run("destroy", "--auto-approve").code == 0
    assert project.service.assistants() == stores(project) == project.service.files() == []


def test_a_file_that_cannot_be_indexed_fails_the_store_and_no_more(
    make_project: MakeProject,
) -> None:
    """The store is recorded, its assistant waits; corrected, the file comes into the same store."""
    project = begin(make_project())
    (project.folder / "b.md").write_bytes("Grüße\n".encode("latin-1"))
    failed = project.run("apply", "--auto-approve")
    store = project.id("vectorstore.handbook")

    assert failed.code == 1
    assert "R010" in failed.err
    told = " ".join(failed.err.split())
    assert re.search(r"file\.b-md \(assistant-\w+\) is not in vectorstore\.handbook", told)
    assert "parsing_error: The file could not be parsed" in told
    assert "assistant.clerk: Skipped, because vectorstore.handbook failed" in failed.err
    assert contents(project) == {"a.md": "completed", "b.md": "failed"}
    assert project.run("drift").code == 0
    assert project.changes() == {
        "assistant.clerk": ["create"],
        "vectorstore.handbook": ["update"],
    }

    assert project.run("apply", "--auto-approve").code == 1
    project.write("b.md", "Grüße\n")
    project.apply()

    assert [each["id"] for each in stores(project)] == [store]
    assert contents(project) == {"a.md": "completed", "b.md": "completed"}
    assert len(project.service.files()) == 2
    assert project.plan().code == 0


def test_an_old_edition_stays_until_the_new_one_is_indexed(make_project: MakeProject) -> None:
    """A new edition that fails takes nothing away from those who search."""
    project = begin(make_project())
    project.apply()
    (project.folder / "b.md").write_bytes("Grüße an alle\n".encode("latin-1"))

    assert project.run("apply", "--auto-approve").code == 1
    held = project.service.call("GET", f"/vector_stores/{project.id('vectorstore.handbook')}/files")
    assert sorted(each["status"] for each in held["data"]) == ["completed", "completed", "failed"]

    project.write("b.md", "Grüße an alle\n")
    project.apply()
    assert contents(project) == {"a.md": "completed", "b.md": "completed"}
    assert len(project.service.files()) == 2
    assert project.plan().code == 0


def test_a_failure_of_the_service_is_cured_by_applying_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What failed through no fault of the file is taken out, and put in anew."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    data = str(tmp_path / "data")
    with start_emulator("--data", data, "--fail-indexing", "b*") as url:
        project = begin(at(tmp_path / "project", url))
        assert "internal_error" in project.run("apply", "--auto-approve").err
    port = url.rpartition(":")[2]
    with start_emulator("--data", data, "--port", port):
        project.apply()
        assert contents(project) == {"a.md": "completed", "b.md": "completed"}
        assert project.plan().code == 0


def at(folder: Path, url: str, api_version: str = V2) -> Project:
    """Make a project at an emulator."""
    project = Project(folder, Service(url, api_version))
    text = PROJECT.format(name="demo", uid="u1", url=url, api_version=api_version)
    project.write("provisioner.yaml", text)
    return project


@dataclass
class Clock:
    """A clock that only the test moves."""

    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


def test_an_expired_store_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new one has its files, and the assistant is pointed to it."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    clock = Clock()
    with running(EmulatorSettings(indexing_seconds=0, clock=clock)) as url:
        manifest = STORE.replace(
            "spec: {files", "spec: {expires_after: {anchor: last_active_at, days: 1}, files"
        )
        project = begin(at(tmp_path, url), manifest)
        project.apply()
        old = project.id("vectorstore.handbook")
        clock.now += 2 * DAY

        shown = project.plan()
        assert "# vectorstore.handbook must be replaced\n  # (it has expired)" in shown.out
        project.apply()

        new = project.id("vectorstore.handbook")
        assert [each["id"] for each in stores(project)] == [new] != [old]
        assert searched(project) == [new]
        assert contents(project) == {"a.md": "completed", "b.md": "completed"}
        assert project.plan().code == 0


def test_a_file_in_somebody_elses_store_stays(make_project: MakeProject) -> None:
    """Deleting or replacing it would pull it out there: the plan says so, and keeps the old one."""
    project = begin(make_project())
    project.apply()
    kept, replaced = project.id("file.a-md"), project.id("file.b-md")
    foreign = project.service.call("POST", "/vector_stores", {"file_ids": [kept, replaced]})["id"]
    project.edit("all.yaml", "{path: a.md}, ", "")
    project.write("b.md", "Two, and more.\n")

    planned = project.plan()
    assert planned.err.count("P102") == 2
    assert foreign in planned.err
    project.apply()
    held = project.service.call("GET", f"/vector_stores/{foreign}/files")["data"]
    assert {each["id"] for each in held} == {kept, replaced}
    assert contents(project) == {"b.md": "completed"}

    project.service.call("DELETE", f"/vector_stores/{foreign}")
    project.apply()
    assert [each["id"] for each in project.service.files()] == [project.id("file.b-md")]
    assert project.plan().code == 0


def test_a_store_that_a_strangers_assistant_searches_stays(make_project: MakeProject) -> None:
    """And so do its files."""
    project = begin(make_project())
    project.apply()
    store = project.id("vectorstore.handbook")
    body = {
        "model": "gpt-4o",
        "tools": [{"type": "file_search"}],
        "tool_resources": {"file_search": {"vector_store_ids": [store]}},
    }
    stranger = project.service.call("POST", "/assistants", body)["id"]

    done = project.run("destroy", "--auto-approve")
    assert done.code == 0
    assert done.err.count("P102") == 3
    assert contents(project, store) == {"a.md": "completed", "b.md": "completed"}

    project.service.call("DELETE", f"/assistants/{stranger}")
    assert project.run("destroy", "--auto-approve").code == 0
    assert stores(project) == project.service.files() == []


@pytest.fixture
def killer(emulator: str) -> Iterator[Killer]:
    """Put the proxy before this test's emulator."""
    with killing_proxy(emulator) as killer:
        yield killer


def behind(make_project: MakeProject, killer: Killer) -> Project:
    """Make the project behind the proxy."""
    project = begin(make_project(V2))
    text = PROJECT.format(name="demo", uid="u1", url=killer.url, api_version=V2)
    project.write("provisioner.yaml", text)
    return replace(project, service=Service(killer.target, V2))


def assert_whole(project: Project) -> None:
    """One object per address, nothing left over, and nothing more to do."""
    assert len(project.service.assistants()) == len(stores(project)) == 1
    assert contents(project) == {"a.md": "completed", "b.md": "completed"}
    assert len(project.service.files()) == 2
    assert searched(project) == [project.id("vectorstore.handbook")]
    again = project.plan()
    assert again.code == 0, again.out
    assert "warning" not in again.err


REQUESTS = 10
"""Three lists, two uploads, the store, three looks at it, the assistant."""


def around(requests: range) -> pytest.MarkDecorator:
    """Kill around each of these requests; always at every second one, when it was handled."""
    always = {(at, "after") for at in requests[::2]}
    every = [(at, moment) for at in requests for moment in ("before", "after")]
    rare = pytest.mark.thorough
    cases = [pytest.param(*each, marks=() if each in always else rare) for each in every]
    return pytest.mark.parametrize(("at", "moment"), cases)


@around(range(REQUESTS))
def test_a_killed_create_is_finished_with_one_store(
    make_project: MakeProject, killer: Killer, at: int, moment: Moment
) -> None:
    """Apply is killed around one request, also while files are indexed; the next finishes it."""
    project = behind(make_project, killer)
    run_and_kill(project, killer, at, moment, "apply", "--auto-approve")
    killer.aim(None, moment)
    project.apply()

    assert_whole(project)


@around(range(3, 12))
def test_a_killed_update_is_finished(
    make_project: MakeProject, killer: Killer, at: int, moment: Moment
) -> None:
    """A new edition of a file is on its way into the store when apply is killed."""
    project = behind(make_project, killer)
    project.apply()
    store = project.id("vectorstore.handbook")
    project.write("b.md", "Two, and more.\n")
    run_and_kill(project, killer, at, moment, "apply", "--auto-approve")
    killer.aim(None, moment)
    project.apply()

    assert_whole(project)
    assert project.id("vectorstore.handbook") == store


@around(range(9))
def test_a_killed_destroy_leaves_nothing(
    make_project: MakeProject, killer: Killer, at: int, moment: Moment
) -> None:
    """Destroy is killed around one request; the next one finishes it."""
    project = behind(make_project, killer)
    project.apply()
    run_and_kill(project, killer, at, moment, "destroy", "--auto-approve")
    killer.aim(None, moment)

    assert project.run("destroy", "--auto-approve").code == 0
    assert project.service.assistants() == stores(project) == project.service.files() == []


LISTENING = """
import signal
from provisioner.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""
"""The command, which hears an interrupt even where these tests run in the background of a shell."""


def test_nobody_waits_for_indexing_after_an_interrupt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command ends soon, the store is recorded, and the next plan goes on with it."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)
    with (
        start_emulator("--indexing-seconds", "600") as url,
        killing_proxy(url) as killer,
    ):
        project = begin(at(tmp_path, killer.url))
        with subprocess.Popen(
            [sys.executable, "-c", LISTENING, "-C", str(project.folder), "apply", "--auto-approve"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert killer.seen(lambda line: line.startswith("GET /openai/vector_stores/vs_"))
            process.send_signal(signal.SIGINT)
            _, err = process.communicate(timeout=60)

        assert "Interrupt received." in err
        assert process.returncode == 1
        assert project.changes() == {
            "assistant.clerk": ["create"],
            "vectorstore.handbook": ["update"],
        }
        assert [each["id"] for each in stores(project)] == [project.id("vectorstore.handbook")]


def requests(killer: Killer) -> list[str]:
    """Give the requests without ids."""
    return [re.sub(r"(vs|asst|assistant)[_-]\w+", "ID", each) for each in sorted(killer.requests)]


def test_a_plan_asks_a_store_of_ours_once_and_others_not_at_all(
    make_project: MakeProject, killer: Killer
) -> None:
    """Four requests where nothing is deleted, whatever else the resource holds."""
    project = behind(make_project, killer)
    project.apply()
    for _ in range(3):
        project.service.call("POST", "/vector_stores", {})
    killer.aim(None, "before")

    assert project.plan().code == 0
    assert requests(killer) == [
        "GET /openai/assistants",
        "GET /openai/files",
        "GET /openai/vector_stores",
        "GET /openai/vector_stores/ID/files",
    ]


def test_an_apply_of_a_new_edition_takes_few_requests(
    make_project: MakeProject, killer: Killer
) -> None:
    """One batch, one detachment; polls are counted once."""
    project = behind(make_project, killer)
    project.apply()
    project.write("b.md", "Two, and more.\n")
    killer.aim(None, "before")
    project.apply()

    assert [each for each in requests(killer) if not each.startswith("GET")] == [
        "DELETE /openai/files/ID",
        "DELETE /openai/vector_stores/ID/files/ID",
        "POST /openai/files",
        "POST /openai/vector_stores/ID",
        "POST /openai/vector_stores/ID/file_batches",
    ]
