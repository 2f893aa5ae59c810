"""Coverage: which checks talk to whom a plan changes, and whom nobody talks to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone

import pytest
from factories import BOT, DATA, OTHER, make_change

from provisioner.coverage import Coverage, coverage
from provisioner.plan import Action, Change, Difference, Plan, PlannedCheck

DRAWS, GREETS = PlannedCheck("draws", BOT), PlannedCheck("greets", BOT)
REWORDED = Difference(("instructions",), "Be brief.", "Be rude.")
RENAMED = Difference(("name",), "Bot", "Robot")


def make_plan(*changes: Change, checks: tuple[PlannedCheck, ...] = ()) -> Plan:
    """Make a plan of these changes, in an environment with these checks."""
    created = datetime(2024, 5, 1, tzinfo=timezone.utc)
    return Plan(
        changes, (), (), "demo", "test", "https://x.example", "l1", 1, created, checks=checks
    )


CREATED = make_change(BOT, Action.CREATE)
UPDATED = make_change(BOT, Action.UPDATE, "asst_1", differences=(REWORDED,))
STAYING = make_change(BOT, Action.NO_OP, "asst_1")


@pytest.mark.parametrize("change", [CREATED, UPDATED], ids=["created", "changed"])
def test_the_checks_of_an_assistant_cover_what_happens_to_it(change: Change) -> None:
    """In the order of their names; those of others don't."""
    found = coverage(make_plan(change, checks=(GREETS, PlannedCheck("asks", OTHER), DRAWS)))
    assert found.covered == {BOT: ("draws", "greets")}
    assert found.uncovered == ()


@pytest.mark.parametrize("change", [CREATED, UPDATED], ids=["created", "changed"])
def test_an_assistant_that_no_check_talks_to_is_named(change: Change) -> None:
    """Whether others have checks or nobody has."""
    for checks in ((), (PlannedCheck("asks", OTHER),)):
        found = coverage(make_plan(change, checks=checks))
        assert found.covered == {}
        assert found.uncovered == (BOT,)


@pytest.mark.parametrize(
    "change",
    [
        STAYING,
        replace(UPDATED, differences=(RENAMED,)),
        make_change(BOT, Action.DELETE, "asst_1"),
        make_change(BOT, Action.FORGET, "asst_1"),
        make_change(DATA, Action.CREATE),
    ],
    ids=["unchanged", "only renamed", "deleted", "forgotten", "a file"],
)
def test_who_answers_as_before_needs_no_check(change: Change) -> None:
    """Nor who answers no more, or never did."""
    found = coverage(make_plan(change, checks=(DRAWS,)))
    assert found == Coverage({}, ())


def test_new_bytes_of_a_file_are_covered_where_they_are_used() -> None:
    """The assistant itself stays as it is, and answers otherwise; who is without, too."""
    file = make_change(
        DATA, Action.REPLACE, "file-1", differences=(Difference(("sha256",), "a", "b"),)
    )
    both = (replace(STAYING, address=each, depends_on=(DATA,)) for each in (BOT, OTHER))
    found = coverage(make_plan(file, *both, checks=(DRAWS,)))
    assert found.covered == {BOT: ("draws",)}
    assert found.uncovered == (OTHER,)
