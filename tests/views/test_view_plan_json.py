"""A plan for programs: Terraform's shape, held by a schema and golden files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from view_samples import PLANS, SALES, assistant, change, plan, replace_file, update

from provisioner.plan import Action, Change
from provisioner.views import plan_json

Golden = Callable[[str, str], None]
SCHEMA = json.loads((Path(__file__).parent / "plan.schema.json").read_text(encoding="utf-8"))


def changed(made: Change) -> dict[str, Any]:
    """Give the `change` of one resource change."""
    value: dict[str, Any] = plan_json.resource_change(made, None)["change"]
    return value


@pytest.mark.parametrize("name", PLANS)
def test_plans_follow_the_schema(name: str) -> None:
    """Every plan among the samples is valid."""
    Draft202012Validator(SCHEMA).validate(json.loads(plan_json.render(PLANS[name])))


@pytest.mark.parametrize(
    "name", ["create", "replace", "destroy", "drift", "moved", "imported", "stores"]
)
def test_plans_are_written_as_before(name: str, golden: Golden) -> None:
    """The written form stays what programs were made for."""
    golden(f"plan-{name}.json", plan_json.render(PLANS[name]))


def test_unknown_ids_are_left_out_and_marked() -> None:
    """An id to come is null in its list and true at the same place of after_unknown."""
    after = {"tool_resources": {"code_interpreter": {"file_ids": ["assistant-A1b2C3", SALES]}}}
    value = changed(update({}, after))
    assert value["after"]["tool_resources"]["code_interpreter"]["file_ids"] == [
        "assistant-A1b2C3",
        None,
    ]
    assert value["after_unknown"] == {
        "tool_resources": {"code_interpreter": {"file_ids": [False, True]}}
    }


def test_an_unknown_value_in_a_mapping_is_absent() -> None:
    """In a mapping an id to come leaves no key behind."""
    value = changed(update({}, {"metadata": {"a": "1", "file": SALES}}))
    assert value["after"]["metadata"] == {"a": "1"}
    assert value["after_unknown"] == {"metadata": {"file": True}}


def test_ids_stand_beside_the_attributes() -> None:
    """The id of a new object is unknown; that of a live one is known on both sides."""
    made, replaced, updated = (
        changed(each)
        for each in (change(Action.CREATE, after=assistant()), replace_file(), update({}, {}))
    )
    assert made["after_unknown"] == replaced["after_unknown"] == {"id": True}
    assert "id" not in made["after"]
    assert replaced["before"]["id"] == "assistant-A1b2C3"
    assert "id" not in replaced["after"]
    assert updated["before"]["id"] == updated["after"]["id"] == "asst_7Kd2"


def test_a_forgotten_object_has_no_after() -> None:
    """What is no longer managed has a before only."""
    value = changed(change(Action.FORGET, assistant()))
    assert (value["actions"], value["after"], value["after_sensitive"]) == (["forget"], None, False)


def test_reasons_and_deposed_ids_are_given_where_there_are_any() -> None:
    """Keys without meaning for a change are left out."""
    plain = plan_json.resource_change(update({}, {}), None)
    assert "action_reason" not in plain
    assert "deposed" not in plain
    told = change(Action.DELETE, assistant(), reason="as requested", deposed=True)
    assert "action_reason" not in plan_json.resource_change(told, None)
    gone = change(Action.DELETE, assistant())
    reason = plan_json.resource_change(gone, None)["action_reason"]
    assert reason == "delete_because_no_resource_config"
    assert plan_json.resource_change(told, None)["deposed"] == "asst_7Kd2"


def test_what_only_changes_its_address_is_a_no_op_with_the_former_one() -> None:
    """As in Terraform; so is an import that changes nothing."""
    moved, _ = PLANS["moved"].changes
    document = plan_json.resource_change(moved, None)

    assert document["previous_address"] == "assistant.former"
    assert document["change"]["actions"] == ["no-op"]
    same, differing, _ = (changed(each) for each in PLANS["imported"].changes)
    assert (same["actions"], same["importing"]) == (["no-op"], {"id": "asst_7Kd2"})
    assert (differing["actions"], differing["importing"]) == (["update"], {"id": "asst_9"})


def test_a_no_op_is_the_same_before_and_after() -> None:
    """What doesn't change is listed, as Terraform does."""
    value = changed(change(Action.NO_OP, assistant()))
    assert value["actions"] == ["no-op"]
    assert value["before"] == value["after"]


def test_the_timestamp_is_utc() -> None:
    """The plan's moment is written in universal time."""
    written = json.loads(plan_json.render(plan()))
    assert written["timestamp"] == "2026-03-01T12:30:00Z"
    assert written["applyable"] is False


def test_the_order_of_keys_does_not_matter() -> None:
    """Equal plans are written alike."""
    turned = dict(reversed(assistant().items()))
    texts = [
        plan_json.render(plan(change(Action.CREATE, after=each))) for each in (assistant(), turned)
    ]
    assert texts[0] == texts[1]


def test_the_document_is_safe_to_print() -> None:
    """Control characters are escaped as JSON does, and read back as they were."""
    text = plan_json.render(plan(change(Action.CREATE, after={"name": "\x9b\u202e\x7f"})))
    assert "\\u009b\\u202e\\u007f" in text
    assert json.loads(text)["resource_changes"][0]["change"]["after"]["name"] == "\x9b\u202e\x7f"
