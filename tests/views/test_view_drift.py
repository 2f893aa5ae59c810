"""Drift, for people and programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from jsonschema import Draft202012Validator
from view_samples import PLANS, plan

from provisioner.views import drift_json, drift_text, plan_json

Golden = Callable[[str, str], None]
SCHEMAS = json.loads((Path(__file__).parent / "machine.schema.json").read_text(encoding="utf-8"))


def test_drift_reads_as_it_should(golden: Golden) -> None:
    """Drift is shown without what apply would do about it."""
    golden("drift.txt", drift_text.render(PLANS["drift"], color=False))


def test_drift_is_counted() -> None:
    """The last line counts what changed and what is gone."""
    text = drift_text.render(PLANS["drift"], color=False)
    assert text.endswith("\n\nDrift: 1 changed, 1 deleted.\n")


def test_no_drift_is_said() -> None:
    """Without drift there is one sentence."""
    assert drift_text.render(plan(), color=False).endswith(
        "\n\nNo drift. Live objects are as last applied.\n"
    )


def test_drift_json_holds_what_the_plan_holds(golden: Golden) -> None:
    """Programs find drift in the form that they know from the plan."""
    text = drift_json.render(PLANS["drift"])
    value = json.loads(text)
    Draft202012Validator({**SCHEMAS, "$ref": "#/$defs/drift"}).validate(value)
    planned = json.loads(plan_json.render(PLANS["drift"]))
    assert value["resource_drift"] == planned["resource_drift"]
    golden("drift.json", text)
