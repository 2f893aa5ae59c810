"""The text of a manifest as a diagnostic shows it: by lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate, islice, pairwise
from typing import TypeAlias

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
"""What ends a line for the YAML parser, whose line numbers positions have."""


@dataclass(frozen=True, slots=True)
class Source:
    """A manifest's lines."""

    lines: tuple[str, ...]
    """Without what ends them."""
    starts: tuple[int, ...]
    """How many bytes of UTF-8 stand before each line; a byte order mark doesn't count."""

    @classmethod
    def of(cls, text: str) -> Source:
        """Split a text."""
        ends = [found.span() for found in _BREAK.finditer(text)]
        begins = [0, *(end for _, end in ends)]
        lines = tuple(
            text[begin:end]
            for begin, end in zip(begins, [*(at for at, _ in ends), len(text)], strict=True)
        )
        sizes = (
            len(text[begin:end].encode("utf-8", "surrogatepass")) for begin, end in pairwise(begins)
        )
        return cls(lines, (0, *accumulate(sizes)))

    def line(self, number: int) -> str:
        """Give a line, counted from 1; "" where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def offset(self, line: int, column: int) -> int:
        """Count the bytes of UTF-8 before a place."""
        before = self.line(line)[: column - 1].encode("utf-8", "surrogatepass")
        return self.starts[min(line, len(self.starts)) - 1] + len(before)


def first_lines(text: str, count: int) -> str:
    """Give the beginning of a text, so many lines of it."""
    ends = islice(_BREAK.finditer(text), count - 1, None)
    found = next(ends, None)
    return text[: found.start()] if found else text


Sources: TypeAlias = Mapping[str, Source]
"""By path. Of a manifest that isn't there no line is shown."""
