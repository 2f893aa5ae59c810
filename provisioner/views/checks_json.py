"""Verdicts of checks, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from provisioner import __version__
from provisioner.conversations.produced import mime_types
from provisioner.conversations.turn import Produced
from provisioner.conversations.verdict import Held, Outcome, TurnVerdict, Verdict
from provisioner.views import diagnostics, escape

FORMAT_VERSION = "1.0"


def render(verdicts: Sequence[Verdict], project: str, environment: str) -> str:
    """Write every check with all of its conversations."""
    counts = {
        outcome.value: sum(each.outcome is outcome for each in verdicts) for outcome in Outcome
    }
    return escape.document(
        {
            "format_version": FORMAT_VERSION,
            "provisioner_version": __version__,
            "project": project,
            "environment": environment,
            "passed": counts["passed"] == len(verdicts),
            "summary": counts,
            "checks": [_check(each) for each in verdicts],
        }
    )


def _check(verdict: Verdict) -> dict[str, Any]:
    return {
        "name": verdict.check.name,
        "assistant": str(verdict.check.assistant),
        "outcome": verdict.outcome.value,
        "repeat": verdict.repeat,
        "at_least": verdict.at_least,
        "went_well": verdict.went_well,
        "seconds": _rounded(verdict.seconds),
        "conversations": [_conversation(each) for each in verdict.conversations],
    }


def _conversation(held: Held) -> dict[str, Any]:
    return {
        "outcome": held.outcome.value,
        "timed_out": held.timed_out,
        "seconds": _rounded(held.seconds),
        "turns": [_turn(each) for each in held.turns],
        "diagnostics": [diagnostics.as_value(each, {}) for each in (*held.problems, *held.left)],
    }


def _turn(verdict: TurnVerdict) -> dict[str, Any]:
    turn = verdict.turn
    return {
        "user": turn.said,
        "status": turn.status,
        "error": turn.error or None,
        "answer": turn.answer,
        "footnotes": [
            {"number": each.number, "file_id": each.file, "filename": each.name}
            for each in turn.footnotes
        ],
        "tool_calls": [
            {"name": each.name, "arguments": each.arguments, "output": each.output}
            for each in turn.calls
        ],
        "code": [{"input": each.input, "logs": list(each.logs)} for each in turn.code],
        "files": [_file(each) for each in turn.files],
        "steps": turn.steps,
        "seconds": _rounded(turn.seconds),
        "thread_id": turn.thread,
        "run_id": turn.run,
        "failures": list(verdict.unmet),
    }


def _file(produced: Produced) -> dict[str, Any]:
    return {
        "file_id": produced.file.id,
        "filename": produced.file.name,
        "type": mime_types(produced)[0],
        "bytes": len(produced.content) if produced.content is not None else None,
    }


def _rounded(seconds: float) -> float:
    return round(seconds, 3)
