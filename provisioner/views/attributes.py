"""Attributes on the screen: the parts of a comparison, drawn in a form like Terraform's.

Each line begins with two blanks, a mark and a blank; what is inside of something is four deeper.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from provisioner.views import prose, scalars
from provisioner.views.comparison import Group, Pair, Part, Value
from provisioner.views.style import Paint
from provisioner.views.words import only_whitespace

_DEEPER = "    "


@dataclass(frozen=True, slots=True)
class _Line:
    """What stands around a value on its line."""

    key: str
    """`name = `, or nothing in a list."""
    name: str | None
    end: str = ""
    """A comma, or what becomes of a removed attribute."""
    remark: str = ""
    """A comment behind everything."""


def draw(group: Group, paint: Paint, *, remark: str = "", noun: str = "unchanged ") -> list[str]:
    """Draw the attributes of an object; the remark goes behind each that differs."""
    lines = []
    for (name, part), key in zip(group.entries, _keys(group), strict=True):
        differs = not (isinstance(part, Value) and part.mark == " ") and name != "id"
        end = paint("faint", " -> null") if _mark(part) == "-" else ""
        lines += _part(part, _Line(key, name, end, remark if differs else ""), paint)
    return lines + _hidden(group, paint, noun)


def deeper(lines: Iterable[str]) -> list[str]:
    """Move lines to the right."""
    return [f"{_DEEPER}{line}" if line else "" for line in lines]


def _keys(group: Group) -> list[str]:
    """Write the keys of a group, the equals signs below one another."""
    if group.is_list:
        return [""] * len(group.entries)
    words = [scalars.key(name) for name, _ in group.entries]
    width = max(map(len, words), default=0)
    return [f"{word.ljust(width)} = " for word in words]


def _mark(part: Part) -> str:
    """Give the mark that a part is drawn with."""
    return "~" if isinstance(part, Pair) else part.mark


def _hidden(group: Group, paint: Paint, noun: str = "unchanged ") -> list[str]:
    """Count what isn't shown."""
    if not group.hidden:
        return []
    word = "element" if group.is_list else "attribute"
    plural = "" if group.hidden == 1 else "s"
    return [_DEEPER + paint("faint", f"# ({group.hidden} {noun}{word}{plural} hidden)")]


def _part(part: Part, line: _Line, paint: Paint) -> list[str]:
    """Draw one attribute or element, and say who made it differ."""
    if part.cause:
        line = replace(line, remark=line.remark + paint("faint", f"  # {part.cause.value}"))
    if isinstance(part, Group):
        return _group(part, line, paint)
    if isinstance(part, Pair):
        return _pair(part, line, paint)
    return _value(part.value, part.mark, line, paint)


def _start(mark: str, line: _Line, paint: Paint) -> str:
    """Begin a line."""
    return f"  {paint(mark, mark)} {line.key}"


def _group(group: Group, line: _Line, paint: Paint) -> list[str]:
    """Draw a mapping or list of which parts differ."""
    opening, closing = "[]" if group.is_list else "{}"
    inside = _entries(group, paint) + _hidden(group, paint)
    first = f"{_start(group.mark, line, paint)}{opening}{line.remark}"
    return [first, *deeper(inside), f"{_DEEPER}{closing}{line.end}"]


def _entries(group: Group, paint: Paint) -> list[str]:
    """Draw the parts of a group."""
    end = "," if group.is_list else ""
    lines = []
    for (name, part), key in zip(group.entries, _keys(group), strict=True):
        lines += _part(part, _Line(key, name, end), paint)
    return lines


def _pair(part: Pair, line: _Line, paint: Paint) -> list[str]:
    """Draw a value that becomes another one."""
    before, after = part.before, part.after
    old, new = scalars.scalar(before, line.name), scalars.scalar(after, line.name)
    if isinstance(before, str) and isinstance(after, str) and _is_long(old, new):
        return _block(prose.difference(before, after), "~", _respaced(part, line, paint), paint)
    if scalars.is_container(before) or scalars.is_container(after):
        return [*_value(before, "-", line, paint), *_value(after, "+", line, paint)]
    remark = paint("faint", scalars.note(after)) + _respaced(part, line, paint).remark
    return [f"{_start('~', line, paint)}{old} {paint('~', '->')} {new}{line.end}{remark}"]


def _respaced(part: Pair, line: _Line, paint: Paint) -> _Line:
    """Say so where two texts differ in nothing but whitespace."""
    texts = isinstance(part.before, str) and isinstance(part.after, str)
    if not texts or not only_whitespace(part.before, part.after):
        return line
    return replace(line, remark=paint("faint", "  # only whitespace") + line.remark)


def _is_long(old: str, new: str) -> bool:
    """Say whether two texts, as they would be written, need lines of their own."""
    return "\\n" in old + new or len(old) + len(new) > scalars.INLINE


def _value(value: Any, mark: str, line: _Line, paint: Paint) -> list[str]:
    """Draw a value as a whole."""
    if scalars.is_block(value):
        return _block(prose.block(value), mark, line, paint)
    if not scalars.is_container(value):
        remark = paint("faint", scalars.note(value)) + line.remark
        written = scalars.scalar(value, line.name)
        return [f"{_start(mark, line, paint)}{written}{line.end}{remark}"]
    short = scalars.inline(value)
    if short is not None:
        return [f"{_start(mark, line, paint)}{short}{line.end}{line.remark}"]
    return _group(_opened(value, mark), line, paint)


def _opened(value: Any, mark: str) -> Group:
    """Take a list or mapping apart."""
    if not isinstance(value, Mapping):
        return Group(mark, tuple((None, Value(mark, each)) for each in value), 0, is_list=True)
    names = sorted(value, key=scalars.rank)
    entries = tuple((str(name), Value(mark, value[name])) for name in names)
    return Group(mark, entries, 0, is_list=False)


def _block(rows: Iterable[prose.Row], mark: str, line: _Line, paint: Paint) -> list[str]:
    """Draw a text between its delimiters."""
    first = f"{_start(mark, line, paint)}<<-EOT{line.remark}"
    return [first, *deeper(row.paint(paint) for row in rows), f"{_DEEPER}EOT{line.end}"]
