"""No format of a plan or an apply lets a text out that controls a terminal or a pipeline."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import click
import pytest
from hostile_plans import TEXTS, harms, hostile_plan

from provisioner.address import Address
from provisioner.diagnostics import error
from provisioner.events import Event, Failed, Operation, Started, Succeeded
from provisioner.plan import Plan
from provisioner.views import (
    diagnostics,
    drift_json,
    drift_text,
    events,
    markdown,
    ndjson,
    ndjson_events,
    plan_html,
    plan_json,
    plan_text,
)

BOT = Address("assistant", "bot")
EVENTS: list[Event] = [
    event
    for text in TEXTS
    for event in (
        Started(BOT, Operation.UPDATE, text),
        Started(BOT, Operation.DELETE, text, deposed=True),
        Succeeded(BOT, Operation.UPDATE, text, 1),
        Failed(BOT, Operation.UPDATE, text, 1, (error("R001", text, f"{text}\n{text}"),)),
    )
]


def _lines(plan: Plan) -> str:
    now = datetime.now(timezone.utc)
    told = [*ndjson.planned(plan), *(ndjson.diagnostic(each) for each in plan.warnings)]
    told += [message for event in EVENTS for message in ndjson_events.messages(event)]
    told += [ndjson.trouble(text) for text in TEXTS]
    return "".join(ndjson.line(each, now) for each in told)


def _apply(_plan: Plan) -> str:
    told = [events.line(each, color=True) for each in EVENTS]
    return "\n".join([*told, events.summary(EVENTS, destroy=False, again="provisioner apply")])


FORMATS: dict[str, Callable[[Plan], str]] = {
    "text": lambda plan: plan_text.render(plan, color=False),
    "coloured text": lambda plan: plan_text.render(plan, color=True),
    "warnings": lambda plan: diagnostics.text(plan.warnings, color=False),
    "drift": lambda plan: drift_text.render(plan, color=False),
    "drift for programs": drift_json.render,
    "json": plan_json.render,
    "ndjson": _lines,
    "markdown": markdown.render,
    "html": plan_html.render,
    "apply": _apply,
}


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_lets_out_what_harms(form: str) -> None:
    """Neither escape sequences nor turned text nor workflow commands, on any line."""
    assert not harms(click.unstyle(FORMATS[form](hostile_plan(*TEXTS))))
