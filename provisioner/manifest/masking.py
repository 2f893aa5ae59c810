"""Manifests without what may be a credential, pasted there by mistake.

A manifest names the variable that holds a credential, and whoever writes the credential itself is
told so: beside the line, which therefore must not show it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST_KEY = 24
"""Below `auth` a longer key may be a credential."""

_LINE = re.compile(r"[^\n]*\n?")
_AUTH = re.compile(r"""\bauth["']?\s*:""")
_WORD = re.compile(r"""[^\s{}\[\],:"']+""")
_TOKEN = re.compile(r"[A-Za-z0-9+/=_~.-]{20,}")
_RUN = re.compile(r"[A-Za-z0-9]{20,}")
_KEY_FOLLOWS = re.compile(r"""["']?\s*:(?:\s|$)""")
_KNOWN = re.compile(r"api_key|bearer|entra|[A-Z][A-Z0-9_]*")
"""What `auth` holds: its types, and names of environment variables."""


def masked(text: str) -> str:
    """Put `*` for each character of what looks like a credential; every place stays what it is.

    That is whatever stands below `auth` and is none of its keys, types and names of variables, and
    anywhere a long word of mixed letters and digits.
    """
    return "".join(_lines(text))


def _lines(text: str) -> Iterator[str]:
    depth: int | None = None
    for found in _LINE.finditer(text):
        line = found[0]
        indent = len(line) - len(line.lstrip(" "))
        if depth is not None and line.strip() and indent <= depth:
            depth = None
        auth = _AUTH.search(line) if depth is None else None
        at = auth.end() if auth else 0 if depth is not None else len(line)
        yield _TOKEN.sub(_long, line[:at]) + _WORD.sub(_below_auth, line[at:])
        depth = indent if auth else depth


def _below_auth(found: re.Match[str]) -> str:
    word = found[0]
    is_key = _KEY_FOLLOWS.match(found.string, found.end()) is not None
    fine = len(word) <= LONGEST_KEY if is_key else _KNOWN.fullmatch(word)
    return word if fine and not _is_mixed(word) else _stars(word)


def _long(found: re.Match[str]) -> str:
    return _stars(found[0]) if _is_mixed(found[0]) else found[0]


def _is_mixed(word: str) -> bool:
    """Say whether a word is long and random enough for a key or a token."""
    if not _TOKEN.fullmatch(word) or not any(each.isdigit() for each in word):
        return False
    both_cases = word.upper() != word and word.lower() != word
    return both_cases or _RUN.search(word) is not None


def _stars(word: str) -> str:
    """Leave what is not ASCII, so that lengths in bytes stay too: no credential has it."""
    return re.sub(r"[!-~]", "*", word)
