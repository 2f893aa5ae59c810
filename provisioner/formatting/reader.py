"""Going over a text: comments and blank lines, which YAML's parser leaves out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from provisioner.formatting.tree import Comment, Line

_TRIVIA = re.compile(r"(?:[ \t\n]+|#[^\n]*)*")


class Unformattable(Exception):  # noqa: N818 — it never leaves this room
    """A document that can't be formatted: says why, and at which place of the text."""

    def __init__(self, why: str, offset: int) -> None:
        super().__init__(why)
        self.offset = offset


@dataclass
class Reader:
    """Goes over a text from one node to the next, and collects what stands between them."""

    text: str
    at: int = 0
    pending: list[Line] = field(default_factory=list)
    """Comments and blank lines that belong to nothing yet."""

    def column(self, offset: int) -> int:
        """Tell the column of a place; columns count from 0."""
        return offset - self.text.rfind("\n", 0, offset) - 1

    def skip(self) -> Comment | None:
        """Go on to the next node or indicator.

        Returns the comment at the end of the line that was left; lines of their own are pending.
        """
        start = self.at
        match = _TRIVIA.match(self.text, start)
        self.at = match.end() if match else start
        rest = self.text[start : self.at].split("\n")
        comment = None if self.column(start) == 0 else self._at_the_end(rest.pop(0), start, rest)
        self.pending.extend(
            Line(line.strip(" \t"), len(line) - len(line.lstrip(" \t")))
            for index, line in enumerate(rest)
            if line.strip(" \t") or index < len(rest) - 1
        )
        return comment

    def _at_the_end(self, line: str, start: int, rest: list[str]) -> Comment | None:
        """Read a comment at the end of a line, and those right below it, which go on with it."""
        before, sign, _ = line.partition("#")
        if not sign:
            return None
        lines = [line.strip(" \t")]
        column = self.column(start) + len(before)
        while rest and rest[0].startswith("#", column) and not rest[0][:column].strip(" "):
            lines.append(rest.pop(0).strip(" \t"))
        return Comment(tuple(lines), max(1, len(before.expandtabs(1))))

    def take(self) -> tuple[Line, ...]:
        """Give what is pending to the node that comes next."""
        taken = tuple(self.pending)
        self.pending.clear()
        return taken

    def take_inner(self, column: int, outer: int) -> tuple[Line, ...]:
        """Give what is pending to a block that ends here, as far as it is indented like it.

        Comments at the column of the block around it belong to what comes next there.
        """
        taken = 0
        for index, line in enumerate(self.pending):
            if line.text and (line.column < column or line.column <= outer):
                break
            taken = index + 1 if line.text else taken
        inner = tuple(self.pending[:taken])
        del self.pending[:taken]
        return inner

    def expect(self, offset: int) -> None:
        """Make sure that nothing unknown stands before a node."""
        if self.at != offset:
            sign = self.text[self.at : self.at + 1]
            raise Unformattable(f"Formatting doesn't know what {sign!r} means here", self.at)

    def take_text(self, event: Any) -> str:
        """Take the text of an event that stands here."""
        self.expect(event.start_mark.index)
        self.at = event.end_mark.index
        return self.text[event.start_mark.index : self.at]

    def indicator(self, sign: str) -> bool:
        """Go over an indicator if it stands here."""
        here = self.text.startswith(sign, self.at)
        self.at += len(sign) if here else 0
        return here
