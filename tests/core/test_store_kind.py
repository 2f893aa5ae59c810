"""The kind `vectorstore`: what is equal, what is an update, and what demands another store."""

from __future__ import annotations

from typing import Any

import pytest
from factories import DATA, live, record, situation

from provisioner.address import Address
from provisioner.kinds import KINDS
from provisioner.plan import Action, Change
from provisioner.planner import drift, plan
from provisioner.resource import Resource

KIND = KINDS["vectorstore"]
STORE = Address("vectorstore", "handbook")
AUTO = {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400}
SMALL = {"max_chunk_size_tokens": 400, "chunk_overlap_tokens": 100}


def static(sizes: dict[str, int]) -> dict[str, Any]:
    """Make a chunking strategy."""
    return {"type": "static", "static": sizes}


SAME: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "nulls": ({"name": None, "expires_after": None, "metadata": {}, "file_ids": []}, {}),
    "order": ({"file_ids": ["b", "a", "b"]}, {"file_ids": ["a", "b"]}),
    "auto": ({"file_ids": ["a"], "chunking_strategy": {"type": "auto"}}, {"file_ids": ["a"]}),
    "800/400": ({"file_ids": ["a"], "chunking_strategy": static(AUTO)}, {"file_ids": ["a"]}),
    "no files": ({"chunking_strategy": static(SMALL)}, {}),
    "completed": ({"status": "completed"}, {}),
    "in progress": ({"status": "in_progress"}, {}),
}


@pytest.mark.parametrize("name", SAME)
def test_what_says_nothing_is_left_out(name: str) -> None:
    """Both are one store to the service."""
    written, form = SAME[name]
    assert KIND.normal_form(written) == form


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"file_ids": ["a", DATA], "name": "n"},
        {"file_ids": ["a"], "chunking_strategy": static(SMALL), "status": "expired"},
    ],
)
def test_the_keyed_form_leads_back(form: dict[str, Any]) -> None:
    """Files are keyed by themselves."""
    assert KIND.unkeyed_form(KIND.keyed_form(form)) == KIND.normal_form(form)


def decide(wanted: dict[str, Any], applied: dict[str, Any], found: dict[str, Any]) -> Change:
    """Plan a store as wanted, where another was applied, and this is found."""
    state = record(Resource(STORE, applied), "vs_1")
    there = live(state, attributes=found)
    (change,) = plan(situation([Resource(STORE, wanted)], [state], [there])).changes
    return change


FILES = {"name": "Handbook", "file_ids": ["a", "b"]}


@pytest.mark.parametrize(
    "wanted",
    [
        {**FILES, "file_ids": ["a"]},
        {**FILES, "file_ids": ["a", "b", "c"]},
        {"name": "Handbook"},
        {**FILES, "name": "Other"},
        {**FILES, "metadata": {"a": "1"}},
        {**FILES, "expires_after": {"anchor": "last_active_at", "days": 1}},
    ],
)
def test_a_store_is_never_remade_for_what_it_can_change(wanted: dict[str, Any]) -> None:
    """Name, expiry, metadata, and which files it has."""
    assert decide(wanted, FILES, {}).action is Action.UPDATE


def test_each_file_is_a_difference_of_its_own() -> None:
    """Also the first and the last one."""
    change = decide({"name": "Handbook", "file_ids": ["b", "c"]}, FILES, {})
    assert [(each.path, each.before, each.after) for each in change.differences] == [
        (("file_ids", "a"), "a", None),
        (("file_ids", "c"), None, "c"),
    ]


def test_another_chunking_demands_another_store() -> None:
    """A file is cut up once; taken out and in again it would be missing meanwhile."""
    change = decide({**FILES, "chunking_strategy": static(SMALL)}, FILES, {})
    assert (change.action, change.reason) == (Action.REPLACE, None)


@pytest.mark.parametrize(("before", "after"), [([], ["a"]), (["a"], [])])
def test_a_store_without_files_takes_any_chunking(before: list[str], after: list[str]) -> None:
    """Nothing in it is cut up, or nothing will be."""
    small = {"chunking_strategy": static(SMALL)}
    wanted, applied = {"file_ids": after, **small}, {"file_ids": before, **small}
    assert decide(wanted, applied, {}).action is Action.UPDATE


def test_an_expired_store_is_replaced() -> None:
    """Nobody can search it, and nothing revives it."""
    change = decide(FILES, FILES, {"status": "expired"})
    assert (change.action, change.reason) == (Action.REPLACE, "it has expired")


def test_an_expired_store_is_drift() -> None:
    """It was usable when it was applied."""
    state = record(Resource(STORE, FILES), "vs_1")
    (found,) = drift(situation([], [state], [live(state, attributes={"status": "expired"})]))
    assert [each.path for each in found.differences] == [("status",)]
