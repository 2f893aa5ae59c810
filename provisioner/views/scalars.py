"""Single values as people read them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from enum import Enum
from typing import Any

from provisioner.address import Address
from provisioner.views import escape

INLINE = 72
"""Columns that a value may take on the line of its key."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")
KIBI = 1024


class Unknown(Enum):
    """The id that an object gets when it is created."""

    ID = "id"


def key(name: object) -> str:
    """Write a key, quoted when it is no plain word."""
    word = str(name)
    return word if _IDENTIFIER.match(word) else escape.quoted(word)


def scalar(value: Any, name: object = None) -> str:
    """Write a value that is no list, mapping or block of text; the name decides on units."""
    if isinstance(value, Address | Unknown):
        return "(known after apply)"
    if isinstance(value, str):
        short = name == "sha256" and _SHA256.match(value)
        return f'"{value[:12]}…"' if short else escape.quoted(value)
    if name == "bytes" and isinstance(value, int) and value >= KIBI:
        return f"{value} ({size(value)})"
    return escape.line(json.dumps(value, ensure_ascii=False, default=str))


def note(value: Any) -> str:
    """Say of whom an id will be, where it isn't known yet."""
    return f"  # id of {value}" if isinstance(value, Address) else ""


def size(count: int) -> str:
    """Write a number of bytes in the unit that fits it."""
    amount = count / KIBI
    for unit in ("KiB", "MiB"):
        if amount < KIBI:
            return f"{amount:.1f} {unit}"
        amount /= KIBI
    return f"{amount:.1f} GiB"


def is_container(value: Any) -> bool:
    """Say whether the value has parts of its own."""
    return isinstance(value, Mapping | list | tuple)


def is_block(value: Any) -> bool:
    """Say whether the value is a text that needs lines of its own."""
    return isinstance(value, str) and ("\n" in value or len(value) > INLINE)


def inline(value: Any) -> str | None:
    """Write a list or mapping of a few scalars on one line; None when it takes more."""
    parts = list(value.values()) if isinstance(value, Mapping) else list(value)
    if any(is_container(part) or isinstance(part, Address) or is_block(part) for part in parts):
        return None
    written = _inline_map(value) if isinstance(value, Mapping) else _inline_list(parts)
    return written if len(written) <= INLINE else None


def _inline_map(value: Mapping[str, Any]) -> str:
    """Write `{ a = 1, b = 2 }`."""
    names = sorted(value, key=rank)
    entries = [f"{key(name)} = {scalar(value[name], name)}" for name in names]
    return f"{{ {', '.join(entries)} }}" if entries else "{}"


def _inline_list(parts: list[Any]) -> str:
    """Write `[1, 2]`."""
    return f"[{', '.join(scalar(part) for part in parts)}]"


_ORDER = [
    "id",
    "type",
    "name",
    "filename",
    "description",
    "model",
    "instructions",
    "tools",
    "tool_resources",
    "temperature",
    "top_p",
    "response_format",
    "function",
    "parameters",
    "bytes",
    "sha256",
    "purpose",
]
_RANKS = {name: index for index, name in enumerate(_ORDER)} | {"metadata": len(_ORDER) + 1}


def rank(name: object) -> tuple[int, str]:
    """Order keys: what tells objects apart first, metadata last, the rest by their names."""
    word = str(name)
    return _RANKS.get(word, len(_ORDER)), word
