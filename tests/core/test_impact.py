"""What a plan means to those who talk to the assistants."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from factories import BOT, DATA, OTHER, SHA, holding, make_assistant, make_file

from provisioner.impact import impact, replaced, severity
from provisioner.kinds import KINDS
from provisioner.plan import Action, Change, ChangeSeverity, Difference, Plan

COSMETIC, BEHAVIOURAL, CAPABILITY = ChangeSeverity


def plan(*changes: Change) -> Plan:
    """Make a plan of these changes."""
    made = datetime(2026, 3, 1, tzinfo=timezone.utc)
    return Plan(changes, (), (), "p", "e", "https://x", "lineage", 1, made)


def update(path: tuple[str | int, ...], before: Any, after: Any) -> Change:
    """Make the update of an assistant that differs at one path."""
    found = (Difference(path, before, after),)
    return Change(BOT, Action.UPDATE, "asst_1", {}, {}, found)


@pytest.mark.parametrize(
    ("path", "before", "after", "expected"),
    [
        (("name",), "a", "b", COSMETIC),
        (("description",), None, "b", COSMETIC),
        (("metadata", "owner"), "a", "b", COSMETIC),
        (("instructions",), "Be  brief.\n", "Be brief.", COSMETIC),
        (("instructions",), "Be brief.", "Be clear.", BEHAVIOURAL),
        (("instructions",), None, "Be clear.", BEHAVIOURAL),
        (("instructions",), "now here", "nowhere", BEHAVIOURAL),
        (("model",), "a", "b", BEHAVIOURAL),
        (("temperature",), 0.2, 1, BEHAVIOURAL),
        (("response_format",), "auto", {"type": "json_object"}, BEHAVIOURAL),
        (("tools", "function f", "function", "description"), "a", "b", BEHAVIOURAL),
        (("tools", "function f"), None, {"type": "function"}, CAPABILITY),
        (("tools",), None, {"code_interpreter": {}}, CAPABILITY),
        (("tool_resources", "code_interpreter", "file_ids", "a"), None, "a", CAPABILITY),
    ],
)
def test_each_difference_of_an_assistant_has_a_severity(
    path: tuple[str | int, ...], before: Any, after: Any, expected: ChangeSeverity
) -> None:
    """What only people see is cosmetic; what can be done is a capability; the rest behaves."""
    assert severity(update(path, before, after)) is expected


@pytest.mark.parametrize(
    ("kind", "path", "expected"),
    [
        ("file", ("sha256",), BEHAVIOURAL),
        ("file", ("filename",), BEHAVIOURAL),
        ("file", ("purpose",), COSMETIC),
        ("vectorstore", ("name",), COSMETIC),
        ("vectorstore", ("metadata", "owner"), COSMETIC),
        ("vectorstore", ("file_ids", "assistant-1"), CAPABILITY),
        ("vectorstore", ("expires_after", "days"), BEHAVIOURAL),
    ],
)
def test_differences_of_other_kinds_have_one_too(
    kind: str, path: tuple[str, ...], expected: ChangeSeverity
) -> None:
    """Files and stores are rated by what an assistant can find in them."""
    assert KINDS[kind].severity(Difference(path, "a", "b")) is expected


def test_the_most_severe_difference_counts() -> None:
    """One new tool makes a change of names a change of capability."""
    found = (Difference(("name",), "a", "b"), Difference(("tools", "file_search"), None, {}))
    assert severity(Change(BOT, Action.UPDATE, "asst_1", {}, {}, found)) is CAPABILITY


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (Change(BOT, Action.CREATE, None, None, {}), CAPABILITY),
        (Change(BOT, Action.DELETE, "asst_1", {}, None), CAPABILITY),
        (Change(BOT, Action.DELETE, "asst_1", {}, None, deposed=True), COSMETIC),
        (Change(BOT, Action.UPDATE, "asst_1", {}, {}), COSMETIC),
        (Change(BOT, Action.NO_OP, "asst_1", {}, {}, previous_address=OTHER), COSMETIC),
        (Change(BOT, Action.FORGET, "asst_1", {}, None), None),
        (Change(BOT, Action.NO_OP, "asst_1", {}, {}), None),
    ],
)
def test_changes_without_differences_are_rated_by_their_action(
    change: Change, expected: ChangeSeverity | None
) -> None:
    """What nothing is sent for has no severity."""
    assert severity(change) is expected


def test_a_holder_of_a_replaced_file_can_do_what_it_could() -> None:
    """That it refers to the new object is no other capability; another file is one."""
    path = ("tool_resources", "code_interpreter", "file_ids")
    new = Change(DATA, Action.REPLACE, "file-1", {}, {}, (Difference(("sha256",), "a", "b"),))
    found = (Difference((*path, "file-1"), "file-1", None), Difference((*path, "x"), None, DATA))
    bot = Change(BOT, Action.UPDATE, "asst_1", {}, {}, found)
    assert severity(bot, replaced(plan(new, bot))) is BEHAVIOURAL
    assert severity(bot, replaced(plan(bot))) is CAPABILITY


def test_an_assistant_changes_behaviour_with_its_files() -> None:
    """New bytes reach an assistant through a vector store, though nothing else of it changes."""
    file = make_file()
    found = (Difference(("sha256",), SHA, "b" * 64),)
    replaced = Change(DATA, Action.REPLACE, "file-1", file.attributes, file.attributes, found)
    store = type(BOT)("vectorstore", "handbook")
    held = Change(store, Action.NO_OP, "vs_1", {}, {}, depends_on=(DATA,))
    bot = Change(BOT, Action.NO_OP, "asst_1", {}, {}, depends_on=(store,))
    other = Change(OTHER, Action.NO_OP, "asst_2", {}, {})
    measured = impact(plan(bot, other, replaced, held))
    assert measured.behaviour == (BOT,)
    assert (measured.uploads, measured.upload_bytes) == ((DATA,), 8)


def test_a_cosmetic_change_of_a_store_reaches_nobody() -> None:
    """Renaming a store is noticed by no assistant."""
    store = type(BOT)("vectorstore", "handbook")
    renamed = Change(store, Action.UPDATE, "vs_1", {}, {}, (Difference(("name",), "a", "b"),))
    bot = Change(BOT, Action.NO_OP, "asst_1", {}, {}, depends_on=(store,))
    assert impact(plan(renamed, bot)).behaviour == ()


def test_tools_that_come_and_go_are_named() -> None:
    """Both sides are compared by type and function name, not by places."""
    function = {"type": "function", "function": {"name": "get_weather"}}
    before = make_assistant(**holding()).attributes
    after = make_assistant(tools=[function]).attributes
    found = (Difference(("tools", "code_interpreter"), {}, None),)
    measured = impact(plan(Change(BOT, Action.UPDATE, "asst_1", before, after, found)))
    assert measured.tools_gained == {BOT: ("function get_weather",)}
    assert measured.tools_lost == {BOT: ("code_interpreter",)}


def test_assistants_that_come_and_go_are_not_said_to_change() -> None:
    """A new assistant neither gains a tool nor answers otherwise: nobody knows it yet."""
    attributes = make_assistant(**holding()).attributes
    made = Change(BOT, Action.CREATE, None, None, attributes)
    gone = Change(OTHER, Action.DELETE, "asst_2", attributes, None)
    measured = impact(plan(made, gone))
    assert (measured.made, measured.gone) == ((BOT,), (OTHER,))
    assert (measured.behaviour, measured.tools_gained, measured.tools_lost) == ((), {}, {})
