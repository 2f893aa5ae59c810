"""Expectations: what must come of a turn, held against what came of it.

Pure functions: each gives sentences that say what is not as it must be, and none where all is well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from provisioner.conversation import COMPLETED, Call
from provisioner.conversations.json_answer import trouble
from provisioner.conversations.produced import mime_types
from provisioner.conversations.turn import Produced, Turn
from provisioner.json_reading import read_json

SHOWN = 200
"""How many characters of an expected text are repeated."""


def unmet(expected: Mapping[str, Any], turn: Turn) -> list[str]:
    """Say in sentences what of `expect` doesn't hold of a turn; left out, a completed run."""
    return [
        *_status(expected.get("status", COMPLETED), turn),
        *_texts(expected, turn.answer),
        *_patterns(_list(expected.get("matches", ())), turn.answer),
        *_json(expected, turn.raw),
        *(each for files in expected.get("files", ()) for each in _files(files, turn.files)),
        *_calls(expected.get("tool_calls", ()), turn.calls),
        *_limits(expected, turn),
    ]


def _status(status: str, turn: Turn) -> Iterator[str]:
    if turn.status != status:
        why = f" ({turn.error})" if turn.error else ""
        yield f"status is {turn.status}{why}, expected {status}"


def _texts(expected: Mapping[str, Any], answer: str) -> Iterator[str]:
    for each in _list(expected.get("contains", ())):
        if each not in answer:
            yield f"answer doesn't contain {_shown(each)}"
    for each in _list(expected.get("not_contains", ())):
        if each in answer:
            yield f"answer contains {_shown(each)}"


def _patterns(patterns: Sequence[str], answer: str) -> Iterator[str]:
    for each in patterns:
        if not re.search(each, answer):
            yield f"nothing in the answer matches {_shown(each)}"


def _json(expected: Mapping[str, Any], raw: str) -> Iterator[str]:
    if "json_schema" in expected and (found := trouble(raw, expected["json_schema"])):
        yield found


def _files(expected: Mapping[str, Any], files: Sequence[Produced]) -> Iterator[str]:
    wanted, least, size = (expected.get(key) for key in ("type", "min", "min_bytes"))
    least, size = least or 1, size or 1
    typed = [each for each in files if wanted is None or wanted in mime_types(each)]
    fitting = [each for each in typed if len(each.content or b"") >= size]
    if len(fitting) < least:
        of = f" of type {wanted}" if wanted else ""
        large = f" with at least {size} bytes" if size > 1 else ""
        found = ", ".join(_described(each) for each in files) or "none"
        yield f"{len(fitting)} files{of}{large}, expected at least {least}; produced: {found}"


def _described(file: Produced) -> str:
    size = "not to be had" if file.content is None else f"{len(file.content)} bytes"
    return f"{file.file.name or file.file.id} ({mime_types(file)[0]}, {size})"


def _calls(expected: Sequence[Mapping[str, Any]], made: Sequence[Call]) -> Iterator[str]:
    for each in expected:
        wanted = each.get("arguments", {})
        named = [call for call in made if call.name == each["name"]]
        if not any(not wanted or is_part(wanted, _read(call)) for call in named):
            found = ", ".join(f"{call.name}({call.arguments})" for call in made) or "none"
            given = json.dumps(wanted, ensure_ascii=False) if wanted else ""
            yield f"no call {each['name']}({given}); called: {found}"


def _read(call: Call) -> Any:
    """Read the arguments of a call; a model may write what is no JSON."""
    try:
        return read_json(call.arguments or "{}")
    except ValueError:
        return call.arguments


def is_part(wanted: Any, found: Any) -> bool:
    """Say whether all that is wanted is in what was found: in maps, also those inside.

    Lists are the same only with as many members, in the same order. true is no 1.
    """
    if isinstance(wanted, Mapping):
        return isinstance(found, Mapping) and all(
            key in found and is_part(value, found[key]) for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        alike = isinstance(found, list) and len(wanted) == len(found)
        return alike and all(is_part(*pair) for pair in zip(wanted, found, strict=True))
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    return bool(wanted == found)


def _limits(expected: Mapping[str, Any], turn: Turn) -> Iterator[str]:
    most, longest = expected.get("max_steps"), expected.get("max_seconds")
    if most is not None and turn.steps > most:
        yield f"{turn.steps} steps, expected at most {most}"
    if longest is not None and turn.seconds > longest:
        yield f"took {turn.seconds:.1f} s, expected at most {longest:g} s"


def _list(written: str | Sequence[str]) -> Sequence[str]:
    return [written] if isinstance(written, str) else written


def _shown(text: str) -> str:
    short = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return json.dumps(short, ensure_ascii=False)
