"""Verdicts of checks, for people."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from provisioner.check import Check
from provisioner.conversations.verdict import Held, Outcome, Verdict
from provisioner.views import conversation, escape
from provisioner.views.style import Paint, painter

_WORDS = {Outcome.PASSED: "PASS", Outcome.FAILED: "FAIL", Outcome.ERROR: "ERROR"}
_ROLES = {Outcome.PASSED: "good", Outcome.FAILED: "error", Outcome.ERROR: "error"}


def render(verdicts: Sequence[Verdict], *, color: bool) -> str:
    """Show each check, those that didn't pass with their conversations, and count them."""
    paint = painter(color)
    lines = [line for each in verdicts for line in _verdict(each, paint)]
    return "\n".join([*lines, summary(verdicts)]) + "\n"


def summary(verdicts: Sequence[Verdict]) -> str:
    """Count the checks by how they have ended."""
    passed, failed, errors = (
        sum(each.outcome is outcome for each in verdicts)
        for outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.ERROR)
    )
    return f"Checks: {passed} passed, {failed} failed, {errors} could not be held."


def ended(check: Check, number: int, held: Held) -> str:
    """Tell how one conversation has ended."""
    words = {
        Outcome.PASSED: "went well",
        Outcome.FAILED: "went wrong",
        Outcome.ERROR: "could not be held",
    }
    return f"{check.name}: conversation {number} {words[held.outcome]} ({held.seconds:.1f} s)"


def _verdict(verdict: Verdict, paint: Paint) -> Iterator[str]:
    check, outcome = verdict.check, verdict.outcome
    word = paint(_ROLES[outcome], f"{_WORDS[outcome]:5}")
    yield f"{word} {check.name} ({check.assistant}, {verdict.seconds:.1f} s){_share(verdict)}"
    if outcome is Outcome.PASSED:
        return
    for number, held in enumerate(verdict.conversations, 1):
        if held.outcome is not Outcome.PASSED:
            yield from (f"  {escape.line(each)}" for each in reasons(held))
            yield f"  Conversation {number}:" if verdict.repeat > 1 else "  Conversation:"
            yield textwrap.indent(conversation.transcript(held).rstrip("\n"), "    ")


def _share(verdict: Verdict) -> str:
    if verdict.repeat == 1:
        return ""
    return (
        f": {verdict.went_well} of {verdict.repeat} conversations went well,"
        f" {verdict.at_least} must"
    )


def reasons(held: Held) -> list[str]:
    """Say in sentences why a conversation didn't go well."""
    unmet = [
        f"turn {number}: {each}" for number, turn in enumerate(held.turns, 1) for each in turn.unmet
    ]
    return [*unmet, *(f"{each.code} {each.summary}: {each.detail}" for each in held.problems)]
