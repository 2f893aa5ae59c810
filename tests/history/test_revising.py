"""Which applies have ended well, and so are revisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone

import pytest
from factories import BOT, DATA, OTHER, make_change

from provisioner.diagnostics import error
from provisioner.events import Event, Failed, Operation, Skipped, Started, Succeeded
from provisioner.operations.revising import ended_well
from provisioner.plan import Action, Plan

TROUBLE = (error("R003", "Service kept something else than it was sent", "…"),)
DONE = [Succeeded(each, Operation.CREATE, "id", 0.1) for each in (BOT, OTHER)]
BEGUN = Started(OTHER, Operation.CREATE, None)


def plan(*changes: Action) -> Plan:
    """Make a plan with these changes."""
    made = [
        make_change(address, action)
        for action, address in zip(changes, (BOT, OTHER, DATA), strict=False)
    ]
    now = datetime(2026, 1, 1, tzinfo=timezone.utc)
    return Plan(tuple(made), (), (), "demo", "test", "https://contoso.example", "l", 1, now)


@pytest.mark.parametrize(
    ("happened", "well"),
    [
        (DONE, True),
        ([BEGUN, *DONE], True),
        (DONE[:1], False),
        ([*DONE[:1], BEGUN], False),
        ([*DONE[:1], Failed(OTHER, Operation.CREATE, None, 0.1, TROUBLE)], False),
        ([*DONE[:1], Skipped(OTHER, Operation.CREATE, None, BOT)], False),
        ([*DONE[:1], Succeeded(OTHER, Operation.CREATE, "id", 0.1, diagnostics=TROUBLE)], False),
    ],
)
def test_every_step_has_to_be_done_as_it_was_sent(happened: Sequence[Event], *, well: bool) -> None:
    """What failed, was skipped, is under way or came out otherwise ends none."""
    assert ended_well(plan(Action.CREATE, Action.CREATE, Action.NO_OP), happened) is well


def test_nothing_to_do_ends_well() -> None:
    """There is no step that could fail."""
    assert ended_well(plan(Action.NO_OP), [])
