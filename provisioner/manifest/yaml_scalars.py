"""Scalars of YAML 1.2's core schema, as editors' language servers read them.

`yes`, `on` and `1:30` are texts, dates too. The text is parsed by libyaml.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import yaml

MERGE = "<<"
STANDARD = "tag:yaml.org,2002:"
"""What the tags begin with that a manifest writes as `!!name`."""


MAX_DIGITS = 1000
"""Python writes no number that has many more, and no service reads one."""


class Loader(yaml.CSafeLoader):
    """Resolves plain scalars by the core schema instead of YAML 1.1's rules."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012


NULL, BOOL, INT, FLOAT, STR, MAP, SEQ = (
    f"{STANDARD}{name}" for name in ("null", "bool", "int", "float", "str", "map", "seq")
)
_NUMBER = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
for _tag, _pattern, _first in (
    (NULL, r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    (BOOL, r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    (INT, r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    (FLOAT, _NUMBER, list("-+0123456789.")),
    (FLOAT, r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", list("-+.")),
):
    Loader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$(?!\n)"), _first)


def _null(text: str) -> None:
    if text.lower() not in ("~", "null", ""):
        raise ValueError(text)


def _bool(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


def _int(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(text[:1])
    return int(text, 0) if text.startswith(("0o", "0x")) else int(text)


def _float(text: str) -> float:
    return float(re.sub(r"(?i)\.(inf|nan)$", r"\1", text))


READERS: Mapping[str, Callable[[str], object]] = {
    NULL: _null,
    BOOL: _bool,
    INT: _int,
    FLOAT: _float,
    STR: str,
}
"""By tag, what makes a value of a scalar's text; raises LookupError or ValueError."""


def written(tag: str) -> str:
    """Write a tag as manifests do."""
    return f"!!{tag.removeprefix(STANDARD)}" if tag.startswith(STANDARD) else tag


def is_merge(node: yaml.Node) -> bool:
    """Say whether a key merges another map: an unquoted `<<`."""
    return isinstance(node, yaml.ScalarNode) and node.value == MERGE and not node.style
