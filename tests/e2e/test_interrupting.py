"""Ctrl-C, SIGTERM and --timeout, with real signals for real processes."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest
from emulator_process import start_emulator
from killing_proxy import killing_proxy
from processes import assert_one_each, bots, journal, on_terminal, rest_of, started
from projects import KEY, PROJECT, V2, Project, Service

MakeProject = Callable[..., Project]
COUNT = 9
APPLY = ("apply", "--auto-approve", "--parallelism", "2")


@pytest.fixture
def project(make_project: MakeProject, slow: str) -> Project:
    """Make a project whose service takes its time."""
    made = make_project()
    text = PROJECT.format(name="demo", uid="u1", url=slow, api_version=V2)
    made.write("provisioner.yaml", text)
    made.write("all.yaml", bots(COUNT))
    return Project(made.folder, Service(slow, V2))


@pytest.fixture
def slow() -> Iterator[str]:
    """Run an emulator that takes its time for each answer."""
    with start_emulator("--api-key", KEY, "--latency", "400") as url:
        yield url


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_one_signal_finishes_what_is_under_way(project: Project, number: signal.Signals) -> None:
    """Nothing new is started, what was done is recorded, the rest is told; then it goes on."""
    with started(project, *APPLY) as run:
        run.wait_for("Creating...")
        run.process.send_signal(number)
        code, out, err = run.end()

    assert code == 1
    assert "Interrupt received. Finishing what is under way" in err
    assert "Traceback" not in err
    assert "Apply incomplete." in out
    assert "  Not started: assistant.bot-" in out
    assert f"  provisioner -C {project.folder} {' '.join(APPLY)}\n" in out
    done = len(project.service.assistants())
    assert 1 <= done < COUNT
    assert len(project.state["resources"]) == done
    assert not journal(project).exists()
    project.apply()
    assert_one_each(project, COUNT)


def test_a_second_signal_ends_at_once(project: Project) -> None:
    """Nobody waits for what is under way; the next run finds out what became of it."""
    with started(project, *APPLY) as run:
        run.wait_for("Creating...")
        run.process.send_signal(signal.SIGINT)
        run.wait_for("Interrupt received.")
        run.process.send_signal(signal.SIGINT)
        code, out, err = run.end()

    assert code == 1
    assert "Traceback" not in err
    assert err.endswith("Stopped. The next run finds out what became of what was under way.\n")
    assert "Apply incomplete" not in out
    assert journal(project).exists()
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


def test_an_interrupt_shows_above_the_live_view(project: Project) -> None:
    """The terminal is left as it was, with the cursor shown."""
    with on_terminal(project, *APPLY) as child:
        child.expect("2 under way")
        child.sendintr()
        child.expect("Interrupt received")
        code, said = rest_of(child)
    assert code == 1
    assert "Apply incomplete." in said
    assert said.rindex("\x1b[?25h") > said.rfind("\x1b[?25l")
    project.apply()
    assert_one_each(project, COUNT)


def test_after_the_timeout_nothing_new_is_started(project: Project) -> None:
    """What is under way is finished, the rest is told, and the same command goes on."""
    with started(project, *APPLY, "--timeout", "0.5") as run:
        code, out, err = run.end()

    assert code == 1
    assert "Time is up (--timeout)." in err
    assert "  Not started: assistant.bot-" in out
    assert f"  provisioner -C {project.folder} {' '.join(APPLY)} --timeout 0.5\n" in out
    done = len(project.service.assistants())
    assert 1 <= done < COUNT
    assert len(project.state["resources"]) == done
    project.apply()
    assert_one_each(project, COUNT)


def test_a_timeout_that_is_long_enough_says_nothing(project: Project) -> None:
    """Nobody waits for it, either."""
    done = project.apply("--timeout", "3600")
    assert "Time is up" not in done.err
    assert f"{COUNT} added" in done.out


def test_destroy_has_a_timeout_too(project: Project) -> None:
    """What is left is still recorded, and deleted by the next run."""
    project.apply()
    with started(project, "destroy", *APPLY[1:], "--timeout", "0.5") as run:
        code, out, _ = run.end()
    assert code == 1
    assert "Destroy incomplete." in out
    left = len(project.service.assistants())
    assert 0 < left < COUNT
    assert len(project.state["resources"]) == left
    assert project.run("destroy", "--auto-approve").code == 0
    assert project.service.assistants() == []
