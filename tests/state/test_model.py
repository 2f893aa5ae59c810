"""The state's form on disk: what goes in comes out, and what can't be trusted is refused."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

from factories import (
    BOT,
    DATA,
    REPEATABLE,
    SERVICE,
    SHA,
    codes,
    holding,
    make_assistant,
    make_file,
    make_state,
    record,
)
from hypothesis import given
from hypothesis import strategies as st

from provisioner import __version__
from provisioner.address import Address
from provisioner.errors import StateError
from provisioner.lost_create import LostCreate
from provisioner.resource import Lifecycle, ResourceState
from provisioner.state.model import ServiceIdentity, State, dump, load

GOLDEN = Path(__file__).parent / "golden" / "state.json"


def sample() -> State:
    """Make a state with everything that a state can hold."""
    bot = make_assistant(
        **holding(DATA),
        instructions="Antworte höflich. ☃\n",
        labels={"team": "analytics"},
        lifecycle=Lifecycle(prevent_destroy=True, ignore_changes=("metadata.owner",)),
    )
    state = make_state(
        record(bot, "asst_1", {DATA: "assistant-2"}, filled={"temperature": 0.7}),
        record(make_file(), "assistant-2", deposed=("assistant-1",)),
        serial=7,
        lineage="2f1c7c3e-0000-4000-8000-000000000000",
    )
    lost = (
        LostCreate("0123456789abcdef", BOT, 1772445851.25),
        LostCreate("fedcba9876543210", DATA, 1772445852.0, "data.csv", 8, SHA),
    )
    return replace(state, lost_creates=lost)


def test_the_form_on_disk_is_as_documented() -> None:
    """The file is what its contract says, key by key and in a stable order."""
    text = dump(sample()).replace(f'_version": "{__version__}"', '_version": "VERSION"')
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_the_golden_state_can_be_read() -> None:
    """A state that was written long ago is read as it was meant."""
    assert load(GOLDEN.read_text(encoding="utf-8"), "state.json") == sample()


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
NAMES = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,6}[a-z0-9])?", fullmatch=True)
ADDRESSES = st.builds(Address, st.sampled_from(["assistant", "file"]), NAMES)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXTS, JSON, max_size=3)
IDS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,5}", fullmatch=True)
RESOURCES = st.builds(
    ResourceState,
    ADDRESSES,
    IDS,
    OBJECTS,
    st.lists(ADDRESSES, max_size=2).map(tuple),
    st.dictionaries(TEXTS, TEXTS, max_size=2),
    st.lists(IDS, max_size=2).map(tuple),
    OBJECTS,
    st.builds(Lifecycle, st.booleans(), st.lists(TEXTS, max_size=2).map(tuple)),
)
STATES = st.builds(
    State,
    TEXTS,
    st.integers(0),
    TEXTS,
    TEXTS,
    TEXTS,
    st.builds(ServiceIdentity, TEXTS, TEXTS, st.sampled_from([None, "2024-05-01-preview"])),
    st.lists(RESOURCES, max_size=3).map(lambda each: {one.address: one for one in each}),
)


@REPEATABLE
@given(STATES)
def test_a_state_survives_the_round_trip(state: State) -> None:
    """Whatever is recorded is read again as it was, and written again as it was."""
    text = dump(state)
    assert load(text, "state.json") == state
    assert dump(load(text, "state.json")) == text


def test_the_order_of_recording_does_not_show() -> None:
    """The same state is the same text."""
    one, two = (
        record(make_assistant(each), each.name) for each in (BOT, Address("assistant", "z"))
    )
    assert dump(make_state(one, two)) == dump(make_state(two, one))


def edited(**members: Any) -> str:
    """Write the golden state with other members; None takes one away."""
    document = {**json.loads(GOLDEN.read_text(encoding="utf-8")), **members}
    return json.dumps({key: each for key, each in document.items() if each is not None})


def resource(**members: Any) -> str:
    """Write a state with one resource."""
    given: dict[str, Any] = {"id": "x", "attributes": {}, **members}
    return edited(resources={"file.data": {key: each for key, each in given.items() if each != ()}})


GIVEN = json.loads(GOLDEN.read_text(encoding="utf-8"))
DAMAGED = {
    "empty": "",
    "blank": " \n",
    "truncated": GOLDEN.read_text(encoding="utf-8")[:400],
    "no JSON": "<html>",
    "no object": "[]",
    "null": "null",
    "no version": edited(version=None),
    "lost creates that are no list": edited(lost_creates={"op-1": {}}),
    "lost create without a time": edited(
        lost_creates=[{"operation_id": "op-1", "address": "assistant.bot"}]
    ),
    "lost upload without its bytes": edited(
        lost_creates=[{**GIVEN["lost_creates"][1], "sha256": None}]
    ),
    "version of another type": edited(version="1"),
    "version zero": edited(version=0),
    "no lineage": edited(lineage=None),
    "lineage null": json.dumps({**GIVEN, "lineage": None}),
    "lineage of another type": edited(lineage=7),
    "project in a list": edited(project=["demo"]),
    "environment of another type": edited(environment=7),
    "serial true": edited(serial=True),
    "provider in words": edited(provider="azure-openai"),
    "provider without endpoint": edited(provider={"type": "emulator"}),
    "API version of another type": edited(
        provider={"type": "emulator", "endpoint": "http://127.0.0.1:1", "api_version": 7}
    ),
    "no serial": edited(serial=None),
    "no provider": edited(provider=None),
    "no resources": edited(resources=None),
    "resources in a list": edited(resources=[]),
    "serial in words": edited(serial="seven"),
    "no address": edited(resources={"data": {"id": "x", "attributes": {}}}),
    "resource without id": resource(id=()),
    "resource without attributes": resource(attributes=()),
    "id of another type": resource(id=7),
    "attributes in a list": resource(attributes=[]),
    "resource in words": edited(resources={"file.data": "file-1"}),
    "deposed in words": resource(deposed="abc"),
    "deposed of another type": resource(deposed=[7]),
    "labels in a list": resource(labels=["a"]),
    "filled null": resource(filled=None),
    "lifecycle in words": resource(lifecycle="none"),
    "protection in words": resource(lifecycle={"prevent_destroy": "yes"}),
    "ignored paths in words": resource(lifecycle={"ignore_changes": "metadata"}),
    "dependencies in words": resource(dependencies="file.other"),
    "nested without an end": '{"version":1,"resources":' + "[" * 100_000,
    "dependency that is no address": resource(dependencies=["data"]),
    "conflict markers": "<<<<<<< HEAD\n" + GOLDEN.read_text(encoding="utf-8"),
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_state_is_refused_with_the_cure(text: str) -> None:
    """It is never taken for an empty one: everything would be created again."""
    with pytest.raises(StateError) as caught:
        load(text, "the/state.json")

    assert codes(caught.value) == ["S001"]
    assert "the/state.json" in caught.value.diagnostics[0].detail
    assert "Put a good copy back" in caught.value.diagnostics[0].detail


def test_a_newer_state_is_refused_not_guessed_at() -> None:
    """The cure is a newer program."""
    with pytest.raises(StateError) as caught:
        load(edited(version=2), "state.json")
    assert codes(caught.value) == ["S002"]
    assert "Update provisioner" in caught.value.diagnostics[0].detail


def test_a_kind_that_nobody_knows_is_refused() -> None:
    """A newer program has recorded it: ignoring it would lose its object."""
    state = make_state(ResourceState(Address("index", "docs"), "x_1", {}))
    with pytest.raises(StateError) as caught:
        load(dump(state), "the/state.json")

    assert codes(caught.value) == ["S002"]
    assert "the/state.json" in caught.value.diagnostics[0].detail
    assert "index.docs" in caught.value.diagnostics[0].detail


def test_what_an_older_program_did_not_write_has_its_meaning() -> None:
    """Members that came later may be missing."""
    found = load(resource(), "state.json").resources[DATA]
    assert found == ResourceState(DATA, "x", {})


def test_a_new_history_is_unlike_any_other() -> None:
    """Its lineage is its own, and nothing was written yet."""
    one, two = (State.new("demo", "u1", "test", SERVICE) for _ in range(2))
    assert one.lineage != two.lineage
    assert (one.serial, one.resources) == (0, {})
