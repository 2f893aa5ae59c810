"""The live view, on a real terminal; and the lines in its place where there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from busy_proxy import busy_proxy
from emulator_process import start_emulator
from processes import on_terminal, rest_of, started, write_bots
from projects import KEY, V2, Project, Service

MakeProject = Callable[..., Project]
APPLY = ("apply", "--auto-approve", "--parallelism", "2")
COLOR = re.compile(r"\x1b\[[0-9;]*m")
REWRITING = re.compile(r"\x1b\[[0-9?]*[A-HJKhl]")
HOLDER = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: holder}
spec:
  model: chat
  tools: [{type: code_interpreter, files: [{path: numbers.csv}]}]
"""


@pytest.fixture
def project(make_project: MakeProject) -> Iterator[Project]:
    """Make a project whose service takes its time."""
    with start_emulator("--api-key", KEY, "--latency", "400") as url:
        made = write_bots(make_project(), 6, url)
        yield Project(made.folder, Service(url, V2))


def test_the_live_view_shows_what_is_under_way_and_goes(project: Project) -> None:
    """What has ended stays above it; in the end only that and the counts are left."""
    with on_terminal(project, *APPLY) as child:
        child.expect_exact("assistant.bot-0: Creating... [0s elapsed]")
        child.expect_exact("0 of 6 done, 2 under way")
        child.expect_exact("assistant.bot-0: Creation complete after")
        child.expect_exact("2 of 6 done")
        code, said = rest_of(child)

    assert code == 0
    last = said[said.rindex("under way") :]
    assert REWRITING.search(last)
    assert said.rindex("\x1b[?25h") > said.rfind("\x1b[?25l")
    assert said.rstrip().endswith("Apply complete! Resources: 6 added, 0 changed, 0 destroyed.")


def test_the_live_view_shows_what_waits_for_what(project: Project) -> None:
    """An assistant waits for the file that it holds."""
    project.write("numbers.csv", "a,b\n")
    project.write("all.yaml", HOLDER)
    with on_terminal(project, *APPLY) as child:
        child.expect_exact("assistant.holder: Waiting for file.numbers-csv")
        code, _ = rest_of(child)
    assert code == 0


@pytest.mark.parametrize("option", [True, False], ids=["option", "variable"])
def test_without_colours_the_live_view_has_none(project: Project, *, option: bool) -> None:
    """NO_COLOR and --no-color concern colours only."""
    arguments = (*APPLY, "--no-color") if option else APPLY
    with on_terminal(project, *arguments, color=option) as child:
        child.expect_exact("under way")
        before = str(child.before)
        code, said = rest_of(child)
    assert code == 0
    assert not COLOR.search(before + said)


def test_with_colours_the_live_view_has_them(project: Project) -> None:
    """Names stand out as in plain lines."""
    with on_terminal(project, *APPLY, color=True) as child:
        code, said = rest_of(child)
    assert code == 0
    assert re.search(r"\x1b\[1massistant\.bot-0:\x1b\[0m Creation complete", said)


def test_a_dumb_terminal_gets_plain_lines(project: Project) -> None:
    """Nothing that only other terminals understand."""
    with on_terminal(project, *APPLY, TERM="dumb") as child:
        code, said = rest_of(child)
    assert code == 0
    assert "\x1b" not in said
    assert "assistant.bot-0: Creating...\r\n" in said
    assert "under way" not in said


def test_logs_get_plain_lines_and_learn_that_the_service_is_busy(project: Project) -> None:
    """One line for the slowing down, not one for each refusal."""
    with busy_proxy(project.service.url, 0.4) as busy:
        write_bots(project, 6, busy.url)
        with started(project, *APPLY) as run:
            code, out, err = run.end()
    assert (code, busy.refused != []) == (0, True)
    assert err.count("The service asks to slow down (HTTP 429)") == 1
    assert err.count(": Creating...") == 6
    assert "\x1b" not in err + out


def test_a_failure_leaves_the_terminal_clean(make_project: MakeProject) -> None:
    """A refusal is printed with what to do, and the cursor is there again."""
    with start_emulator("--api-key", KEY, "--deployments", "other") as url:
        project = write_bots(make_project(), 2, url)
        with on_terminal(project, *APPLY) as child:
            code, said = rest_of(child)
    assert code == 1
    assert "Creation failed" in said
    assert "R001" in said
    assert "Mend what is said above. To go on, run:" in said
    assert said.rindex("\x1b[?25h") > said.rfind("\x1b[?25l")
