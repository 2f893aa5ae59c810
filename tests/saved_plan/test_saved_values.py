"""Dataclasses as JSON values: what goes in comes out, and nothing else comes in."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

from factories import BOT, REPEATABLE
from hypothesis import HealthCheck, given, settings
from plan_strategy import JSON, any_of

from provisioner.address import Address
from provisioner.operations.planning import Request
from provisioner.operations.saving import SavedPlan
from provisioner.plan import Action, Change, Plan
from provisioner.resource import Lifecycle, Resource
from provisioner.saved_plan.values import decode, encode

LARGE = settings(
    REPEATABLE,
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def returned(kind: Any, value: Any) -> Any:
    """Write a value, and read it again."""
    return decode(kind, json.loads(json.dumps(encode(value))))


@pytest.mark.parametrize("kind", [Request, Resource, Change, Plan, SavedPlan])
def test_every_field_survives(kind: Any) -> None:
    """Whatever it holds, and whatever fields there will be."""

    @LARGE
    @given(any_of(kind))
    def survives(value: Any) -> None:
        again = returned(kind, value)
        assert again == value
        # A Position's end doesn't count when positions are compared.
        assert encode(again) == encode(value)

    survives()


@REPEATABLE
@given(JSON)
def test_nobodys_data_is_taken_for_an_address(value: Any) -> None:
    """Also where it looks like one, or holds what stands for one."""
    assert returned(Any, value) == value
    assert returned(Any, {"$address": value}) == {"$address": value}


def test_an_address_is_one_again() -> None:
    """Wherever it stands among attributes."""
    assert returned(Any, {"ids": [BOT, str(BOT)]}) == {"ids": [BOT, "assistant.bot"]}
    assert encode(BOT) == {"$address": "assistant.bot"}


@pytest.mark.parametrize(
    ("kind", "data", "place"),
    [
        (Lifecycle, {"prevent_destroy": "yes"}, "$.prevent_destroy"),
        (Lifecycle, {"prevent_destroy": 1}, "$.prevent_destroy"),
        (Lifecycle, {"ignore_changes": "name"}, "$.ignore_changes"),
        (Lifecycle, {"ignore_changes": [None]}, "$.ignore_changes[0]"),
        (Lifecycle, {"forever": True}, "forever"),
        (Lifecycle, [], "$"),
        (Address, "assistant.bot", "$"),
        (Address, {"$address": "bot"}, "bot"),
        (Any, {"a": [{"$address": 5}]}, "$.a[0]"),
        (Action, "?", "?"),
        (int, True, "$"),
        (tuple[int, int], [1], "$"),
        (Resource, {"attributes": {}}, "$.address"),
    ],
)
def test_what_is_no_value_of_the_type_is_refused(kind: Any, data: Any, place: str) -> None:
    """With its place, or with what is wrong."""
    with pytest.raises(ValueError, match=re.escape(place)):
        decode(kind, data)


def test_what_is_left_out_has_its_default() -> None:
    """Files that were written before there was a field are read on."""
    assert decode(Lifecycle, {}) == Lifecycle()
