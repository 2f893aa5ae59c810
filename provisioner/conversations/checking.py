"""Checking: the conversations of checks, all at the same time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeAlias

from provisioner.check import Check
from provisioner.conversations.expectations import unmet
from provisioner.conversations.outputs import answered_by
from provisioner.conversations.patience import EndedError, Patience
from provisioner.conversations.thread import Conversation, conversation
from provisioner.conversations.traces import Leftovers
from provisioner.conversations.troubles import ended, left_over, named
from provisioner.conversations.verdict import Held, TurnVerdict, Verdict, repeat
from provisioner.diagnostics import Diagnostic
from provisioner.errors import ProvisionerError
from provisioner.halt import Reason
from provisioner.providers.talk import Talk

TIMEOUT_SECONDS = 600.0
"""How long a conversation may take where its check doesn't say."""
MOST_AT_ONCE = 64
"""How many conversations are held at the same time: as many as requests may be under way."""

Told: TypeAlias = Callable[[Check, int, Held], None]
"""Told of each conversation that has ended, and which one of its check it was, from 1 on; from any
thread."""


@dataclass(frozen=True, slots=True)
class Partner:
    """Whom a check talks to."""

    id: str | None
    problem: Diagnostic | None = None
    """Why there is nobody."""


def hold(
    talk: Talk,
    checks: Sequence[tuple[Check, Partner]],
    patience: Patience,
    told: Told = lambda _check, _number, _held: None,
) -> list[Verdict]:
    """Hold every conversation of these checks; gives their verdicts in the same order."""
    total = sum(repeat(check) for check, _ in checks)
    with ThreadPoolExecutor(max(1, min(MOST_AT_ONCE, total))) as pool:
        held: list[list[Future[Held]]] = [
            [
                pool.submit(_one, talk, check, partner, patience, number, told)
                for number in range(1, repeat(check) + 1)
            ]
            for check, partner in checks
        ]
        return [
            Verdict(check, tuple(each.result() for each in futures))
            for (check, _), futures in zip(checks, held, strict=True)
        ]


def _one(
    talk: Talk, check: Check, partner: Partner, patience: Patience, number: int, told: Told
) -> Held:
    began = time.monotonic()
    turns: list[TurnVerdict] = []
    left: list[Diagnostic] = []
    problems: tuple[Diagnostic, ...] = ()
    timed_out = False
    try:
        _hold(talk, check, partner, patience, turns, left)
    except EndedError as why:
        timed_out = why.reason is Reason.TIMED_OUT
        problems = (ended(check.assistant, why.reason, _timeout(check)),)
    except ProvisionerError as trouble:
        problems = named(trouble, check.assistant)
    seconds = time.monotonic() - began
    held = Held(tuple(turns), problems, timed_out, seconds, tuple(left))
    told(check, number, held)
    return held


def _hold(
    talk: Talk,
    check: Check,
    partner: Partner,
    patience: Patience,
    turns: list[TurnVerdict],
    left: list[Diagnostic],
) -> None:
    if partner.id is None:
        raise ProvisionerError(*([partner.problem] if partner.problem else []))
    until = time.monotonic() + _timeout(check)

    def leaves(leftovers: Leftovers) -> None:
        left.append(left_over(leftovers, check.assistant))

    with conversation(talk, partner.id, patience, until, leaves) as held:
        for each in check.spec["turns"]:
            turns.append(_turn(held, each))
            if turns[-1].unmet:
                return


def _turn(held: Conversation, written: Mapping[str, Any]) -> TurnVerdict:
    """Say what a turn says, and hold what comes of it against what must."""
    expected = written.get("expect", {})
    answers = answered_by(written.get("tool_outputs", {}))
    turn = held.turn(written["user"], answers, download="files" in expected)
    return TurnVerdict(turn, tuple(unmet(expected, turn)))


def _timeout(check: Check) -> float:
    return float(check.spec.get("timeout_seconds", TIMEOUT_SECONDS))
