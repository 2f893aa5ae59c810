"""Values of a wrong type: how they are written rightly."""

from __future__ import annotations

import re
from collections.abc import Sequence

from provisioner.manifest.document import Path
from provisioner.manifest.schema_hints import BUILT_IN

_BOOLEANS = {
    **dict.fromkeys(("yes", "on", "y", "true"), "true"),
    **dict.fromkeys(("no", "off", "n", "false"), "false"),
}
"""Words that YAML 1.1 took for true and false, or that were put in quotes."""
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_WORD = re.compile(r"[A-Za-z0-9_-]{1,40}")


def type_hint(path: Path, wanted: Sequence[str], found: object) -> str:
    """Say how a value of a wrong type is written rightly; "" where there is nothing to say."""
    if found is None:
        return " Give it a value, or remove it."
    if "string" in wanted and isinstance(found, (bool, int, float)):
        return " Put it in quotes."
    if isinstance(found, str):
        return _for_text(path, wanted, found)
    if wanted == ["array"] and isinstance(found, dict):
        return " Write a hyphen and a blank before each of its members."
    if wanted == ["object"] and isinstance(found, list):
        return " Write `key: value` pairs, without hyphens."
    return ""


def _for_text(path: Path, wanted: Sequence[str], found: str) -> str:
    word = found.lower()
    if "boolean" in wanted and word in _BOOLEANS:
        return f" Write {_BOOLEANS[word]}."
    if {"number", "integer"} & set(wanted) and _NUMBER.fullmatch(found):
        number = found.replace(",", ".")
        return " Leave the quotes out." if number == found else f" Write {number}."
    if wanted == ["array"] and _WORD.fullmatch(found) and path[-1] != "ignore_changes":
        return f" Write [{{type: {found}}}]." if found in BUILT_IN else f" Write [{found}]."
    return _for_map(path, found) if wanted == ["object"] and _WORD.fullmatch(found) else ""


def _for_map(path: Path, found: str) -> str:
    match path:
        case (*_, "provider"):
            return f" Write {{type: {found}}}."
        case (*_, "function"):
            return f" A function of a Tool document is a tool of its own: {{ref: {found}}}."
        case ("spec", "variables", _):
            return f" Write {{default: {found}}}."
    return ""
