"""What a document is made of as text: nodes as written, and the comments around them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """A line that holds a comment only, or nothing."""

    text: str
    """The comment from its `#` on; empty: a blank line."""
    column: int = 0


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment at the end of a line; the lines after it may go on with it, right below."""

    lines: tuple[str, ...]
    gap: int
    """So many blanks stand before it."""


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar or an alias as written, with its anchor and tag; no block scalar.

    Lines after the first stand without their indentation, which means nothing.
    """

    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BlockText:
    """A block scalar: `|` or `>`."""

    header: str
    lines: tuple[str, ...]
    """Without the indentation of the text as a whole; every other blank is the text's own."""
    keeps: bool
    """`+`: the blank lines at its end belong to it."""


@dataclass(frozen=True, slots=True)
class Block:
    """A map or a list that is written by indentation."""

    properties: str
    """Anchor and tag as written."""
    entries: tuple[Entry, ...]
    after: tuple[Line, ...]
    """Comments behind the last entry that belong to this block."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A map or a list that is written with brackets."""

    properties: str
    brackets: str
    """`{}` or `[]`; empty: a pair in a list that needs none."""
    comment: Comment | None
    """Behind the opening bracket."""
    entries: tuple[Entry, ...]
    after: tuple[Line, ...]
    broken: bool
    """It is written over several lines."""


Node = Text | BlockText | Block | Flow


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a map or a list, with what is said about it."""

    before: tuple[Line, ...]
    key: str | None
    """As written, with its colon; None in lists."""
    name: str | None
    """What the key says."""
    comment: Comment | None
    """Behind the key or the dash, when the value begins further down."""
    between: tuple[Line, ...]
    """Comments between the key or the dash and a value that is no block."""
    value: Node
    end: Comment | None
    """Behind the value."""
    anchors: frozenset[str]
    """The anchors that stand in it."""
    aliases: frozenset[str]
    """The anchors that its aliases refer to."""


@dataclass(frozen=True, slots=True)
class Tree:
    """One document with its markers."""

    preamble: tuple[Line, ...]
    """Before the marker."""
    marker: str
    """Directives and `---`, as written; empty where there is none."""
    comment: Comment | None
    """Behind the marker."""
    head: tuple[Line, ...]
    """What is said about the document as a whole: it stays on top."""
    root: Node
    after: tuple[Line, ...]
    end: tuple[Comment | None, tuple[Line, ...]] | None
    """Behind the end marker `...`; None where there is none."""


def keeps(node: Node) -> bool:
    """Say whether a blank line that is written behind this node would become part of it."""
    if isinstance(node, Block):
        return not node.after and keeps(node.entries[-1].value)
    return isinstance(node, BlockText) and node.keeps
