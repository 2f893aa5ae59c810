"""Untrusted text, made safe to show.

It can't move the cursor, colour, hide or reorder anything, nor give orders to the runner of a
pipeline that reads the log: GitHub's takes a line that begins with `::`, blanks before it passed
over, and `##[` anywhere in a line; that of Azure Pipelines takes `##vso[`.
"""

from __future__ import annotations

import json
import re

_UNSAFE = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls
    "\u2028\u2029"  # line and paragraph separators
    "\u00ad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # invisible
    "\U000e0000-\U000e007f"  # tags: text that only a model reads
    "\ud800-\udfff"  # lone surrogates can't be printed at all
    "]"
)
_LEADING_COLON = re.compile(r"^(\s*):(?=:)", re.MULTILINE)
_NUMBER_SIGN = re.compile(r"#(?=#\w*\[)")
_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BYTE, _BASIC = 0xFF, 0xFFFF


def controls(value: str) -> str:
    """Make every control character but newline and tab visible."""
    return value if value.isprintable() else _UNSAFE.sub(_visible, value)


def inside(value: str) -> str:
    """Make text safe that never stands at the beginning of a line, newline and tab left."""
    shown = controls(value)
    return _NUMBER_SIGN.sub(r"\\x23", shown) if "##" in shown else shown


def text(value: str) -> str:
    """Make text safe wherever it stands, newline and tab left."""
    shown = inside(value)
    return _LEADING_COLON.sub(r"\1\\x3a", shown) if "::" in shown else shown


def line(value: str) -> str:
    """Make every control character visible, newline and tab too."""
    return text(value).replace("\n", "\\n").replace("\t", "\\t")


def quoted(value: str) -> str:
    """Write the text between quotes, as JSON does, on one line."""
    return line(json.dumps(value, ensure_ascii=False))


def document(value: object) -> str:
    """Write a JSON document whose strings stay readable and can't harm a terminal."""
    written = json.dumps(value, ensure_ascii=False, indent=2)
    return _powerless(_UNSAFE.sub(lambda match: json.dumps(match.group())[1:-1], written)) + "\n"


def json_line(value: object) -> str:
    """Write a JSON value on one line, in ASCII: no encoding, and no reader, can break it."""
    return _powerless(json.dumps(value, separators=(",", ":"))) + "\n"


def _powerless(written: str) -> str:
    """Hide commands in JSON from whoever doesn't read it as JSON; no line of it begins with one."""
    return _NUMBER_SIGN.sub(r"\\u0023", written)


def _visible(match: re.Match[str]) -> str:
    """Write one character as Python would in a string literal."""
    character = match.group()
    number = ord(character)
    if character in _NAMED:
        return _NAMED[character]
    if number <= _BYTE:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= _BASIC else f"\\U{number:08x}"
