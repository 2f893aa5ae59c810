"""A tree written in the canonical style: two blanks, lists indented under their key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import dropwhile

from provisioner.formatting.tree import Block, BlockText, Comment, Entry, Flow, Line, Node, Tree

_STEP = 2


def write(tree: Tree) -> str:
    """Write a document."""
    return "".join(f"{line}\n" for line in _document(tree))


def _document(tree: Tree) -> Iterator[str]:
    yield from _comments(tree.preamble, 0)
    if tree.marker:
        yield from _commented(tree.marker.split("\n"), tree.comment)
    yield from _lines(_apart(tree.head, None), 0)
    if isinstance(tree.root, Block):
        yield from [tree.root.properties] if tree.root.properties else []
        yield from _block(tree.root, 0)
    else:
        yield from _node(tree.root, 0)
    yield from _comments(tree.after, 0)
    if tree.end:
        comment, after = tree.end
        yield from _commented(["..."], comment)
        yield from _comments(after, 0)


def _lines(lines: Iterable[Line], column: int) -> list[str]:
    """Write comments and blank lines, of these one at most in a row."""
    written: list[str] = []
    for line in lines:
        if line.text or written[-1:] != [""]:
            written.append(" " * column + line.text if line.text else "")
    return written


def _comments(lines: Iterable[Line], column: int) -> list[str]:
    """Write comments without the blank lines around them."""
    inner = list(_apart(lines, None))
    while inner and not inner[-1].text:
        inner.pop()
    return _lines(inner, column)


def _apart(lines: Iterable[Line], before: Node | None) -> Iterable[Line]:
    """Leave out blank lines at the beginning of a block, and where a text would swallow them."""
    if before is None or _swallows(before):
        return dropwhile(lambda line: not line.text, lines)
    return lines


def _swallows(node: Node) -> bool:
    """Say whether a blank line that is written behind this node becomes part of it."""
    if isinstance(node, Block):
        return not node.after and _swallows(node.entries[-1].value)
    return isinstance(node, BlockText) and node.keeps


def _commented(lines: list[str], comment: Comment | None) -> list[str]:
    """Write a comment behind the last of these lines."""
    if not comment:
        return lines
    *others, last = lines
    first, *more = comment.lines
    column = len(last) + comment.gap
    return [*others, f"{last:{column}}{first}", *(" " * column + each for each in more)]


def _block(block: Block, column: int) -> list[str]:
    written: list[str] = []
    before: Node | None = None
    for entry in block.entries:
        written += _lines(_apart(entry.before, before), column)
        written += _entry(entry, column)
        before = entry.value
    return [*written, *_lines(_apart(block.after, before), column)]


def _entry(entry: Entry, column: int) -> list[str]:
    head = " " * column + ("-" if entry.key is None else entry.key)
    if isinstance(entry.value, Block):
        return _with_block(entry, entry.value, head, column)
    inner = column + _STEP
    flow = isinstance(entry.value, Flow)
    first, *more = _node(entry.value, inner if flow else column)
    # The closing bracket must stand further in than the key: so the whole stands below it.
    below = flow and more and entry.key is not None
    between = _comments(entry.between, inner)
    if entry.comment or between or below:
        above = [*_commented([head], entry.comment), *between]
        return [*above, *_commented([" " * inner + first, *more], entry.end)]
    return _commented([f"{head} {first}" if first else head, *more], entry.end)


def _with_block(entry: Entry, block: Block, head: str, column: int) -> list[str]:
    """Write a block below its key, and beside its dash where nothing stands between."""
    inner = _node(block, column)
    if entry.key is None and not (block.properties or entry.comment or _begins_with_comment(block)):
        return [f"{head} {inner[0].lstrip(' ')}", *inner[1:]]
    whole = f"{head} {block.properties}" if block.properties else head
    return [*_commented([whole], entry.comment), *inner]


def _begins_with_comment(block: Block) -> bool:
    return any(line.text for line in block.entries[0].before)


def _node(node: Node, column: int) -> list[str]:
    """Write a value, the first line without indentation unless it is a block.

    Blocks and texts are indented by a step more than the column, a closing bracket by the column.
    """
    if isinstance(node, Block):
        return _block(node, column + _STEP)
    if isinstance(node, Flow) and not node.brackets:
        return _in_flow(node.entries[0], column)
    if isinstance(node, Flow):
        return _broken(node, column) if node.broken else [_flow(node)]
    inner = " " * (column + _STEP)
    below = [inner + line if line else "" for line in node.lines]
    if isinstance(node, BlockText):
        return [node.header, *below]
    return [node.lines[0], *below[1:]]


def _flow(node: Flow) -> str:
    """Write everything in one line."""
    inner = ", ".join(_in_flow(entry, 0)[0] for entry in node.entries)
    opening = f"{node.properties} {node.brackets[0]}".lstrip(" ")
    return f"{opening}{inner}{node.brackets[1]}"


def _broken(node: Flow, column: int) -> list[str]:
    """Write each entry in a line of its own."""
    inner = column + _STEP
    opening = f"{node.properties} {node.brackets[0]}".lstrip(" ")
    written = _commented([opening], node.comment)
    for number, entry in enumerate(node.entries):
        written += _lines(_apart(entry.before, entry.value if number else None), inner)
        first, *more = _in_flow(entry, inner)
        lines = [" " * inner + first, *more]
        if number < len(node.entries) - 1:
            lines[-1] += ","
        written += _commented([*lines[:-1], lines[-1].rstrip(" ")], entry.end)
    return [*written, *_comments(node.after, inner), " " * column + node.brackets[1]]


def _in_flow(entry: Entry, column: int) -> list[str]:
    first, *more = _node(entry.value, column)
    if entry.key is None:
        return [first, *more]
    # A colon that a comma follows at once would be part of the key.
    return [f"{entry.key} {first}" if entry.key.endswith(":") else entry.key, *more]
