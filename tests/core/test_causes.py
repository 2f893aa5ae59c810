"""Three-way differences: who moved away from what was last applied."""

from __future__ import annotations

from typing import Any

import pytest
from factories import BOT, holding, live, make_assistant, record, situation

from provisioner.plan import Cause, Difference
from provisioner.planner import plan


def decided(applied: dict[str, Any], declared: dict[str, Any], alive: dict[str, Any]) -> Any:
    """Plan for one assistant; give its differences with what made them."""
    recorded = record(make_assistant(**applied), "asst_1")
    found = live(recorded, attributes=alive)
    made = plan(situation([make_assistant(**declared)], [recorded], [found]))
    return {each.path: each.cause for each in made.changes[0].differences}


@pytest.mark.parametrize(
    ("applied", "declared", "alive", "cause"),
    [
        (0.2, 0.5, 0.2, Cause.YOU),
        (0.2, 0.2, 0.9, Cause.LIVE),
        (0.2, 0.5, 0.9, Cause.BOTH),
        (None, 0.5, None, Cause.YOU),
        (None, None, 0.9, Cause.LIVE),
        (0.2, None, 0.2, Cause.YOU),
        (0.2, 0.2, None, Cause.LIVE),
        (0, 0.5, 0.0, Cause.YOU),
    ],
)
def test_who_made_a_difference_is_told_by_what_was_applied(
    applied: Any, declared: Any, alive: Any, cause: Cause
) -> None:
    """The side that still is as applied made no difference; absent, null and 1.0 are as ever."""
    found = decided({"temperature": applied}, {"temperature": declared}, {"temperature": alive})
    assert found == {("temperature",): cause}


def test_the_same_change_on_both_sides_is_no_difference() -> None:
    """A portal edit that somebody has written into the manifest needs nothing."""
    assert decided({"temperature": 0.2}, {"temperature": 0.5}, {"temperature": 0.5}) == {}


def test_parts_of_a_tree_are_told_apart() -> None:
    """One metadata pair is ours and another one theirs."""
    found = decided(
        {"metadata": {"team": "a", "owner": "Ana"}},
        {"metadata": {"team": "b", "owner": "Ana"}},
        {"metadata": {"team": "a", "owner": "Bob"}},
    )
    assert found == {("metadata", "team"): Cause.YOU, ("metadata", "owner"): Cause.LIVE}


def test_tools_are_told_apart_by_their_identity() -> None:
    """A tool that was added in the portal is theirs, whatever its place."""
    interpreter, search = {"type": "code_interpreter"}, {"type": "file_search"}
    found = decided(
        {"tools": [interpreter]}, {"tools": [interpreter]}, {"tools": [search, interpreter]}
    )
    assert found == {("tools", "file_search"): Cause.LIVE}


def test_files_that_were_attached_elsewhere_are_theirs() -> None:
    """Ids are compared with the ids that were applied."""
    found = decided(holding("file-1"), holding("file-1", "file-2"), holding("file-1", "file-3"))
    path = ("tool_resources", "code_interpreter", "file_ids")
    assert found == {(*path, "file-2"): Cause.YOU, (*path, "file-3"): Cause.LIVE}


def test_without_a_record_nobody_is_blamed() -> None:
    """What is adopted by its tag has no baseline."""
    recorded = record(make_assistant(), "asst_1")
    found = live(recorded, attributes={"temperature": 0.9})
    made = plan(situation([make_assistant()], [], [found]))
    assert made.changes[0].address == BOT
    assert made.changes[0].differences == (Difference(("temperature",), 0.9, None),)
