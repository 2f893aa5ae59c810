"""Checks of a project in its plans: who is looked after when an assistant changes."""

from __future__ import annotations

from collections.abc import Callable

from projects import Project

from provisioner.address import Address
from provisioner.coverage import Coverage, coverage
from provisioner.operations.connection import connected
from provisioner.operations.planning import Request, make_plan
from provisioner.operations.workspace import open_workspace

BOTS = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: watched}
spec: {model: chat, instructions: Be brief.}
---
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: alone}
spec: {model: chat, instructions: Be brief.}
---
apiVersion: provisioner/v1
kind: Check
metadata: {name: greets}
spec:
  assistant: watched
  turns: [{user: Hello, expect: {contains: Hello}}]
"""
WATCHED, ALONE = Address("assistant", "watched"), Address("assistant", "alone")


def planned(project: Project) -> Coverage:
    """Plan; give what checks cover."""
    workspace = open_workspace(project.folder, None)
    with connected(workspace.project, workspace.environment) as connection:
        return coverage(make_plan(workspace, connection, Request()).plan)


def test_a_plan_knows_the_checks_of_what_it_changes(
    make_project: Callable[..., Project],
) -> None:
    """When assistants are made, when nothing happens, and when one answers otherwise."""
    project = make_project()
    project.write("bots.yaml", BOTS)
    made = planned(project)
    project.apply()
    idle = planned(project)
    project.edit(
        "bots.yaml", "{name: watched}\nspec: {model: chat", "{name: watched}\nspec: {model: fast"
    )
    changed = planned(project)

    assert made == Coverage({WATCHED: ("greets",)}, (ALONE,))
    assert idle == Coverage({}, ())
    assert changed == Coverage({WATCHED: ("greets",)}, ())


def test_a_check_makes_no_object(make_project: Callable[..., Project]) -> None:
    """It is neither planned nor recorded, and a plan with nothing but checks is empty."""
    project = make_project()
    project.write("bots.yaml", BOTS)
    project.apply()
    project.edit("bots.yaml", "contains: Hello", "contains: Hi")

    assert sorted(project.state["resources"]) == ["assistant.alone", "assistant.watched"]
    assert project.plan().code == 0
