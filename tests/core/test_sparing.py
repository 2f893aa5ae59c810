"""Sparing: what is still in use is not deleted, and what is let go of is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from factories import BOT, DATA, OTHER, holding, make_assistant, make_change, owner, situation

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic
from provisioner.plan import Action, Change
from provisioner.resource import RemoteObject
from provisioner.sparing import spare

HOLDER = RemoteObject("assistant", "asst_1", holding("file-1"), owner())
COPY = replace(HOLDER, id="asst_copy")
OUT_OF_SCOPE = replace(HOLDER, id="asst_2", owner=owner(OTHER))
FOREIGN = replace(HOLDER, id="asst_x", owner=owner(uid="u2"))
UNTAGGED = replace(HOLDER, id="asst_x", owner=None)
STORE = Address("vectorstore", "handbook")
HOLDING_STORE = RemoteObject("vectorstore", "vs_1", {"file_ids": ["file-1"]}, owner(STORE))
SEARCHING = RemoteObject(
    "assistant", "asst_x", {"tool_resources": {"file_search": {"vector_store_ids": ["vs_1"]}}}
)
DELETE = make_change(DATA, Action.DELETE, "file-1")
REPLACE = make_change(DATA, Action.REPLACE, "file-1")
LEFTOVER = make_change(DATA, Action.DELETE, "file-1", deposed=True)


def change(action: Action, *files: object) -> Change:
    """Plan for the holder, which has these files afterwards."""
    if action is Action.DELETE:
        return make_change(BOT, action, "asst_1")
    after = make_assistant(**holding(*files)).attributes
    return make_change(BOT, action, "asst_1", after=after)


def judge(alive: list[RemoteObject], *changes: Change) -> tuple[list[Change], list[Diagnostic]]:
    """Spare what is in use."""
    return spare(situation(alive=alive), changes)


@dataclass(frozen=True)
class Row:
    """Who refers to the file, what is planned for them, and who goes on using it."""

    name: str
    live: list[RemoteObject]
    changes: list[Change] = field(default_factory=list)
    holders: str = "asst_1"


DROPS = change(Action.UPDATE, "file-2")
KEPT_FOR = [
    Row("a foreign holder", [FOREIGN], holders="asst_x"),
    Row("an untagged holder", [UNTAGGED], holders="asst_x"),
    Row("a copied assistant", [HOLDER, COPY], [DROPS], "asst_copy"),
    Row("a holder out of scope", [HOLDER, OUT_OF_SCOPE], [DROPS], "asst_2"),
    Row("a holder that ignores its files", [HOLDER], [change(Action.UPDATE, "file-1", "file-2")]),
    Row("an unchanged holder", [HOLDER], [change(Action.NO_OP, "file-1")]),
    Row("several, of whom one lets go", [FOREIGN, HOLDER, COPY], [DROPS], "asst_copy, asst_x"),
]
RELEASED_BY = [
    Row("nobody refers to it", []),
    Row("an update that drops it", [HOLDER], [DROPS]),
    Row("an update that re-points it", [HOLDER], [change(Action.UPDATE, DATA)]),
    Row("an update that drops all files", [HOLDER], [change(Action.UPDATE)]),
    Row("a delete of its holder", [HOLDER], [change(Action.DELETE)]),
]
kept = pytest.mark.parametrize("row", KEPT_FOR, ids=lambda row: row.name)


@kept
@pytest.mark.parametrize("deletion", [DELETE, LEFTOVER], ids=["delete", "leftover"])
def test_what_is_still_used_is_not_deleted(row: Row, deletion: Change) -> None:
    """The deletion is left out, and a warning names who goes on using the object."""
    spared, (said,) = judge(row.live, deletion, *row.changes)

    assert spared == row.changes
    assert (said.code, said.address) == ("P102", DATA)
    assert f"because {row.holders} will" in said.detail


@kept
def test_a_replacement_keeps_a_predecessor_that_is_still_used(row: Row) -> None:
    """The new object is made all the same."""
    spared, (said,) = judge(row.live, REPLACE, *row.changes)

    assert spared == [replace(REPLACE, keep_old=True), *row.changes]
    assert f"because {row.holders} will" in said.detail


@pytest.mark.parametrize("row", RELEASED_BY, ids=lambda row: row.name)
@pytest.mark.parametrize(
    "deletion", [DELETE, REPLACE, LEFTOVER], ids=["delete", "replace", "leftover"]
)
def test_what_every_holder_lets_go_of_is_deleted(row: Row, deletion: Change) -> None:
    """Nothing is left out of the plan, and nothing is said."""
    spared, said = judge(row.live, deletion, *row.changes)
    assert ([replace(each, released_by=()) for each in spared], said) == (
        [replace(each, released_by=()) for each in (deletion, *row.changes)],
        [],
    )


def test_the_order_of_the_changes_decides_nothing() -> None:
    """A holder lets go of its file, whether its change stands before or after."""
    before, after = judge([HOLDER], DROPS, DELETE), judge([HOLDER], DELETE, DROPS)
    assert before == (after[0][::-1], [])


def test_a_deletion_waits_for_whoever_holds_the_object_now() -> None:
    """Also for a holder that only a portal edit made one."""
    _, deletion = judge([HOLDER], DROPS, replace(DELETE, released_by=()))[0]
    assert deletion.released_by == (DROPS.address,)


@pytest.mark.parametrize("action", [Action.DELETE, Action.FORGET])
def test_a_leftover_that_stays_keeps_the_record_that_names_it(action: Action) -> None:
    """Without the record nobody would know the leftover any more."""
    given_up = make_change(DATA, action, "file-2")
    spared, said = judge([FOREIGN], given_up, LEFTOVER)
    assert spared == []
    assert [each.code for each in said] == ["P102"]


def test_a_leftover_that_stays_holds_up_nothing_else() -> None:
    """A replacement at its address, another leftover and other addresses go on."""
    others = [
        make_change(DATA, Action.REPLACE, "file-2"),
        make_change(DATA, Action.DELETE, "file-0", deposed=True),
        make_change(BOT, Action.DELETE, "asst_1"),
    ]
    assert judge([FOREIGN], LEFTOVER, *others)[0] == others


def test_a_leftover_goes_although_its_successor_is_in_use() -> None:
    """Each object is judged by itself."""
    old = make_change(DATA, Action.DELETE, "file-0", deposed=True)
    assert judge([FOREIGN], DELETE, old)[0] == [old]


def test_a_store_that_a_stranger_searches_stays_with_all_its_files() -> None:
    """What it holds is still in use, although the store was to be deleted in the same plan."""
    gone = make_change(STORE, Action.DELETE, "vs_1")
    spared, said = judge([HOLDING_STORE, SEARCHING], DELETE, gone)
    assert spared == []
    assert [(each.code, each.address) for each in said] == [("P102", DATA), ("P102", STORE)]


def test_a_replaced_store_that_a_stranger_searches_keeps_its_old_files() -> None:
    """The predecessor stays, and so does what is in it."""
    replaced = make_change(STORE, Action.REPLACE, "vs_1", after={"file_ids": ["file-2"]})
    spared, _ = judge([HOLDING_STORE, SEARCHING], replaced, DELETE)
    assert spared == [replace(replaced, keep_old=True)]


def test_a_leftover_store_that_stays_keeps_its_successors_files_too() -> None:
    """The record that names it stays, so the store that stands there isn't deleted either."""
    leftover = make_change(STORE, Action.DELETE, "vs_1", deposed=True)
    standing = make_change(STORE, Action.DELETE, "vs_2")
    other = replace(HOLDING_STORE, id="vs_2")
    alive = [replace(HOLDING_STORE, attributes={}), other, SEARCHING]
    assert judge(alive, leftover, standing, DELETE)[0] == []


def test_a_file_goes_with_the_leftover_store_that_held_it() -> None:
    """And waits for it."""
    leftover = make_change(STORE, Action.DELETE, "vs_1", deposed=True)
    spared, said = judge([HOLDING_STORE], leftover, DELETE)
    assert (spared, said) == ([leftover, replace(DELETE, released_by=(STORE,))], [])


def test_a_file_that_a_store_is_taking_in_is_in_use() -> None:
    """It isn't among the store's files before it is indexed."""
    taking = replace(HOLDING_STORE, attributes={}, taking_in=("file-1",))
    assert judge([taking], DELETE)[0] == []
