"""Lines of JSON: Terraform's messages, held by a schema and golden files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from view_samples import ANALYST, HANDBOOK, PLANS, SALES, assistant, change, plan, replace_file

from provisioner.diagnostics import Position, error, warning
from provisioner.events import Event, Failed, Operation, Progressed, Skipped, Started, Succeeded
from provisioner.plan import Action, Cause
from provisioner.resource import ResourceState
from provisioner.source import Source
from provisioner.views import ndjson, ndjson_events

Golden = Callable[[str, str], None]
SCHEMA = json.loads((Path(__file__).parent / "ndjson.schema.json").read_text(encoding="utf-8"))
NOON = datetime(2026, 3, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))
RECORDED = [
    ResourceState(ANALYST, "asst_7Kd2", assistant()),
    ResourceState(SALES, "assistant-A1b2C3", {}),
]
BUSY = error("R004", "Busy", "Wait a minute.")
EVENTS: list[Event] = [
    Started(SALES, Operation.CREATE, None),
    Started(HANDBOOK, Operation.DELETE, "vs_0", deposed=True),
    Progressed(HANDBOOK, Operation.CREATE, None, 5.2, 3, 10),
    Succeeded(SALES, Operation.CREATE, "assistant-A1b2C3", 2.4),
    Succeeded(ANALYST, Operation.UPDATE, "asst_7Kd2", 0.4, diagnostics=(BUSY,)),
    Succeeded(ANALYST, Operation.MOVE, "asst_7Kd2", 0),
    Succeeded(ANALYST, Operation.IMPORT, "asst_7Kd2", 0, imported=True),
    Succeeded(ANALYST, Operation.FORGET, "asst_7Kd2", 0),
    Failed(HANDBOOK, Operation.CREATE, None, 61, (BUSY,)),
    Skipped(ANALYST, Operation.UPDATE, "asst_7Kd2", HANDBOOK),
]


def written(messages: Iterable[ndjson.Message]) -> str:
    """Write messages as a command does, all at one moment."""
    return "".join(ndjson.line(each, NOON) for each in messages)


def read(text: str) -> list[dict[str, Any]]:
    """Read lines; each has to follow the schema."""
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines:
        Draft202012Validator(SCHEMA).validate(line)
    return lines


def changes(*made: Any, **overrides: Any) -> list[dict[str, Any]]:
    """Give the `change` of each planned change."""
    lines = read(written(ndjson.planned(plan(*made, **overrides))))
    return [line["change"] for line in lines if line["type"] == "planned_change"]


@pytest.mark.parametrize("name", PLANS)
def test_plans_follow_the_schema_and_are_written_as_before(name: str, golden: Golden) -> None:
    """The lines of every plan among the samples are those that programs were made for."""
    text = written(ndjson.planned(PLANS[name]))
    read(text)
    golden(f"plan-{name}.ndjson", text)


def test_an_apply_is_written_as_before(golden: Golden) -> None:
    """So are the lines of an apply, from the refresh to the outputs."""
    text = written(
        [
            *(ndjson.refresh_start(each) for each in RECORDED),
            *(ndjson.refresh_complete(each) for each in RECORDED),
            *(message for event in EVENTS for message in ndjson_events.messages(event)),
            ndjson.applied(EVENTS, destroy=False),
            ndjson.outputs(RECORDED),
        ]
    )
    read(text)
    golden("apply.ndjson", text)


def test_every_line_is_stamped_in_utc() -> None:
    """A line has level, message, module and moment before anything else."""
    line = ndjson.line(ndjson.version(), NOON)
    [first] = read(line)
    assert list(first)[:5] == ["@level", "@message", "@module", "@timestamp", "type"]
    assert first["@timestamp"] == "2026-03-01T12:30:00.000000Z"
    assert line.endswith("}\n")


def test_drift_comes_first_and_the_sum_last() -> None:
    """As in Terraform: what was found, what is planned, how much that is."""
    lines = read(written(ndjson.planned(PLANS["drift"])))
    assert [line["type"] for line in lines] == [
        "resource_drift",
        "resource_drift",
        "planned_change",
        "planned_change",
        "change_summary",
    ]
    assert [line["change"]["action"] for line in lines[:4]] == [
        "update",
        "delete",
        "update",
        "create",
    ]
    assert all("reason" not in line["change"] for line in lines[:2])
    assert lines[-1]["changes"] == {
        "add": 1,
        "change": 1,
        "import": 0,
        "remove": 0,
        "operation": "plan",
    }


def test_what_does_not_change_has_no_line() -> None:
    """A plan without changes is its sum."""
    [line] = read(written(ndjson.planned(plan(change(Action.NO_OP, assistant(), assistant())))))
    assert line["type"] == "change_summary"
    assert line["@message"].startswith("No changes.")


def test_actions_and_reasons_are_terraforms_words() -> None:
    """A replacement says why; what is forgotten is removed; what is deposed says which."""
    replaced, forgotten, deleted, deposed = changes(
        replace_file(),
        change(Action.FORGET, assistant()),
        change(Action.DELETE, assistant()),
        change(Action.DELETE, assistant(), deposed=True),
    )
    assert (replaced["action"], replaced["reason"]) == ("replace", "cannot_update")
    assert forgotten["action"] == "remove"
    assert deleted["reason"] == "delete_because_no_resource_config"
    assert (deposed["action"], deposed["deposed"]) == ("delete", "asst_7Kd2")


def test_renames_and_imports_are_actions_where_nothing_else_happens() -> None:
    """Otherwise the action says what happens, and the rename or import stands beside it."""
    moved, _ = changes(*PLANS["moved"].changes)
    assert (moved["action"], moved["previous_resource"]["addr"]) == ("move", "assistant.former")
    same, differing, renamed = changes(*PLANS["imported"].changes)
    assert (same["action"], same["importing"]) == ("import", {"id": "asst_7Kd2"})
    assert (differing["action"], differing["importing"]) == ("update", {"id": "asst_9"})
    assert (renamed["action"], renamed["previous_resource"]["resource_name"]) == (
        "update",
        "former",
    )


def test_a_change_says_what_it_means_and_who_made_it_so() -> None:
    """Beyond Terraform: the severity, and each path with its cause; values have no place here."""
    made = change(Action.UPDATE, assistant(temperature=0.9), assistant(temperature=0.1))
    told = replace(
        made, differences=tuple(replace(each, cause=Cause.LIVE) for each in made.differences)
    )
    [value] = changes(told)
    assert value["severity"] == "behavioural"
    assert value["differences"] == [{"path": "temperature", "cause": "live"}]


def test_a_failure_is_followed_by_its_diagnostics() -> None:
    """They name the resource, whether they did before or not."""
    errored, told = read(written(ndjson_events.messages(EVENTS[-2])))
    assert errored["@message"] == "vectorstore.handbook: Creation failed after 1m1s"
    assert errored["hook"]["elapsed_seconds"] == 61
    assert (told["type"], told["@level"]) == ("diagnostic", "error")
    assert told["@message"] == "Error: Busy"
    assert told["diagnostic"]["address"] == "vectorstore.handbook"


def test_what_is_skipped_is_named_by_the_sum() -> None:
    """Terraform has no message for it."""
    assert not list(ndjson_events.messages(EVENTS[-1]))
    [line] = read(written([ndjson.applied(EVENTS, destroy=True)]))
    assert line["failed"] == ["vectorstore.handbook"]
    assert line["skipped"] == ["assistant.analyst"]
    assert line["changes"]["operation"] == "destroy"
    assert "\n" not in line["@message"]


def test_a_diagnostic_has_its_place() -> None:
    """It has the members of `validate --format json`."""
    sources = {"a.yaml": Source.of("spec:\n  temprature: 0.2\n")}
    told = warning("M101", "Unknown field", "Mend it.", Position("a.yaml", 2, 3, (2, 13)))
    [line] = read(written([ndjson.diagnostic(told, sources)]))
    assert (line["@level"], line["@message"]) == ("warn", "Warning: Unknown field")
    assert line["diagnostic"]["code"] == "M101"
    assert line["diagnostic"]["range"]["start"] == {"line": 2, "column": 3, "byte": 8}
    assert line["diagnostic"]["snippet"]["code"] == "  temprature: 0.2"


def test_no_string_breaks_a_line() -> None:
    """What some readers take for the end of a line, and what controls a terminal, is escaped."""
    hostile = "\n\r\u2028\u2029\x85\x1b[2J\u202e::error::x ##vso[task.x]\ud800"
    made = change(Action.UPDATE, assistant(), assistant(metadata={hostile: "1"}), id=hostile)
    text = written(
        [*ndjson.planned(plan(made, drift=(made,))), ndjson.trouble(hostile)],
    )
    assert text.isascii()
    assert len(text.splitlines()) == 4
    assert "##" not in text
    assert read(text)[0]["change"]["differences"][-1]["path"] == f"metadata.{hostile}"
