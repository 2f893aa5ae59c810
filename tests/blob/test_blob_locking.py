"""The lease in Azure Blob Storage: one run at a time, and no way back for one that has lost it."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from azure.storage.blob import BlobLeaseClient
from blob_projects import BlobProject, Container, copy_of
from gate import Gate, gate_before
from processes import Run, started

from provisioner.state import blob_lease
from provisioner.state.blob_requests import Blobs

MakeProject = Callable[..., BlobProject]

LOCK = "demo/test/lock"


@contextmanager
def held_back(project: BlobProject) -> Iterator[tuple[Gate, Run]]:
    """Run an apply that has written down its first intent, and waits for the service."""
    with gate_before(project.service.url) as gate:
        project.edit("provisioner.yaml", project.service.url, gate.url)
        with started(project, "apply", "--auto-approve") as run:
            gate.wait_for(lambda each: each.held > 0)
            yield gate, run


def other_machine(project: BlobProject, make_project: MakeProject) -> BlobProject:
    """Check the project out once more; it reaches the same service at the same address."""
    return copy_of(project, make_project("two"))


def test_a_second_run_is_refused_and_told_who_holds_the_lock(
    project: BlobProject, make_project: MakeProject
) -> None:
    """User, machine, process and command, as the lock's blob has them."""
    with held_back(project) as (gate, run):
        other = other_machine(project, make_project)
        refused = other.run("apply", "--auto-approve")
        assert refused.code == 1
        assert "[S007]" in refused.err
        assert f"(process {run.process.pid}), for apply, since" in " ".join(refused.err.split())
        held = other.run("state", "unlock")
        assert held.code == 1
        assert "[S007]" in held.err
        gate.open()
        assert run.end()[0] == 0
        assert other.plan().code == 0


def test_a_second_run_waits_when_it_is_told_to(
    project: BlobProject, make_project: MakeProject
) -> None:
    """It says for whom, and goes on when that one has ended."""
    with held_back(project) as (gate, first):
        other = other_machine(project, make_project)
        with started(other, "apply", "--auto-approve", "--lock-timeout", "60") as second:
            second.wait_for("Waiting up to 60 s for the lock")
            gate.open()
            assert first.end()[0] == 0
            code, out, _ = second.end()
    assert code == 0
    assert "No changes" in out


def test_a_run_that_was_killed_is_settled_by_the_next_one(
    project: BlobProject, make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its journal is in the container: another machine knows what it was about to do."""
    monkeypatch.setattr(blob_lease, "REQUEST_SECONDS", 0.0)
    with held_back(project) as (gate, run):
        os.kill(run.process.pid, signal.SIGKILL)
        run.process.wait()
        other = other_machine(project, make_project)
        freed = other.run("state", "unlock", "--force")
        assert freed.out.startswith("Unlocked: the lock was taken from apply by ")
        gate.open()
        gate.wait_for(lambda each: each.passed > 0)
        other.apply()
        (bot,), (file,) = project.service.assistants(), project.service.files()
        recorded = other.state["resources"].values()
        assert {each["id"] for each in recorded} == {bot["id"], file["id"]}
        assert other.plan().code == 0
    assert not [each for each in other.container.names() if "journal" in each]


def test_a_run_that_has_lost_its_lock_can_write_nothing_more(
    project: BlobProject, make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is stopped before its next call: whoever went on has claimed what it would write."""
    monkeypatch.setattr(blob_lease, "REQUEST_SECONDS", 0.0)
    with held_back(project) as (gate, run), ThreadPoolExecutor() as pool:
        other = other_machine(project, make_project)
        other.edit("bot.yaml", "instructions: Count.", "instructions: Count on.")
        other.run("state", "unlock", "--force")
        second = pool.submit(other.run, "apply", "--auto-approve")
        # What the first one sent is still held back; the second one has looked, and sends anew.
        gate.wait_for(lambda each: each.held > 1)
        gate.open()
        code, _, err = run.end()
        assert second.result().code == 0, second.result().err
    assert code == 1
    assert "[S024]" in err
    assert other.state["resources"]["assistant.bot"]["attributes"]["instructions"] == "Count on."
    assert [each["instructions"] for each in project.service.assistants()] == ["Count on."]


def test_requests_of_a_holder_that_lost_the_lock_are_waited_for(
    project: BlobProject, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As long as one may be under way; of what was answered nothing is left."""
    waited: list[float] = []
    project.apply()
    lock = container.client.get_blob_client(LOCK)
    lock.upload_blob(b'{"operation": "apply"}', overwrite=True)
    lines = [
        {"intent": "answered", "sent_at": time.time()},
        {"intent": "lost", "sent_at": time.time() - 20},
        {"done": "answered"},
    ]
    blobs = Blobs(container.client, "demo/test")
    journal = b"".join(json.dumps(each).encode() + b"\n" for each in lines)
    monkeypatch.setattr(blob_lease.time, "sleep", waited.append)
    with blob_lease.leased(blobs, lambda: journal, "apply", 0, lambda _by, _seconds: None):
        pass
    (seconds,) = waited
    assert 35 < seconds < 41


def test_a_state_that_somebody_else_wrote_meanwhile_is_not_overwritten(
    project: BlobProject,
) -> None:
    """Another program, or a copy pushed past the lock: the journal keeps what was done."""
    project.apply()
    project.edit("bot.yaml", "Count.", "Count on.")
    with held_back_at(project) as (gate, run):
        changed = {**project.state, "serial": 7}
        project.container.write("demo/test/state.json", json.dumps(changed).encode())
        gate.open()
        code, _, err = run.end()
    assert code == 1
    assert "[S024]" in err
    assert project.state == changed
    assert [each for each in project.container.names() if "journal" in each]


@contextmanager
def held_back_at(project: BlobProject) -> Iterator[tuple[Gate, Run]]:
    """Run a second apply, whose state belongs to the service's own address, through a gate."""
    with gate_before(project.service.url) as gate:
        project.edit("provisioner.yaml", project.service.url, gate.url)
        assert project.run("state", "retarget").code == 0
        with started(project, "apply", "--auto-approve") as run:
            gate.wait_for(lambda each: each.held > 0)
            yield gate, run


def test_a_lease_that_its_holder_never_gave_up_is_named(
    project: BlobProject, container: Container
) -> None:
    """Until somebody takes it; nothing has to be cleared by hand."""
    project.apply()
    lease = BlobLeaseClient(container.client.get_blob_client(LOCK))
    lease.acquire(15)
    note = {"operation": "apply", "user": "ann", "host": "build-7", "pid": 1, "since": "today"}
    container.client.get_blob_client(LOCK).upload_blob(
        json.dumps(note), overwrite=True, lease=lease
    )
    refused = " ".join(project.run("destroy", "--auto-approve").err.split())
    assert "by ann@build-7 (process 1), for apply" in refused
    assert "`provisioner state unlock --force` ends it at once" in refused
    lease.release()
    assert project.run("state", "unlock").out == (
        "Unlocked: apply by ann@build-7 (process 1), begun today has ended without letting go.\n"
    )
    assert project.run("state", "unlock").out == "Nothing is locked.\n"
