"""Saved plans and runs that were killed: what is pending is settled as ever."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from killing_proxy import Killer, Moment
from projects import V2, Project
from saved_projects import FILE, save, stale
from test_kill import assert_whole, begin, killer, moments, requests, run_and_kill
from test_lifecycle import ASSISTANT

MakeProject = Callable[..., Project]

__all__ = ["killer"]


@moments
@requests
def test_a_killed_apply_of_a_plan_is_finished(
    make_project: MakeProject, killer: Killer, at: int, moment: Moment
) -> None:
    """The plan goes on from where nothing was done yet, and is stale else; apply finishes it."""
    project = begin(make_project, killer, V2)
    save(project)
    run_and_kill(project, killer, at, moment, "apply", FILE)
    killer.aim(None, moment)
    again = project.run("apply", FILE)

    assert again.code == 0 or "P058" in again.err
    project.apply()
    assert_whole(project)


def test_what_a_killed_run_has_made_makes_a_plan_stale(
    make_project: MakeProject, killer: Killer
) -> None:
    """It is found by the operation that made it, though nobody has recorded it."""
    project = begin(make_project, killer, V2)
    save(project, "--target", "assistant.three")
    target = ("--auto-approve", "--target", "assistant.three")
    assert run_and_kill(project, killer, 2, "after", "apply", *target)
    killer.aim(None, "before")
    (made,) = project.service.assistants()

    stale(project, "assistant.three", made["id"])
    project.apply()
    assert_whole(project)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_what_is_pending_elsewhere_is_settled_later(
    make_project: MakeProject, killer: Killer, moment: Moment
) -> None:
    """A lost create that the plan knows nothing of isn't given up: one object comes of it."""
    project = begin(make_project, killer, V2)
    save(project, "--target", "assistant.three")
    project.write("four.yaml", ASSISTANT.replace("NAME", "four"))
    target = ("--auto-approve", "--target", "assistant.four")
    assert run_and_kill(project, killer, 2, moment, "apply", *target)
    killer.aim(None, moment)

    assert project.run("apply", FILE).code == 0
    finished = project.apply("--target", "assistant.four")
    assert ("P104" in finished.err) == (moment == "before")
    assert sorted(each["name"] for each in project.service.assistants()) == ["four", "three"]
