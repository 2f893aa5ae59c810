"""The one thing that is special in a text: `${var.NAME}`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from provisioner.manifest.document import Path

_REFERENCE = re.compile(r"\$(\$?)\{var\.([a-z][a-z0-9_]*)\}")
_LITERAL = re.compile(r"\$\{var\.[a-z][a-z0-9_]*\}")


def references(text: str) -> list[str]:
    """List the names of the variables that a text asks for."""
    return [name for escape, name in _REFERENCE.findall(text) if not escape]


def unescape(text: str) -> str:
    """Turn `$${var.NAME}` into the literal text `${var.NAME}`."""
    return _REFERENCE.sub(lambda found: "$" + found[0].lstrip("$"), text) if "$$" in text else text


def has_escapes(value: Any) -> bool:
    """Say whether a string inside a JSON value holds an escape."""
    return any("$$" in text for _, text in strings(value))


def unescape_all(value: Any) -> Any:
    """Unescape every string inside a JSON value."""
    return _each(value, unescape)


def _each(value: Any, change: Callable[[str], str]) -> Any:
    """Change every string inside a JSON value; the keys of maps stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _each(each, change) for key, each in value.items()}
    if isinstance(value, list):
        return [_each(each, change) for each in value]
    return value


def strings(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Go through every string inside a JSON value, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from strings(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from strings(each, (*path, index))


def escape(text: str) -> str:
    """Write a text so that it is read as it stands: `${var.NAME}` as `$${var.NAME}`."""
    return _LITERAL.sub(r"$\g<0>", text)


def escape_all(value: Any) -> Any:
    """Escape every string inside a JSON value."""
    return _each(value, escape)
