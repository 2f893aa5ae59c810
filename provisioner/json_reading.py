"""JSON that somebody may have damaged or forged: what no file of ours holds is refused."""

from __future__ import annotations

import json
from typing import Any, NoReturn

DEEPEST = 120
"""So many maps and lists may lie in each other: more than manifests may have, and fewer than what
takes a program that descends into them with it.
"""


def read_json(text: str | bytes) -> Any:
    """Read a JSON value; raises ValueError for what is none, or nested too deeply."""
    try:
        value = json.loads(text, parse_constant=_refuse)
    except RecursionError as trouble:
        raise ValueError(f"it is nested more than {DEEPEST} levels deep") from trouble
    level, here = 0, [value]
    while here := [each for one in here for each in _members(one)]:
        level += 1
        if level > DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} levels deep")
    return value


def _members(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    return value if isinstance(value, list) else []


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")
