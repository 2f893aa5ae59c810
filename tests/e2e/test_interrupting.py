"""Ctrl-C, SIGTERM and --timeout, with real signals for real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from busy_proxy import busy_proxy
from gate import Gate, gate_before
from killing_proxy import killing_proxy
from processes import assert_one_each, journal, on_terminal, rest_of, started, write_bots
from projects import PROJECT, ROOT, V2, Project

MakeProject = Callable[..., Project]
COUNT = 5
SHOW_CURSOR, HIDE_CURSOR = "\x1b[?25h", "\x1b[?25l"
APPLY = ("apply", "--auto-approve", "--parallelism", "2")


@pytest.fixture
def gate(emulator: str) -> Iterator[Gate]:
    """Hold the writes back that come to this test's emulator."""
    with gate_before(emulator) as gate:
        yield gate


@pytest.fixture
def project(make_project: MakeProject, gate: Gate) -> Project:
    """Make a project whose writes are held back."""
    return write_bots(make_project(), COUNT, gate.url)


def both_under_way(now: Gate) -> bool:
    """Say whether as many creates are under way as may be."""
    return now.held == 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_finishes_what_is_under_way(
    project: Project, gate: Gate, number: signal.Signals
) -> None:
    """Nothing new is started, what was done is recorded, the rest is told; then it goes on."""
    with started(project, *APPLY) as run:
        gate.wait_for(both_under_way)
        run.process.send_signal(number)
        run.wait_for("Interrupt received. Finishing what is under way")
        gate.open()
        code, out, err = run.end()

    assert code == 1
    assert "Traceback" not in err
    assert "Apply incomplete. Resources: 2 added, 0 changed, 0 destroyed; 0 failed" in out
    assert "  Not started: assistant.bot-2, assistant.bot-3, assistant.bot-4\n" in out
    assert f"  provisioner -C {project.folder} {' '.join(APPLY)}\n" in out
    assert sorted(project.state["resources"]) == ["assistant.bot-0", "assistant.bot-1"]
    assert not journal(project).exists()
    project.apply()
    assert_one_each(project, COUNT)


def test_a_second_signal_ends_at_once(project: Project, gate: Gate) -> None:
    """Nobody waits for what is under way; the next run finds out what became of it."""
    with started(project, *APPLY) as run:
        gate.wait_for(both_under_way)
        run.process.send_signal(signal.SIGINT)
        run.wait_for("Interrupt received.")
        run.process.send_signal(signal.SIGINT)
        code, out, err = run.end()

    assert (code, gate.passed) == (1, 0)
    assert "Traceback" not in err
    assert err.endswith("Stopped. The next run finds out what became of what was under way.\n")
    assert "Apply incomplete" not in out
    assert journal(project).exists()
    gate.open()
    gate.wait_for(lambda now: now.passed == 2)
    project.apply()
    assert_one_each(project, COUNT)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_in_the_midst_of_planning_changes_nothing(
    project: Project, number: signal.Signals
) -> None:
    """The first request has been sent, and its answer is still to come."""
    with killing_proxy(project.service.url) as proxy:
        text = PROJECT.format(name="demo", uid="u1", url=proxy.url, api_version=V2)
        project.write("provisioner.yaml", text)
        with started(project, *APPLY) as run:
            assert proxy.seen(lambda line: line.startswith("GET"))
            run.process.send_signal(number)
            code, out, err = run.end()

    assert (code, out) == (1, "")
    assert err.strip().startswith("Interrupted.")
    assert "Traceback" not in err
    assert project.service.assistants() == []


def test_an_interrupt_at_the_prompt_changes_nothing(project: Project) -> None:
    """Ctrl-C is no approval."""
    with on_terminal(project, "apply") as child:
        child.expect("Enter a value:")
        child.sendintr()
        code, said = rest_of(child)
    assert code == 1
    assert "Interrupted." in said
    assert "Traceback" not in said
    assert project.service.assistants() == []


def test_an_interrupt_shows_above_the_live_view(project: Project, gate: Gate) -> None:
    """The terminal is left as it was, with the cursor shown."""
    with on_terminal(project, *APPLY) as child:
        child.expect("2 under way")
        child.sendintr()
        child.expect("Interrupt received")
        gate.open()
        code, said = rest_of(child)
    assert code == 1
    assert "Apply incomplete." in said
    assert said.rindex(SHOW_CURSOR) > said.rfind(HIDE_CURSOR)
    project.apply()
    assert_one_each(project, COUNT)


def test_a_second_interrupt_gives_the_cursor_back(project: Project, gate: Gate) -> None:
    """Even an end at once leaves a terminal that can be used."""
    with on_terminal(project, *APPLY) as child:
        child.expect("2 under way")
        child.sendintr()
        child.expect("Interrupt received")
        child.sendintr()
        code, said = rest_of(child)
    assert (code, gate.passed) == (1, 0)
    assert said.rindex(SHOW_CURSOR) > said.rfind(HIDE_CURSOR)


def test_after_the_timeout_nothing_new_is_started(project: Project, gate: Gate) -> None:
    """What is under way is finished, the rest is told, and the same command goes on."""
    with started(project, *APPLY, "--timeout", "0.5") as run:
        run.wait_for("Time is up (--timeout).")
        gate.open()
        code, out, err = run.end()

    assert code == 1
    assert "Traceback" not in err
    assert "  Not started: assistant.bot-" in out
    assert f"  provisioner -C {project.folder} {' '.join(APPLY)} --timeout 0.5\n" in out
    done = len(project.service.assistants())
    assert done <= 2
    project.apply()
    assert_one_each(project, COUNT)


def test_a_timeout_that_is_long_enough_says_nothing(project: Project, gate: Gate) -> None:
    """Nobody waits for it, either."""
    gate.open()
    done = project.apply("--timeout", "3600")
    assert "Time is up" not in done.err
    assert f"{COUNT} added" in done.out


def test_destroy_has_a_timeout_too(project: Project, gate: Gate) -> None:
    """What is left is still recorded, and deleted by the next run."""
    gate.open()
    project.apply()
    gate.open(wide=False)
    with started(project, "destroy", *APPLY[1:], "--timeout", "0.5") as run:
        run.wait_for("Time is up (--timeout).")
        gate.open()
        code, out, _ = run.end()

    left = len(project.service.assistants())
    assert code == 1
    assert "Destroy incomplete." in out
    assert COUNT - 2 <= left <= COUNT
    assert len(project.state["resources"]) == left
    assert project.run("destroy", "--auto-approve").code == 0
    assert project.service.assistants() == []


def test_nobody_waits_for_a_refused_request_when_the_run_ends(
    make_project: MakeProject, emulator: str
) -> None:
    """It was not carried out, so it is told as failed, and nothing has to be found out."""
    with busy_proxy(emulator, 1, [({"Retry-After": "100"}, "")], "POST") as busy:
        project = write_bots(make_project(), COUNT, busy.url)
        with started(project, *APPLY) as run:
            run.wait_for("The service asks to slow down (HTTP 429): waiting 100")
            run.process.send_signal(signal.SIGINT)
            code, out, err = run.end()

    assert code == 1
    assert "Waiting was ended [R012]" in err
    assert "Not started: assistant.bot-" in out
    assert not journal(project).exists()
    assert project.service.assistants() == []


EARLY = """\
import os, signal, sys

# As it is at a prompt; whoever starts tests in the background has it ignored.
signal.signal(signal.SIGINT, signal.default_int_handler)

class Interrupting:
    def find_spec(self, name, *_):
        if name == "click":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
from provisioner.__main__ import main
main()
"""


def test_a_signal_before_anything_has_begun_leaves_no_traceback() -> None:
    """Python is still importing then."""
    ended = subprocess.run(
        [sys.executable, "-c", EARLY],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )

    assert ended.returncode == 1
    assert ended.stderr == "\nInterrupted. Nothing was begun.\n"
