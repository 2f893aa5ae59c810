"""Projects with a history, and what is looked at in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from projects import V2, Project, Result
from test_lifecycle import ASSISTANT

MakeProject = Callable[..., Project]

WITH_FILE = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: reader}
spec:
  model: chat
  instructions: Read.
  tools: [{type: code_interpreter, files: [{path: data.csv}]}]
"""


def changed_twice(make_project: MakeProject, api_version: str = V2) -> Project:
    """Apply an assistant and a file that another one uses, and then change both prompt and bytes.

    Its revisions are 1 and 2.
    """
    project = make_project(api_version)
    project.write("one.yaml", ASSISTANT.replace("NAME", "one"))
    project.write("reader.yaml", WITH_FILE)
    project.write("data.csv", "a,b\n")
    project.apply()
    project.edit("one.yaml", "Be brief.", "Be kind.")
    project.write("data.csv", "a,b\n1,2\n")
    project.apply()
    return project


def revisions(project: Project, *arguments: str) -> list[Any]:
    """Give the revisions, the newest first."""
    result = project.run("history", "--format", "json", *arguments)
    assert result.code == 0, result.err
    found: list[Any] = result.json["revisions"]
    return found


def serials(project: Project) -> list[int]:
    """Give the serials of the revisions, the newest first."""
    return [each["serial"] for each in revisions(project)]


def folder(project: Project) -> Path:
    """Tell where the history is kept."""
    return project.folder / ".provisioner" / "test" / "history"


def roll_back(project: Project, revision: str, *arguments: str) -> Result:
    """Roll back, which must go well."""
    result = project.run("rollback", revision, "--auto-approve", *arguments)
    assert result.code == 0, result.err + result.out
    return result


def told(result: Result) -> str:
    """Give what was said, as one line."""
    return " ".join(result.err.split())


def prompts(project: Project) -> dict[str, str]:
    """Give the instructions of each live assistant by its name."""
    return {each["name"]: each["instructions"] for each in project.service.assistants()}
