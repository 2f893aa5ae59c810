"""The one thing that is special in a text: `${var.NAME}`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from provisioner.json_texts import texts, with_texts
from provisioner.veil import PLACEHOLDER

Scalar: TypeAlias = str | int | float | bool
"""The value of a variable."""

_REFERENCE = re.compile(r"\$(\$?)\{var\.([a-z][a-z0-9_]*)\}")
_LITERAL = re.compile(r"\$\{var\.[a-z][a-z0-9_]*\}")
_LIKE = re.compile(r"(?<!\$)\$\{ *vars?\.[^{}\n]{0,60}\}")


def references(text: str) -> list[str]:
    """List the names of the variables that a text asks for."""
    return [name for escape, name in _REFERENCE.findall(text) if not escape]


def near_misses(text: str) -> list[str]:
    """List what looks like a reference and is none: `${var.my-name}`."""
    return [found[0] for found in _LIKE.finditer(text) if not _REFERENCE.fullmatch(found[0])]


def has_special(value: Any) -> bool:
    """Say whether a string inside a JSON value may hold a reference, an escape or a near miss."""
    return any("${" in text and "var" in text for _, text in texts(value))


def fill(text: str, values: Mapping[str, Scalar]) -> Scalar:
    """Put values in the place of `${var.NAME}`, and that text in the place of `$${var.NAME}`.

    A text that is one reference and nothing else takes the value's type. What has no value stays
    as it is; values are not looked into.
    """
    alone = _REFERENCE.fullmatch(text)
    if alone and not alone[1]:
        return values.get(alone[2], text)
    return fill_text(text, values)


def fill_text(text: str, values: Mapping[str, Scalar]) -> str:
    """Fill a text that stays a text whatever it holds."""
    if "{var." not in text:
        return text
    return _REFERENCE.sub(lambda found: _filled(found, values), text)


def _filled(found: re.Match[str], values: Mapping[str, Scalar]) -> str:
    if found[1]:
        return found[0][1:]
    return as_text(values[found[2]]) if found[2] in values else found[0]


def pieces(text: str, values: Mapping[str, Scalar]) -> Iterator[tuple[str, str]]:
    """Take a text apart into what is written, and what stands there when it is filled.

    The two differ where a reference or an escape is; each of these is a piece of its own.
    """
    end = 0
    for found in _REFERENCE.finditer(text):
        if text[end : found.start()]:
            yield text[end : found.start()], text[end : found.start()]
        yield found[0], _filled(found, values)
        end = found.end()
    if text[end:]:
        yield text[end:], text[end:]


def as_text(value: Scalar) -> str:
    """Write a value inside a longer text."""
    return value if isinstance(value, str) else json.dumps(value)


def fill_all(value: Any, values: Mapping[str, Scalar]) -> Any:
    """Fill every string inside a JSON value."""
    return with_texts(value, lambda text: fill(text, values))


def escape(text: str) -> str:
    """Write a text so that it is read as it stands: `${var.NAME}` as `$${var.NAME}`.

    The placeholder of a sensitive value becomes the reference that it comes from.
    """
    return PLACEHOLDER.sub(r"${var.\1}", _LITERAL.sub(r"$\g<0>", text))


def escape_all(value: Any) -> Any:
    """Escape every string inside a JSON value."""
    return with_texts(value, escape)
