"""Two runs that want the same environment, as real processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from gate import Gate, gate_before
from processes import Run, assert_one_each, bots, on_terminal, rest_of, started, write_bots
from projects import Project

MakeProject = Callable[..., Project]
APPLY = ("apply", "--auto-approve", "--parallelism", "2")
COUNT = 6


@pytest.fixture
def gate(emulator: str) -> Iterator[Gate]:
    """Hold the writes back that come to this test's emulator."""
    with gate_before(emulator) as gate:
        yield gate


@pytest.fixture
def project(make_project: MakeProject, gate: Gate) -> Project:
    """Make a project whose writes are held back."""
    return write_bots(make_project(), COUNT, gate.url)


def opened_for(run: Run, gate: Gate) -> None:
    """Let the other run end as soon as this one waits for it."""
    run.wait_for("Waiting up to 60 s for the lock")
    gate.open()


def test_of_two_runs_one_waits_and_says_for_whom(project: Project, gate: Gate) -> None:
    """The second goes on when the first is done, and finds nothing left to do."""
    with started(project, *APPLY) as first:
        gate.wait_for(lambda now: now.held == 2)
        with started(project, *APPLY, "--lock-timeout", "60") as second:
            second.wait_for(f"(process {first.process.pid}), for apply, since ")
            opened_for(second, gate)
            assert first.end()[0] == 0
            code, out, _ = second.end()

    assert code == 0
    assert "No changes." in out
    assert_one_each(project, COUNT)


def test_who_does_not_wait_learns_who_holds_the_lock(project: Project, gate: Gate) -> None:
    """The address of the pipeline's run is told, too."""
    pipeline = {
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY": "contoso/assistants",
        "GITHUB_RUN_ID": "4711",
    }
    with started(project, *APPLY, **pipeline) as first:
        gate.wait_for(lambda now: now.held == 2)
        refused = project.run("apply", "--auto-approve")
        gate.open()
        assert first.end()[0] == 0

    assert refused.code == 1
    assert "[S007]" in refused.err
    assert f"(process {first.process.pid}), for apply" in refused.err
    assert "https://github.com/contoso/assistants/actions/runs/4711" in refused.err
    assert_one_each(project, COUNT)


def test_an_import_waits_for_the_lock_too(project: Project, gate: Gate) -> None:
    """What is live is taken over after the other run."""
    found = project.service.call("POST", "/assistants", {"model": "gpt-4o", "name": "bot-9"})
    project.write("more.yaml", bots(10).split("---\n")[9])
    with started(project, *APPLY, "--target", "assistant.bot-0") as first:
        gate.wait_for(lambda now: now.held == 1)
        wanted = ("import", "assistant.bot-9", found["id"], "--lock-timeout", "60")
        with started(project, *wanted) as second:
            opened_for(second, gate)
            assert first.end()[0] == 0
            code, _, err = second.end()
    assert code == 0, err
    assert project.id("assistant.bot-9") == found["id"]


def test_an_export_that_takes_over_waits_for_the_lock_too(project: Project, gate: Gate) -> None:
    """It may take long, like an apply."""
    project.service.call("POST", "/assistants", {"model": "gpt-4o", "name": "Portal"})
    with started(project, *APPLY) as first:
        gate.wait_for(lambda now: now.held == 2)
        with started(project, "export", "--all", "--import", "--lock-timeout", "60") as second:
            opened_for(second, gate)
            assert first.end()[0] == 0
            code, _, err = second.end()
    assert code == 0, err
    assert "assistant.portal" in project.state["resources"]


def test_the_lock_is_free_while_a_person_thinks(project: Project, gate: Gate) -> None:
    """Another run goes through meanwhile; what was shown is then refused as stale."""
    gate.open()
    with on_terminal(project, "apply") as child:
        child.expect("Enter a value:")
        project.apply()
        child.sendline("yes")
        code, said = rest_of(child)
    assert code == 1
    assert "Plan is stale [P007]" in said
    assert_one_each(project, COUNT)
