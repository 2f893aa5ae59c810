"""YAML as people write it, and as every reader reads it back: block style, no anchors, no tags.

What is written is read as the same value by YAML 1.2's core schema, which manifests are read by,
and by YAML 1.1: whatever either takes for something else than a text stands in quotes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST_KEY = 1_000
"""Longer keys are written after `?`: libyaml reads a key without it up to 1,024 characters."""
LONGEST_NOTE = 100

WORDS = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null"))
"""What YAML 1.1 or 1.2 takes for a boolean or for nothing, in any case."""
_PLAIN = re.compile(r"(?:\.\./)*[^\W\d](?:[\w ./()&%+=!?;,'-]*[\w./()&%+=!?;-])?")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0"}
_BYTE, _PLANE = 0xFF, 0xFFFF


@dataclass(frozen=True, slots=True)
class Noted:
    """A text with a note for people, which becomes a comment."""

    text: str
    note: str


def dump(value: Mapping[str, Any]) -> str:
    """Write a map of JSON values, at any depth with Noted texts, as one YAML document.

    Keys keep their order. Lone surrogates can't be written in YAML: leave them out before.
    """
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Any) -> Iterator[str]:
    """Write a value as lines of its own; what ends in a line break is one line of this list."""
    if isinstance(value, Mapping) and value:
        for key, each in value.items():
            yield from _pair(key, each)
    elif isinstance(value, (list, tuple)) and value:
        for each in value:
            first, *rest = _nested(each)
            yield f"- {first}"
            yield from rest
    else:
        yield from _scalar(value)


def _nested(value: Any) -> Iterator[str]:
    first, *rest = _lines(value)
    yield first
    yield from map(_indented, rest)


def _pair(key: str, value: Any) -> Iterator[str]:
    written = one_line(key)
    if len(written) > LONGEST_KEY:
        yield f"? {written}"
        written = ""
    if isinstance(value, (Mapping, list, tuple)) and value:
        yield f"{written}:"
        yield from map(_indented, _lines(value))
    else:
        first, *rest = _scalar(value)
        yield f"{written}: {first}"
        yield from map(_indented, rest)


def _indented(line: str) -> str:
    return f"  {line}" if line else line


def _scalar(value: Any) -> Iterator[str]:
    if isinstance(value, Noted):
        yield f"{one_line(value.text)}  # {_comment(value.note)}"
    elif isinstance(value, str):
        yield from _block(value) if _fits_block(value) else [one_line(value)]
    elif value is None or isinstance(value, bool):
        yield {None: "null", True: "true", False: "false"}[value]
    elif isinstance(value, float):
        yield _float(value)
    elif isinstance(value, int):
        yield str(value)
    else:
        yield "{}" if isinstance(value, Mapping) else "[]"


def _float(value: float) -> str:
    """Write a float with a point: YAML 1.1 takes 1e-07 for a text."""
    digits, e, exponent = repr(value).partition("e")
    sign = "" if exponent.startswith("-") or not e else "+"
    point = "" if "." in digits else ".0"
    return f"{digits}{point}{e}{sign}{exponent.removeprefix('+')}"


def one_line(value: str) -> str:
    """Write a text in one line: plain where nobody can mistake it, else in double quotes."""
    plain = _PLAIN.fullmatch(value) and value.isprintable() and value.lower() not in WORDS
    return value if plain else quoted(value)


def quoted(value: str) -> str:
    """Write a text in one line, in double quotes."""
    return f'"{"".join(map(_escaped, value))}"'


def _escaped(character: str) -> str:
    if character in _ESCAPES:
        return _ESCAPES[character]
    code = ord(character)
    if character.isprintable():
        return character
    if code <= _BYTE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _PLANE else f"\\U{code:08x}"


def _fits_block(value: str) -> bool:
    """Say whether a text of several lines comes back from a block scalar as it is."""
    lines = value.split("\n")
    return (
        len(lines) > 1
        and bool(lines[0])
        and not lines[0].startswith(" ")
        and all(line.isprintable() and (not line or line.strip(" ")) for line in lines)
    )


def _block(value: str) -> Iterator[str]:
    lines = value.split("\n")
    keep = "-" if lines[-1] else "+" if len(lines) > 2 and not lines[-2] else ""  # noqa: PLR2004
    yield f"|{keep}"
    yield from lines if lines[-1] else lines[:-1]


def _comment(note: str) -> str:
    """Keep a note to one line that no reader can take for anything else."""
    shown = "".join(each if each.isprintable() else " " for each in note)
    return f"{shown[:LONGEST_NOTE]}…" if len(shown) > LONGEST_NOTE else shown
