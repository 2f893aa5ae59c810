"""The delete brake: how much a plan may delete before apply stops."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from factories import make_change

from provisioner.address import Address
from provisioner.brake import Allowance, brake, forewarned
from provisioner.diagnostics import Severity
from provisioner.plan import Action, Change, Plan


def change(number: int, action: Action, **given: Any) -> Change:
    """Make the change of one of many assistants."""
    return make_change(Address("assistant", f"a{number}"), action, f"asst_{number}", **given)


def deleting(deletes: int, recorded: int, **given: Any) -> Plan:
    """Make a plan that deletes so many of so many, and leaves the others as they are."""
    kept = range(deletes, max(recorded, deletes))
    changes = [change(each, Action.DELETE) for each in range(deletes)]
    changes += [change(each, Action.NO_OP) for each in kept]
    return make_plan(*changes, recorded=recorded, **given)


def make_plan(*changes: Change, recorded: int, **given: Any) -> Plan:
    """Make a plan."""
    created = datetime(2026, 3, 1, tzinfo=timezone.utc)
    texts = ("demo", "test", "https://contoso.example", "l1")
    return Plan(changes, (), (), *texts, 7, created, recorded, **given)


@pytest.mark.parametrize(
    ("deletes", "recorded", "stops"),
    [
        (0, 0, False),
        (1, 1, False),
        (1, 2, False),
        (2, 2, True),
        (8, 9, False),
        (9, 9, True),
        (3, 10, False),
        (4, 10, True),
        (30, 100, False),
        (31, 100, True),
        (1, 0, False),
        (2, 0, True),
    ],
)
def test_the_measure(deletes: int, recorded: int, *, stops: bool) -> None:
    """Over 30 % where ten or more are recorded, or all of two or more."""
    assert bool(brake(deleting(deletes, recorded))) is stops


def test_nothing_that_is_left_counts_as_all() -> None:
    """What is gone already, or stays only for others, doesn't make two of three harmless."""
    gone = change(2, Action.FORGET)
    pair = [change(each, Action.DELETE) for each in (0, 1)]

    assert brake(make_plan(*pair, gone, recorded=3))
    assert not brake(make_plan(*pair, recorded=3, selection=("--target assistant.a0",)))


def test_replacements_leftovers_and_what_is_forgotten_are_no_deletes() -> None:
    """After each of them the address holds what it should, or the object lives on."""
    for each in (Action.REPLACE, Action.FORGET, Action.UPDATE, Action.NO_OP):
        assert not brake(make_plan(*(change(n, each) for n in range(20)), recorded=20)), each
    leftovers = (change(each, Action.DELETE, deposed=True) for each in range(20))
    assert not brake(make_plan(*leftovers, recorded=20))


def test_a_destroy_is_meant() -> None:
    """Whoever asks for it isn't asked again; a limit of their own holds all the same."""
    plan = deleting(20, 20, destroy=True)

    assert brake(plan) is None
    assert brake(plan, Allowance(19))


@pytest.mark.parametrize(
    ("text", "deletes", "recorded", "stops"),
    [
        ("4", 4, 4, False),
        ("3", 4, 4, True),
        ("0", 1, 100, True),
        ("40%", 4, 10, False),
        ("39%", 4, 10, True),
        ("100%", 10, 10, False),
        ("100%", 3, 0, False),
        ("0%", 0, 10, False),
    ],
)
def test_an_allowance_takes_the_place_of_the_measure(
    text: str, deletes: int, recorded: int, *, stops: bool
) -> None:
    """A number of deletes, or a share of what is recorded: it raises the limit, or lowers it."""
    assert bool(brake(deleting(deletes, recorded), Allowance.parse(text))) is stops


@pytest.mark.parametrize("text", ["", "%", "-1", "1.5", "101%", "many", "1 %", "²", "10%%"])
def test_an_allowance_is_a_number_or_a_share(text: str) -> None:
    """Anything else is no allowance."""
    with pytest.raises(ValueError, match="neither a number nor a share"):
        Allowance.parse(text)


def test_the_message_names_numbers_addresses_and_the_flag() -> None:
    """With that flag the same plan goes through."""
    plan = deleting(7, 10)
    stop = brake(plan)

    assert stop is not None
    assert (stop.code, stop.severity) == ("P060", Severity.ERROR)
    assert "deletes 7 objects, where 10 resources are recorded (70 %)" in stop.detail
    assert (
        "assistant.a0, assistant.a1, assistant.a2, assistant.a3, assistant.a4 and 2" in stop.detail
    )
    assert stop.detail.endswith("--max-delete 7.")
    assert brake(plan, Allowance.parse("7")) is None


def test_a_plan_warns_of_what_apply_would_refuse() -> None:
    """And of nothing else."""
    (said,) = forewarned(deleting(2, 2)).warnings

    assert (said.code, said.severity) == ("P112", Severity.WARNING)
    assert said.detail.endswith("apply with --max-delete 2.")
    assert forewarned(deleting(1, 2)).warnings == ()
