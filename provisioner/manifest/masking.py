"""Manifests without what may be a credential or a sensitive value, written there by mistake.

A manifest names what holds a credential or a sensitive value, and whoever writes the value itself
is told so: beside the line, which therefore must not show it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from provisioner.manifest.pasted import stars, without_pasted

LONGEST_KEY = 24
"""Below `auth` a longer key may be a credential."""

_LINE = re.compile(r"[^\n]*\n?")
_BEGIN = re.compile(r"""\b(auth|variables)["']?\s*:""")
_BEGIN_AUTH = re.compile(r"""\b(auth)["']?\s*:""")
_SENSITIVE = re.compile(r"sensi|secret", re.IGNORECASE)
"""What the declaration of a sensitive variable has, however it is misspelt."""
_WORD = re.compile(r"""[^\s{}\[\],:"']+""")
_TOKEN = re.compile(r"[A-Za-z0-9+/=_~.-]{20,}")
_RUN = re.compile(r"[A-Za-z0-9]{20,}")
_KEY_FOLLOWS = re.compile(r"""["']?\s*:(?:\s|$)""")
_KNOWN: Mapping[str, re.Pattern[str]] = {
    "auth": re.compile(r"api_key|bearer|entra|[A-Z][A-Z0-9_]*"),
    "variables": re.compile(r"string|number|boolean|true|false"),
}
"""What these keys hold: the types of `auth` and names of environment variables; what declarations
of variables say of them.
"""


def has_sensitive(text: str) -> bool:
    """Say whether a manifest declares sensitive variables, or means to."""
    return _SENSITIVE.search(text) is not None


def masked(text: str, *, variables: bool = False) -> str:
    """Put `*` for each character of what looks like a credential; every place stays what it is.

    That is whatever stands below `auth` and is none of its keys, types and names of variables, and
    anywhere what has the form of a key, or is a long word of mixed letters and digits. With
    `variables` also every value below such a key: nobody knows which of them a broken declaration
    makes sensitive.
    """
    begin = _BEGIN if variables else _BEGIN_AUTH
    return "".join(_lines(without_pasted(text), begin))


def _lines(text: str, begin: re.Pattern[str]) -> Iterator[str]:
    depth: int | None = None
    key = ""  # below which the lines stand that are indented more than `depth`
    for found in _LINE.finditer(text):
        line = found[0]
        indent = len(line) - len(line.lstrip(" "))
        if depth is not None and line.strip() and indent <= depth:
            depth, key = None, ""
        starts = list(begin.finditer(line))
        keys = [key, *(each[1] for each in starts)]
        places = pairwise([0, *(each.end() for each in starts), len(line)])
        yield "".join(
            _part(line[low:high], each) for (low, high), each in zip(places, keys, strict=True)
        )
        if depth is None and starts:
            depth, key = indent, keys[-1]


def _part(text: str, key: str) -> str:
    if not key:
        return _TOKEN.sub(_long, text)
    return _WORD.sub(lambda found: _below(found, _KNOWN[key]), text)


def _below(found: re.Match[str], known: re.Pattern[str]) -> str:
    word = found[0]
    is_key = _KEY_FOLLOWS.match(found.string, found.end()) is not None
    fine = len(word) <= LONGEST_KEY if is_key else known.fullmatch(word)
    return word if fine and not _is_mixed(word) else stars(word)


def _long(found: re.Match[str]) -> str:
    return stars(found[0]) if _is_mixed(found[0]) else found[0]


def _is_mixed(word: str) -> bool:
    """Say whether a word is long and random enough for a key or a token."""
    if not _TOKEN.fullmatch(word) or not any(each.isdigit() for each in word):
        return False
    both_cases = word.upper() != word and word.lower() != word
    return both_cases or _RUN.search(word) is not None
