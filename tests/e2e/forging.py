"""Files of ours as somebody forges them: one value of their JSON is another, or gone."""

from __future__ import annotations

import copy
import hashlib
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HOSTILE: list[Any] = [
    None,
    True,
    0,
    -1,
    10**30,
    1.5,
    float("nan"),
    "",
    "x",
    "\x1b[31mred\x1b]0;title\x07",
    "../../../../../../etc/passwd",
    "/etc/passwd",
    "a\0b",
    "\ud800",
    "assistant.bot",
    "0001-01-01T00:00:00+14:00",
    "2026-01-01T00:00:00",
    [],
    {},
    [[]],
    [None],
    [{}],
    {"$address": "assistant.bot"},
    {"$address": "assistant.../../x"},
    {"type": None},
    ["x", 1, None],
    {"x": {"y": [1]}},
]


def deep(levels: int) -> Any:
    """Nest lists and maps."""
    value: Any = "x"
    for level in range(levels):
        value = [value] if level % 2 else {"a": value}
    return value


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Go through every place in a JSON value: what holds it, and its key there."""
    keys: Any = value if isinstance(value, dict) else range(len(value))
    for key in list(keys):
        yield value, key
        if isinstance(value[key], (dict, list)):
            yield from places(value[key])


def forged(document: Any, seed: int) -> Any:
    """Change one to three values of a JSON document, always in the same way for a seed."""
    chance = random.Random(seed)  # noqa: S311
    made = copy.deepcopy(document)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        found = list(places(made))
        if not found:
            break
        holder, key = chance.choice(found)
        what = chance.randrange(10)
        if what == 0:
            del holder[key]
        elif what == 1 and isinstance(holder, dict):
            holder[chance.choice(("", "x", "$address", "../x", "\x1b[31m"))] = holder.pop(key)
        elif what == 2:
            holder[key] = deep(chance.choice((60, 100, 150, 400)))
        else:
            holder[key] = copy.deepcopy(chance.choice(HOSTILE))
    return made


def write_plan(path: Path, document: Any) -> None:
    """Write a saved plan with a digest that fits it, as a forger would."""
    body = document.get("content") if isinstance(document, dict) else None
    text = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if isinstance(document, dict):
        digest = hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()
        document = {**document, "sha256": digest}
    write_json(path, document)


def write_json(path: Path, document: Any) -> None:
    """Write JSON as our files are written."""
    text = json.dumps(document, ensure_ascii=False)
    path.write_bytes(text.encode("utf-8", errors="surrogatepass"))
