"""Whether a plan is still what would be done: every resource is named, and why."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

from factories import BOT, DATA, OTHER, holding, make_change

from provisioner.plan import Action, Cause, Change, Difference
from provisioner.saved_plan.staleness import remaining, stale, touched

FORM = {"name": "bot", "model": "gpt-4o"}
CREATE = make_change(BOT, Action.CREATE)
UPDATE = make_change(BOT, Action.UPDATE, "asst_1", after={**FORM, "model": "new"})
REPLACE = make_change(DATA, Action.REPLACE, "assistant-1")
DELETE = make_change(BOT, Action.DELETE, "asst_1")
DEPOSED = make_change(BOT, Action.DELETE, "asst_0", deposed=True)
IDLE = make_change(BOT, Action.NO_OP, "asst_1")
RECORD = replace(IDLE, record=True)
ELSEWHERE = make_change(OTHER, Action.DELETE, "asst_9")


@pytest.mark.parametrize("change", [CREATE, UPDATE, REPLACE, DELETE, DEPOSED])
def test_the_same_change_is_not_stale(change: Change) -> None:
    """Whatever else would be done by now: that is left alone."""
    assert stale([change], [ELSEWHERE, change]) == []
    assert remaining([change], [ELSEWHERE, change]) == (change,)


@pytest.mark.parametrize(
    "shown",
    [
        {"reason": "somebody said so"},
        {"released_by": (OTHER,)},
        {"differences": (Difference(("model",), "gpt-4o", "new", Cause.LIVE),)},
    ],
)
def test_what_is_only_shown_or_waited_for_doesnt_count(shown: dict[str, object]) -> None:
    """The newer form of it is carried out."""
    now = replace(UPDATE, **shown)

    assert stale([UPDATE], [now]) == []
    assert remaining([UPDATE], [now]) == (now,)


def test_what_a_replaced_predecessor_was_like_doesnt_count() -> None:
    """It goes in any case."""
    assert stale([DEPOSED], [replace(DEPOSED, before={**FORM, "name": "x"})]) == []


@pytest.mark.parametrize(
    ("saved", "now", "told"),
    [
        (CREATE, [replace(UPDATE, before=FORM)], ["asst_1", "would be updated"]),
        (CREATE, [IDLE], ["asst_1 stands there now", "left as it is"]),
        (UPDATE, [CREATE], ["nothing stands there now, where asst_1 stood", "created"]),
        (UPDATE, [replace(UPDATE, before={**FORM, "name": "x"})], ["`name` changed"]),
        (UPDATE, [replace(UPDATE, before={**FORM, "temperature": 0.5})], ["`temperature`"]),
        (UPDATE, [replace(UPDATE, id="asst_2")], ["asst_2 stands there now", "asst_1"]),
        (UPDATE, [IDLE], ["`model` changed", "left as it is"]),
        (UPDATE, [replace(UPDATE, labels={"team": "b"})], ["labels"]),
        (REPLACE, [replace(REPLACE, keep_old=True)], ["keep_old"]),
        (DELETE, [], ["asst_1 would not be destroyed any more"]),
        (DELETE, [replace(DELETE, action=Action.FORGET)], ["would be forgotten"]),
        (DEPOSED, [], ["asst_0"]),
        (UPDATE, [UPDATE, DEPOSED], ["asst_0 would be destroyed by now, too"]),
        (DEPOSED, [DEPOSED, UPDATE], ["asst_1 would be updated by now, too"]),
    ],
)
def test_what_has_moved_is_named(saved: Change, now: list[Change], told: list[str]) -> None:
    """By address, id and field; one diagnostic for each object."""
    (found,) = stale([saved], now)

    assert (found.code, found.summary) == ("P058", "Saved plan is stale")
    assert found.address == saved.address
    assert [each for each in [str(saved.address), *told] if each not in found.detail] == []


def test_true_is_not_one() -> None:
    """Python takes them for equal, the service doesn't."""
    one, true = ({**FORM, "metadata": {"n": each}} for each in (1, True))

    assert stale([replace(UPDATE, before=one)], [replace(UPDATE, before=true)])
    assert remaining([replace(UPDATE, before=one)], [replace(UPDATE, before=true)]) == ()


def test_another_id_of_a_dependency_is_named() -> None:
    """It shows in what the object would become."""
    saved, now = (
        replace(UPDATE, after={**FORM, **holding(each)}) for each in (DATA, "assistant-2")
    )
    (found,) = stale([saved], [now])

    assert "`tool_resources.code_interpreter.file_ids.assistant-2`" in found.detail


def test_every_resource_is_named_at_once() -> None:
    """In the order of addresses."""
    found = stale([UPDATE, REPLACE, ELSEWHERE], [])

    assert [each.address for each in found] == [BOT, OTHER, DATA]


def test_what_is_only_recorded_makes_no_plan_stale() -> None:
    """It is recorded if that is still just what has to be recorded."""
    edited = replace(UPDATE, before={**FORM, "model": "live"})

    for now in (RECORD, IDLE, edited):
        assert stale([RECORD], [now]) == []
    assert remaining([RECORD], [RECORD]) == (RECORD,)
    assert remaining([RECORD], [edited]) == remaining([RECORD], [IDLE]) == ()
    assert touched([RECORD, IDLE]) == {BOT}
    assert touched([IDLE]) == frozenset()
