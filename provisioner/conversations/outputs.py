"""What functions answer, as a manifest says it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from provisioner.conversation import Call
from provisioner.conversations.running import Answers


def output_text(value: Any) -> str:
    """Write what a function answers: a text as it stands, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def answered_by(
    given: Mapping[str, Any], otherwise: Callable[[Call], str | None] = lambda _call: None
) -> Answers:
    """Answer calls by the functions' names; what has none is asked for, and None gives up."""

    def answers(calls: Sequence[Call]) -> dict[str, str] | None:
        outputs: dict[str, str] = {}
        for call in calls:
            known = call.name in given
            output = output_text(given[call.name]) if known else otherwise(call)
            if output is None:
                return None
            outputs[call.id] = output
        return outputs

    return answers
