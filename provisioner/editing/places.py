"""Single edits of a text: a value replaced, a key or member written or taken out."""

from __future__ import annotations

import re
from typing import Any

import yaml

from provisioner.editing.extents import Member, Unplaceable, column_of, members
from provisioner.editing.written import (
    PLAIN,
    STEP,
    as_block_text,
    as_member,
    as_pair,
    below_key,
    in_brackets,
    in_one_line,
)

_BLANK_LINE = re.compile(r"[ \t]*\n[ \t]*\n")
_HEADER_COMMENT = re.compile(r"[ \t]+#[^\n]*")
_COMMENT = re.compile(r"(?:^|\s)#")


def replaced(text: str, member: Member, value: Any, *, in_line: bool = False) -> str:
    """Write another value in the place of one; the comment behind it stays."""
    node, start, end = member.node, member.start, member.end
    is_scalar = isinstance(node, yaml.ScalarNode)
    style = (node.style or PLAIN) if is_scalar and not member.is_alias else ""
    if member.in_brackets or (not is_scalar and node.flow_style and not member.is_alias):
        _refuse_comments(text, start, end)
        return text[:start] + _apart(text, start) + in_brackets(value, style) + text[end:]
    if not is_scalar and not member.is_alias:
        _refuse_comments(text, start, end)
        start = start if value else _behind_key(text, member)
    comment, line_end = _comment(text, member)
    indentation = _indentation(text, member) if style in ("|", ">") else 0
    lines = [in_brackets(value)] if in_line else _written(value, member, style, indentation)
    first, *below = lines
    if first.endswith("+") and _BLANK_LINE.match(text, line_end):
        # Such a text takes in the blank lines behind it.
        first, below = in_one_line(value), []
    start = len(text[:start].rstrip(" \t")) if not first else start
    whole = "\n".join([_apart(text, start) * bool(first) + first + comment, *below])
    if below and not text[line_end : _line_end(text, line_end)].strip(" \t"):
        # Blanks there, and no newline at the end of the file, would be part of a block text.
        rest = text[_line_end(text, line_end) :]
        return text[:start] + whole + (rest or "\n")
    return text[:start] + whole + text[line_end:]


def _behind_key(text: str, member: Member) -> int:
    """Find the end of the key's own line, if only blanks stand between it and its block."""
    before = text[: member.start].rstrip(" \t\n")
    is_bare = member.key is not None and before.endswith(":")
    return len(before) if is_bare and before.rfind("\n") < member.first else member.start


def _written(value: Any, member: Member, style: str, indentation: int) -> list[str]:
    column = column_of(member.around)
    if isinstance(value, (dict, list)) and value:
        if member.key is None:
            first, *below = as_member(value, column)
            return [first.removeprefix(" " * column + "- "), *below]
        return below_key(value, column)
    if isinstance(value, str) and (style in ("|", ">") or "\n" in value):
        lines = as_block_text(value, column, indentation or column + STEP)
        if lines:
            return lines
    return [in_one_line(value, style)]


def _comment(text: str, member: Member) -> tuple[str, int]:
    """Find the comment of a value's first or last line, and where what is replaced ends."""
    if _is_block_text(member):
        found = _HEADER_COMMENT.search(text, member.start, _line_end(text, member.start))
        return (found[0] if found else ""), member.end
    line_end = _line_end(text, member.end)
    found = _HEADER_COMMENT.fullmatch(text, member.end, line_end)
    return (found[0], line_end) if found else ("", member.end)


def _is_block_text(member: Member) -> bool:
    is_scalar = isinstance(member.node, yaml.ScalarNode) and not member.is_alias
    return is_scalar and member.node.style in ("|", ">")


def _indentation(text: str, member: Member) -> int:
    """Tell how far a block text is indented."""
    body = text[member.start : member.end].split("\n")[1:]
    return next((len(line) - len(line.lstrip(" ")) for line in body if line.strip()), 0)


def with_key(
    text: str, node: Any, key: str, value: Any, *, brackets: bool, in_line: bool = False
) -> str:
    """Write a new key behind the last one of a map."""
    pair = f"{in_brackets(key)}: {in_brackets(value)}" if brackets or in_line else ""
    if not node.value:
        return _first(text, node, pair)
    last = members(text, node, in_brackets=brackets)[-1]
    if brackets:
        return f"{text[: last.end]}, {pair}{text[last.end :]}"
    column = column_of(node)
    lines = [" " * column + pair] if in_line else as_pair(key, value, column)
    return _behind(text, last.end, lines)


def with_member(
    text: str, node: Any, index: int, value: Any, *, brackets: bool, in_line: bool = False
) -> str:
    """Write a new member into a list."""
    if not node.value:
        return _first(text, node, in_brackets(value))
    everything = members(text, node, in_brackets=brackets)
    if brackets and index:
        end = everything[index - 1].end
        return f"{text[:end]}, {in_brackets(value)}{text[end:]}"
    if brackets:
        start = everything[0].first
        return f"{text[:start]}{in_brackets(value)}, {text[start:]}"
    column = column_of(node)
    lines = [f"{' ' * column}- {in_brackets(value)}"] if in_line else as_member(value, column)
    if index:
        return _behind(text, everything[index - 1].end, lines)
    start = _line_start(text, _dash(text, everything[0]))
    return text[:start] + "".join(f"{line}\n" for line in lines) + text[start:]


def without(text: str, everything: list[Member], index: int) -> str:
    """Take out one of the members of a map or list."""
    member = everything[index]
    if member.in_brackets:
        return _without_in_brackets(text, everything, index)
    if len(everything) == 1:
        raise Unplaceable("Nothing would be left in this map or list", member.first)
    start = member.first if member.key is not None else _dash(text, member)
    line_start, line_end = _line_start(text, start), _line_end(text, member.end)
    if text[line_start:start].strip(" "):
        return _without_first(text, everything, index)
    comment = text[member.end : line_end].strip(" \t")
    if "\n" in text[start : member.end]:
        inside = re.compile(rf"(?:\n {{{start - line_start + 1},}}#[^\n]*)*")
        found = inside.match(text, line_end)
        line_end = found.end() if found else line_end
    elif comment:
        return text[:start] + comment + text[line_end:]
    return text[:line_start] + text[min(line_end + 1, len(text)) :]


def _without_first(text: str, everything: list[Member], index: int) -> str:
    """Take out a key that stands behind the dash of a list: the next one takes its place."""
    start, follower = everything[index].first, everything[index + 1 : index + 2]
    if not follower or everything[index].key is None:
        raise Unplaceable("The lines here are shared with what stays", start)
    _refuse_comments(text, everything[index].end, follower[0].first)
    return text[:start] + text[follower[0].first :]


def _without_in_brackets(text: str, everything: list[Member], index: int) -> str:
    member = everything[index]
    start, end = member.first, member.end
    if index + 1 < len(everything):
        end = everything[index + 1].first
        _refuse_comments(text, member.end, end)
    elif index:
        start = everything[index - 1].end
        _refuse_comments(text, start, member.first)
    return text[:start] + text[end:]


def _first(text: str, node: Any, written: str) -> str:
    """Write into empty brackets."""
    opening = text.find("{" if isinstance(node, yaml.MappingNode) else "[", node.start_mark.index)
    return text[: opening + 1] + written + text[opening + 1 :]


def _behind(text: str, end: int, lines: list[str]) -> str:
    """Write lines below the one in which something ends."""
    line_end = _line_end(text, end)
    return "\n".join([text[:line_end], *lines]) + (text[line_end:] or "\n")


def _dash(text: str, member: Member) -> int:
    found = text.rfind("-", _line_start(text, member.first), member.first)
    if found < 0 or text[found + 1 : member.first].strip(" \t"):
        raise Unplaceable("The dash stands in another line than what follows it", member.first)
    return found


def _apart(text: str, start: int) -> str:
    """Keep a value apart from its colon, where nothing stood before."""
    return " " if text[start - 1 : start] == ":" else ""


def _refuse_comments(text: str, start: int, end: int) -> None:
    if _COMMENT.search(text, start, end):
        raise Unplaceable("A comment in what would be written anew would be lost", start)


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> int:
    found = text.find("\n", at)
    return found if found >= 0 else len(text)
