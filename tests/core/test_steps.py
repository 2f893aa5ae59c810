"""Steps: in which order the calls of a plan may be made."""

from __future__ import annotations

from factories import BOT, DATA, OTHER, make_change

from provisioner.address import Address
from provisioner.events import Operation
from provisioner.plan import Action, Change
from provisioner.steps import Key, steps

CREATE, UPDATE, DELETE, FORGET = (
    Operation.CREATE,
    Operation.UPDATE,
    Operation.DELETE,
    Operation.FORGET,
)


def waits(*changes: Change) -> dict[Key, set[Key]]:
    """Give what each step waits for."""
    return {key: set(step.waits_for) for key, step in steps(changes).items()}


def test_a_no_op_is_no_step() -> None:
    """Nothing is sent for what is up to date."""
    assert steps([make_change(BOT, Action.NO_OP, "asst_1")]) == {}


def test_dependencies_are_made_before_what_holds_them() -> None:
    """A file is uploaded before the assistant that has it is created or updated."""
    file = make_change(DATA, Action.CREATE)
    created = make_change(BOT, Action.CREATE, depends_on=(DATA,))
    updated = make_change(OTHER, Action.UPDATE, "asst_2", depends_on=(DATA,))

    assert waits(file, created, updated) == {
        (DATA, CREATE, ""): set(),
        (BOT, CREATE, ""): {(DATA, CREATE, "")},
        (OTHER, UPDATE, ""): {(DATA, CREATE, "")},
    }


def test_a_dependency_that_is_up_to_date_holds_nothing_up() -> None:
    """There is nothing to wait for where nothing happens."""
    updated = make_change(BOT, Action.UPDATE, "asst_1", depends_on=(DATA,))
    assert waits(make_change(DATA, Action.NO_OP, "file-1"), updated) == {(BOT, UPDATE, ""): set()}


def test_holders_are_deleted_before_what_they_hold() -> None:
    """A file goes after the assistants that had it."""
    file = make_change(DATA, Action.DELETE, "file-1", released_by=(BOT, OTHER))
    deleted = make_change(BOT, Action.DELETE, "asst_1", depends_on=(DATA,))
    updated = make_change(OTHER, Action.UPDATE, "asst_2")

    assert waits(file, deleted, updated)[DATA, DELETE, "file-1"] == {
        (BOT, DELETE, "asst_1"),
        (OTHER, UPDATE, ""),
    }


def test_a_deleted_holder_waits_for_nothing() -> None:
    """Deleting an assistant needs none of its files."""
    file = make_change(DATA, Action.DELETE, "file-1", released_by=(BOT,))
    deleted = make_change(BOT, Action.DELETE, "asst_1", depends_on=(DATA,))
    assert waits(file, deleted)[BOT, DELETE, "asst_1"] == set()


def test_a_replacements_delete_comes_last() -> None:
    """New file, then every holder, then the old file goes, as a deposed object."""
    file = make_change(DATA, Action.REPLACE, "file-1", released_by=(BOT,))
    holder = make_change(BOT, Action.UPDATE, "asst_1", depends_on=(DATA,))
    found = steps([file, holder])

    assert found[BOT, UPDATE, ""].waits_for == {(DATA, CREATE, "")}
    assert found[DATA, DELETE, "file-1"].waits_for == {(DATA, CREATE, ""), (BOT, UPDATE, "")}
    assert found[DATA, DELETE, "file-1"].deposed
    assert found[DATA, CREATE, ""].id is None


def test_a_kept_predecessor_is_not_deleted() -> None:
    """What a stranger still uses stays."""
    file = make_change(DATA, Action.REPLACE, "file-1", keep_old=True)
    assert list(steps([file])) == [(DATA, CREATE, "")]


def test_forgetting_is_a_step_that_waits_as_a_delete_does() -> None:
    """A record goes after the records that depend on it."""
    file = make_change(DATA, Action.FORGET, "file-1", released_by=(BOT,))
    holder = make_change(BOT, Action.FORGET, "asst_1")

    assert waits(file, holder) == {
        (DATA, FORGET, "file-1"): {(BOT, FORGET, "asst_1")},
        (BOT, FORGET, "asst_1"): set(),
    }


def test_a_leftover_goes_after_its_successor_and_its_holders() -> None:
    """A deposed object is deleted when nothing live refers to it any more."""
    created = make_change(DATA, Action.CREATE)
    old = make_change(DATA, Action.DELETE, "file-0", deposed=True, released_by=(BOT,))
    holder = make_change(BOT, Action.UPDATE, "asst_1", depends_on=(DATA,))

    assert waits(created, old, holder)[DATA, DELETE, "file-0"] == {
        (DATA, CREATE, ""),
        (BOT, UPDATE, ""),
    }


def test_an_address_is_given_up_after_its_leftovers() -> None:
    """As long as a leftover stands, the record that names it must stay."""
    gone = make_change(DATA, Action.DELETE, "file-1")
    old = make_change(DATA, Action.DELETE, "file-0", deposed=True)

    assert waits(gone, old) == {
        (DATA, DELETE, "file-1"): {(DATA, DELETE, "file-0")},
        (DATA, DELETE, "file-0"): set(),
    }


def test_unrelated_changes_wait_for_nothing() -> None:
    """What doesn't depend on each other may be done at the same time."""
    addresses = [Address("assistant", f"bot-{each}") for each in range(3)]
    found = waits(*(make_change(each, Action.CREATE) for each in addresses))
    assert set(map(frozenset, found.values())) == {frozenset()}
