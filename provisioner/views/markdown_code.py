"""Anybody's text in Markdown: as code, where nothing in it has a meaning.

In code there are no tags, links or images, and GitHub makes no mention of `@name`, no reference of
`#1` and no link of an address. Outside of code a backslash would not do: GitHub looks for mentions
when it has read the Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from provisioner.views import escape

_BACKTICKS = re.compile("`+")
_SHORTEST_FENCE = 3


def span(value: str, most: int = 200) -> str:
    """Write a text inside of a line; what is longer than `most` characters is cut."""
    shown = escape.line(value if len(value) <= most else f"{value[:most]}…") or " "
    ticks = "`" * (_longest_run(shown) + 1)
    # A blank on both sides is no part of the code, and keeps its own backticks apart.
    padding = " " if shown.startswith(("`", " ")) or shown.endswith(("`", " ")) else ""
    return f"{ticks}{padding}{shown}{padding}{ticks}"


def fence(lines: Iterable[str], language: str) -> str:
    """Write lines as a block; nothing in it is long enough to end it."""
    body = "\n".join(lines)
    ticks = "`" * max(_SHORTEST_FENCE, _longest_run(body) + 1)
    return f"{ticks}{language}\n{body}\n{ticks}"


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)
