"""Renaming, forgetting and taking over: what stands around their rows of the decision table."""

from __future__ import annotations

from dataclasses import replace

import pytest
from factories import (
    BLOCK,
    BOT,
    DATA,
    OTHER,
    codes,
    holding,
    imported,
    live,
    make_assistant,
    make_change,
    make_file,
    moved,
    record,
    removed,
    situation,
)

from provisioner.address import Address
from provisioner.errors import PlanError
from provisioner.events import Operation
from provisioner.plan import Action, Difference
from provisioner.planner import plan
from provisioner.refactoring import Refactoring, move
from provisioner.resource import Lifecycle
from provisioner.steps import steps

LAST, NEW_DATA = Address("assistant", "last"), Address("file", "new-data")
STATE = record(make_assistant(OTHER, name="bot"), "asst_1")


def test_a_move_leads_on_to_the_next_one() -> None:
    """Every address of a chain has the chain's end as its destination."""
    assert moved((OTHER, BOT), (BOT, LAST)).destinations == {OTHER: LAST, BOT: LAST}


def test_a_circle_of_moves_comes_to_an_end() -> None:
    """It is refused elsewhere; here it must not hang."""
    assert moved((OTHER, BOT), (BOT, OTHER)).destinations.keys() == {OTHER, BOT}


def test_what_depends_on_a_renamed_address_depends_on_the_new_one() -> None:
    """The record moves whole, and so do the dependencies of the others, in their order."""
    holder = record(make_assistant(), "asst_1", depends_on=(DATA, Address("file", "many")))
    resources = {BOT: holder, DATA: record(make_file(), "file-1", deposed=("file-0",))}
    move(resources, DATA, NEW_DATA)

    assert resources[NEW_DATA] == record(make_file(NEW_DATA), "file-1", deposed=("file-0",))
    assert resources[BOT].depends_on == (Address("file", "many"), NEW_DATA)
    assert DATA not in resources


def test_what_a_renamed_file_is_held_by_stays_as_it_is() -> None:
    """Ids stay, so that the holders have no change and nothing to be recorded."""
    file = record(make_file(), "file-1")
    holder = record(make_assistant(**holding(DATA)), "asst_1", {DATA: "file-1"})
    declared = [make_file(NEW_DATA), make_assistant(**holding(NEW_DATA))]
    alive = [live(file), live(holder)]
    decisions = plan(situation(declared, [file, holder], alive, moved((DATA, NEW_DATA))))
    changes = {each.address: each for each in decisions.changes}

    assert changes[BOT].is_idle
    assert not changes[BOT].record
    assert (changes[NEW_DATA].action, changes[NEW_DATA].previous_address) == (Action.NO_OP, DATA)


def test_a_deposed_object_goes_with_the_renamed_address() -> None:
    """The deletion that an interrupted replacement owes is made at the new address."""
    state = record(make_file(), "file-1", deposed=("file-0",))
    alive = [live(state), replace(live(state), id="file-0")]
    made = plan(situation([make_file(NEW_DATA)], [state], alive, moved((DATA, NEW_DATA))))
    (deletion,) = [each for each in made.changes if each.deposed]

    assert (deletion.address, deletion.action, deletion.id) == (
        NEW_DATA,
        Action.DELETE,
        "file-0",
    )
    found = steps(made.changes)
    assert found[NEW_DATA, Operation.DELETE, "file-0"].waits_for == {(NEW_DATA, Operation.MOVE, "")}


def test_a_forgotten_address_deletes_nothing_at_all() -> None:
    """What was deposed there is forgotten too."""
    state = record(make_file(), "file-1", deposed=("file-0",))
    alive = [live(state), replace(live(state), id="file-0")]
    made = plan(situation([], [state], alive, removed(DATA)))
    assert [each.action for each in made.changes] == [Action.FORGET, Action.FORGET]


@pytest.mark.parametrize("present", [[OTHER, LAST], [OTHER, BOT], [BOT, LAST]])
def test_a_move_onto_something_recorded_is_refused(present: list[Address]) -> None:
    """Wherever in a chain two are recorded, one would be lost; both are named."""
    states = [record(make_assistant(each), f"asst_{each.name}") for each in present]
    chain = moved((OTHER, BOT), (BOT, LAST))
    with pytest.raises(PlanError) as caught:
        plan(situation([make_assistant(LAST)], states, map(live, states), chain))
    (said,) = caught.value.diagnostics

    assert (said.code, said.position) == ("P030", BLOCK)
    assert all(str(each) in said.detail for each in present)


def test_a_move_outside_of_the_scope_is_not_looked_at() -> None:
    """Other targets can be planned while two addresses collide."""
    states = [record(make_assistant(each), f"asst_{each.name}") for each in (OTHER, BOT)]
    given = situation([], states, map(live, states), moved((OTHER, BOT)))
    assert plan(given, scope=frozenset({LAST})).changes == ()


def test_what_was_protected_may_be_destroyed_when_that_is_written() -> None:
    """`removed` with destroy: true ends a protection that is kept in the state, no other does."""
    state = record(make_assistant(lifecycle=Lifecycle(prevent_destroy=True)), "asst_1")
    written = situation([], [state], [live(state)], removed(destroy=True))
    (change,) = plan(written, protected=frozenset({BOT})).changes
    assert change.action is Action.DELETE

    with pytest.raises(PlanError) as caught:
        plan(situation([], [state], [live(state)]), protected=frozenset({BOT}))
    assert "removed: [{from: assistant.bot, destroy: true}]" in caught.value.diagnostics[0].detail


@pytest.mark.parametrize("taken", ["asst_1", "asst_0"])
def test_what_is_recorded_elsewhere_is_not_imported(taken: str) -> None:
    """Neither a recorded object nor a deposed one gets a second address."""
    state = replace(STATE, deposed=("asst_0",))
    declared = [make_assistant(), make_assistant(OTHER, name="bot")]
    alive = [live(state), replace(live(state), id="asst_0")]
    with pytest.raises(PlanError) as caught:
        plan(situation(declared, [state], alive, imported(BOT, taken)))

    assert codes(caught.value) == ["P032"]
    assert "from: assistant.other, to: assistant.bot" in caught.value.diagnostics[0].detail


def test_an_import_of_another_environment_does_nothing() -> None:
    """Its object is a stranger here."""
    (block,) = imported(BOT, "asst_1").imports
    elsewhere = Refactoring(imports=(replace(block, environment="prod"),))
    (change,) = plan(situation([make_assistant()], [], [], elsewhere)).changes
    assert change.action is Action.CREATE


def test_an_import_that_differs_shows_what_is_live() -> None:
    """The update's `before` is what is there, whoever wrote it."""
    found = live(record(make_assistant(instructions="Be rude."), "asst_1"), owner=None)
    wanted = make_assistant(instructions="Be brief.")
    (change,) = plan(situation([wanted], [], [found], imported(BOT, "asst_1"))).changes

    assert change.differences == (Difference(("instructions",), "Be rude.", "Be brief."),)
    assert not change.only_address


def test_renames_and_imports_are_steps_of_their_own() -> None:
    """What only changes its tag, or only its record, is no modification; what differs is one."""
    differs = (Difference(("model",), "a", "b"),)
    changes = [
        make_change(BOT, Action.UPDATE, "asst_1", previous_address=OTHER),
        make_change(LAST, Action.UPDATE, "asst_2", importing=True),
        make_change(NEW_DATA, Action.NO_OP, "file-1", previous_address=DATA),
        make_change(OTHER, Action.UPDATE, "asst_3", importing=True, differences=differs),
    ]
    assert [operation for _, operation, _ in steps(changes)] == [
        Operation.MOVE,
        Operation.IMPORT,
        Operation.MOVE,
        Operation.UPDATE,
    ]
