"""Projects whose plans are saved, and what is expected of these."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from projects import V2, Project, Result
from test_lifecycle import ASSISTANT, SHARING

MakeProject = Callable[..., Project]
FILE = "reviewed.plan"


def bots(make_project: MakeProject, *names: str, api_version: str = V2) -> Project:
    """Make a project with some assistants, which nobody has applied yet."""
    project = make_project(api_version)
    for name in names:
        project.write(f"{name}.yaml", ASSISTANT.replace("NAME", name))
    return project


def sharing(make_project: MakeProject, api_version: str) -> Project:
    """Make a project in which two of three assistants share a file, not applied yet."""
    project = make_project(api_version)
    project.write("all.yaml", SHARING)
    project.write("numbers.csv", "a,b\n1,2\n")
    return project


def save(project: Project, *arguments: str) -> Result:
    """Save a plan, which must go well."""
    saved = project.run("plan", "--out", FILE, *arguments)
    assert saved.code == 0, saved.err
    return saved


def changed(make_project: MakeProject, api_version: str = V2) -> Project:
    """Apply two assistants, change one in its manifest, and save the plan."""
    project = bots(make_project, "one", "two", api_version=api_version)
    project.apply()
    project.edit("one.yaml", "Be brief.", "Be kind.")
    save(project)
    return project


def edit_live(project: Project, address: str, **body: Any) -> None:
    """Change an assistant as somebody does in the portal."""
    project.service.call("POST", f"/assistants/{project.id(address)}", body)


def objects(project: Project) -> tuple[list[Any], list[Any]]:
    """Give all that is live."""
    return project.service.assistants(), project.service.files()


def refused(project: Project, code: str, *arguments: str) -> str:
    """Expect a saved plan to be refused, and nothing to be changed, here or there.

    Gives what is told, as one line.
    """
    before, state = objects(project), state_bytes(project)
    result = project.run("apply", FILE, *arguments)
    assert result.code == 1, result.out
    assert code in result.err
    assert "Traceback" not in result.err
    assert objects(project) == before
    assert state_bytes(project) == state
    return " ".join(result.err.split())


def state_bytes(project: Project) -> bytes | None:
    """Give the state as it is on disk."""
    path = project.folder / ".provisioner" / "test" / "state.json"
    return path.read_bytes() if path.exists() else None


def stale(project: Project, *named: str) -> None:
    """Expect the plan to be stale, and each of these to be named."""
    told = refused(project, "P058")
    assert "Error: Saved plan is stale" in told
    assert [each for each in named if each not in told] == []
