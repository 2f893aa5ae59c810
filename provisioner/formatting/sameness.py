"""The proof that two texts of one document say the same, comments included.

It shares nothing with what reads and writes them: an error there must not be believed twice.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import yaml

from provisioner.manifest.yaml_nodes import parse
from provisioner.manifest.yaml_scalars import Loader

_COMMENT = re.compile(r"#[^\n]*")
_NAMES = (yaml.AnchorToken, yaml.AliasToken, yaml.TagToken)


def same(before: str, after: str) -> bool:
    """Say whether both are one document of the same data, comments, anchors, aliases and tags."""
    data = _data(before)
    return data is not None and data == _data(after) and _marks(before) == _marks(after)


def _data(text: str) -> str | None:
    """Read a text as strictly as every command does; None: it isn't one document in order."""
    documents, problem = parse(text)
    if problem or len(documents) != 1 or documents[0].problems:
        return None
    return json.dumps(documents[0].data, sort_keys=True)


def _marks(text: str) -> Counter[str]:
    return Counter(_found(text))


def _found(text: str) -> Iterator[str]:
    """Find comments between the parser's tokens, and what refers and is referred to."""
    end = 0
    tokens: Iterator[Any] = yaml.scan(text, Loader=Loader)
    for token in tokens:
        start, last = token.start_mark.index, token.end_mark.index
        written = text[start:last]
        yield from _comments(text[end:start])
        if isinstance(token, _NAMES):
            yield written
        elif isinstance(token, yaml.ScalarToken) and token.style in ("|", ">"):
            yield from _comments(written.partition("\n")[0])
        end = last


def _comments(text: str) -> Iterator[str]:
    for comment in _COMMENT.findall(text):
        yield comment.rstrip(" \t")
