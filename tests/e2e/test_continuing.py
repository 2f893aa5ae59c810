"""The command that goes on, as an incomplete apply gives it."""

from __future__ import annotations

import shlex
from collections.abc import Callable

from emulator_process import start_emulator
from processes import bots
from projects import KEY, PROJECT, V2, Project, Result, Service

MakeProject = Callable[..., Project]
VARIABLES = """\
  variables: {{audience: {{default: us}}, token: {{sensitive: true}}}}
  environments:
"""
SECRET = "s3cret-of-this-test"


def failing(make_project: MakeProject, url: str) -> Project:
    """Make a project whose model isn't deployed."""
    made = make_project()
    text = PROJECT.format(name="demo", uid="u1", url=url, api_version=V2)
    made.write("provisioner.yaml", text.replace("  environments:\n", VARIABLES.format()))
    made.write("all.yaml", bots(2))
    return Project(made.folder, Service(url, V2))


def way_on(result: Result) -> str:
    """Take the command out of the summary."""
    assert result.code == 1, result.out + result.err
    return result.out.rstrip().rpartition("\n\n")[2].strip()


def test_the_command_has_the_options_that_were_given(make_project: MakeProject) -> None:
    """Quoted where a shell needs that, and typed again it does the same."""
    with start_emulator("--api-key", KEY, "--deployments", "other") as url:
        project = failing(make_project, url)
        given = ("-e", "test", "apply", "--auto-approve", "--target", "assistant.bot-1")
        told = way_on(project.run(*given, "--var", "audience=you & me", "--var", f"token={SECRET}"))

    assert told.startswith("provisioner ")
    assert shlex.split(told)[1:] == [
        *("-C", str(project.folder), *given),
        *("--var", "audience=you & me", "--var", "token=..."),
    ]
    assert "'audience=you & me'" in told


def test_the_command_never_shows_a_sensitive_value(make_project: MakeProject) -> None:
    """Its other form, with `=`, is no way around that."""
    with start_emulator("--api-key", KEY, "--deployments", "other") as url:
        project = failing(make_project, url)
        done = project.run("apply", "--auto-approve", f"--var=token={SECRET}")

    assert "--var=token=..." in way_on(done)
    assert SECRET not in done.out + done.err


def test_a_saved_plan_goes_on_with_a_new_plan(make_project: MakeProject) -> None:
    """What was done is no longer to be done, and a new plan wants a new review."""
    with start_emulator("--api-key", KEY, "--deployments", "other") as url:
        project = failing(make_project, url)
        given = ("--var", f"token={SECRET}")
        assert project.run("plan", "--out", "my plan", *given).code == 0
        done = project.run("apply", "my plan", *given)

    assert way_on(done) == f"provisioner -C {project.folder} -e test plan --out 'my plan'"
