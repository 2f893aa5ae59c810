"""One document's text read into a tree.

libyaml's parser says what the nodes are and where; the reader finds what stands between them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import yaml

from provisioner.formatting.reader import Reader, Unformattable
from provisioner.formatting.scalars import block_text, properties, text
from provisioner.formatting.tree import (
    Block,
    Comment,
    Entry,
    Flow,
    Line,
    Node,
    Text,
    Tree,
)
from provisioner.manifest.yaml_scalars import Loader

_ENDS = (yaml.SequenceEndEvent, yaml.MappingEndEvent)
_STARTS = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_Lines = tuple[Line, ...]


def parse_document(written: str) -> Tree:
    """Read a text of one document, which YAML's parser accepts; raises Unformattable."""
    return _Parser(Reader(written), list(yaml.parse(written, Loader=Loader))).document()


@dataclass
class _Parser:
    """Takes events in their order, and with each what stands before it in the text."""

    reader: Reader
    events: list[Any]
    """Of libyaml's parser; they have no types of their own."""
    next: int = 1

    def _take(self) -> Any:
        self.next += 1
        return self.events[self.next - 1]

    def document(self) -> Tree:
        """Read the document with its markers."""
        preamble, marker, comment = self._marker(self._take())
        self.reader.skip()
        head = self._head()
        root, last = self._root()
        after = (*map(Line, _lines_of(last)), *self.reader.take())
        end = self._end_marker(self._take())
        self.reader.expect(len(self.reader.text))
        return Tree(preamble, marker, comment, head, root, after, end)

    def _marker(self, start: Any) -> tuple[_Lines, str, Comment | None]:
        if not start.explicit:
            return (), "", None
        self.reader.skip()
        preamble = self.reader.take()
        marker = self.reader.take_text(start)
        return preamble, marker, self.reader.skip()

    def _end_marker(self, end: Any) -> tuple[Comment | None, _Lines] | None:
        if not end.explicit:
            return None
        self.reader.take_text(end)
        return self.reader.skip(), self.reader.take()

    def _head(self) -> _Lines:
        """Take what stays on top: up to the last blank line, or everything.

        What stands directly above the first key then belongs to the key.
        """
        lines = self.reader.take()
        blanks = [index for index, line in enumerate(lines) if not line.text and index]
        keyed = blanks and _is_block(self.events[self.next])
        end = blanks[-1] + 1 if keyed else len(lines)
        self.reader.pending.extend(lines[end:])
        return lines[:end]

    def _root(self) -> tuple[Node, Comment | None]:
        event = self.events[self.next]
        if not _is_block(event):
            return self._inline(-1), self.reader.skip()
        at = self.reader.at
        comment, node = self._block(-1)
        if comment:
            raise Unformattable("A comment stands behind the document's anchor or tag", at)
        return node, None

    def _inline(self, column: int) -> Node:
        """Read a node that is no block; `column` is that of the block that it stands in."""
        event = self._take()
        end = event.end_mark.index
        self.reader.expect(event.start_mark.index)
        if isinstance(event, _STARTS):
            return self._flow(event)
        if isinstance(event, yaml.ScalarEvent) and event.style in ("|", ">"):
            return block_text(self.reader, column, end)
        return text(self.reader.take_text(event))

    def _block(self, outer: int) -> tuple[Comment | None, Block]:
        """Read a block, and the comment behind its anchor or tag."""
        event = self._take()
        written = properties(self.reader, event)
        comment = self.reader.skip() if written else None
        column = self.reader.column(self.reader.at)
        entry = self._pair if isinstance(event, yaml.MappingStartEvent) else self._item
        entries = tuple(self._until_end(lambda: entry(column)))
        return comment, Block(written, entries, self.reader.take_inner(column, outer))

    def _until_end(self, entry: Callable[[], Entry]) -> list[Entry]:
        entries = []
        while not isinstance(self.events[self.next], _ENDS):
            entries.append(entry())
        self._take()
        return entries

    def _item(self, column: int) -> Entry:
        before = self.reader.take()
        first = self.next
        self.reader.indicator("-")
        return self._entry(first, before, None, column)

    def _pair(self, column: int) -> Entry:
        first = self.next
        before = self.reader.take()
        key = self._take()
        self.reader.expect(key.start_mark.index)
        written = self.reader.take_text(key)
        late = self.reader.skip()
        before += (*map(Line, _lines_of(late)), *self.reader.take())
        colon = self.reader.indicator(":")
        blank = " " if isinstance(key, yaml.AliasEvent) else ""
        written = f"{written}{blank}:" if colon else written
        return self._entry(first, before, written, column)

    def _entry(self, first: int, before: _Lines, key: str | None, column: int) -> Entry:
        comment, between, value, end = self._value(column)
        inside = self.events[first : self.next]
        return Entry(
            before,
            key,
            getattr(inside[0], "value", None) if key else None,
            comment,
            between,
            value,
            end,
            anchors=_names(each for each in inside if not isinstance(each, yaml.AliasEvent)),
            aliases=_names(each for each in inside if isinstance(each, yaml.AliasEvent)),
        )

    def _value(self, column: int) -> tuple[Comment | None, _Lines, Node, Comment | None]:
        """Read a value with the comments before and behind it."""
        event = self.events[self.next]
        if event.start_mark.index == event.end_mark.index and not isinstance(event, _STARTS):
            self._take()
            return None, (), Text(("",)), self.reader.skip()
        comment = self.reader.skip()
        if not _is_block(event):
            between = self.reader.take()
            return comment, between, self._inline(column), self.reader.skip()
        at = self.reader.at
        second, node = self._block(column)
        if comment and second:
            raise Unformattable("Comments stand before and behind an anchor or tag", at)
        return comment or second, (), node, None

    def _flow(self, event: Any) -> Flow:
        reader = self.reader
        start = reader.at
        written = properties(reader, event)
        reader.pending.extend(map(Line, _lines_of(reader.skip())))
        pair = isinstance(event, yaml.MappingStartEvent)
        brackets = "{}" if pair else "[]"
        if not reader.indicator(brackets[0]):
            return Flow("", "", None, (self._only_pair(),), (), broken=False)
        comment = reader.skip()
        reader.pending[:0] = map(Line, _lines_of(comment)[1:])
        entry = self._flow_pair if pair else self._flow_item
        entries = tuple(self._until_end(entry))
        after = reader.take()
        reader.indicator(brackets[1])
        broken = "\n" in reader.text[start : reader.at]
        first = replace(comment, lines=comment.lines[:1]) if comment else None
        return Flow(written, brackets, first, entries, after, broken)

    def _only_pair(self) -> Entry:
        [pair] = self._until_end(lambda: self._pair(0))
        return pair

    def _flow_pair(self) -> Entry:
        return self._separated(self._pair(0))

    def _flow_item(self) -> Entry:
        before = self.reader.take()
        return self._separated(self._entry(self.next, before, None, 0))

    def _separated(self, entry: Entry) -> Entry:
        """Go over the comma behind an entry, and gather the comments in and behind it."""
        end = self.reader.skip() if self.reader.indicator(",") else None
        if entry.end and end:
            end = replace(end, lines=(*entry.end.lines, *end.lines))
        before = (*entry.before, *map(Line, _lines_of(entry.comment)), *entry.between)
        return replace(entry, before=before, comment=None, between=(), end=end or entry.end)


def _names(events: Iterable[Any]) -> frozenset[str]:
    return frozenset(each.anchor for each in events if getattr(each, "anchor", None))


def _lines_of(comment: Comment | None) -> tuple[str, ...]:
    return comment.lines if comment else ()


def _is_block(event: Any) -> bool:
    return isinstance(event, _STARTS) and not event.flow_style
