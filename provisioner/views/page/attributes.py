"""The attributes of a card: what differs, or everything of an object that comes or goes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from provisioner.kinds import KINDS
from provisioner.plan import Action, Cause, Change, Difference
from provisioner.resource import Attributes
from provisioner.views.alignment import lines
from provisioner.views.page.spans import Span
from provisioner.views.page.texts import TextDiff, marked, text_diff
from provisioner.views.page.values import Links, is_large, plain, value_spans
from provisioner.views.scalars import rank

_SHOWN_OF_FORGOTTEN = ("name", "filename")
_KEYED_IDS = ("tool_resources", "file_ids")


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute on a card."""

    path: tuple[str, ...]
    before: tuple[Span, ...] = ()
    after: tuple[Span, ...] = ()
    cause: Cause | None = None
    is_large: bool = False
    """It is shown below the others, at full width."""
    diff: TextDiff | None = None
    """Both sides of a large one, instead of `before` and `after`."""
    size: str = ""
    """How long a large one is that has one side only."""


def attributes(change: Change, links: Links) -> list[Attribute]:
    """List what a card shows of an object, what tells it apart first."""
    if change.action is Action.CREATE:
        parts = _parts(change.after, change.address.kind)
        return [_attribute(path, None, value, links) for path, value in parts]
    if change.action is Action.DELETE:
        parts = _parts(change.before, change.address.kind)
        return [_attribute(path, value, None, links) for path, value in parts]
    if change.action is Action.FORGET:
        shown = {name: (change.before or {}).get(name) for name in _SHOWN_OF_FORGOTTEN}
        parts = _parts(shown, change.address.kind)
        return [_attribute(path, value, None, links) for path, value in parts]
    ordered = sorted(change.differences, key=lambda each: rank(each.path[0]))
    return [_difference(each, links) for each in ordered]


def _parts(form: Attributes | None, kind: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Take an object apart into attributes, and its tools into single ones."""
    present = {name: value for name, value in (form or {}).items() if value is not None}
    for name in sorted(present, key=rank):
        if name == "tools":
            tools = KINDS[kind].keyed_form({"tools": present["tools"]})["tools"]
            yield from ((("tools", str(key)), tool) for key, tool in tools.items())
        else:
            yield (name,), present[name]


def _difference(difference: Difference, links: Links) -> Attribute:
    """Show one attribute that differs; ids are keyed by themselves, and needn't be there twice."""
    path = tuple(str(each) for each in difference.path)
    value = difference.before if difference.after is None else difference.after
    if path[0] in _KEYED_IDS and path[-1] == str(value):
        path = path[:-1]
    return _attribute(path, difference.before, difference.after, links, difference.cause)


def _attribute(
    path: tuple[str, ...], before: Any, after: Any, links: Links, cause: Cause | None = None
) -> Attribute:
    """Choose how to show what stands on one side or on both."""
    large = is_large(before) or is_large(after)
    if before is not None and after is not None and large:
        diff = text_diff(plain(before), plain(after))
        return Attribute(path, cause=cause, is_large=True, diff=diff)
    if isinstance(before, str) and isinstance(after, str):
        return Attribute(path, *marked(before, after), cause)
    left, right = (
        () if each is None else value_spans(each, path[-1], links) for each in (before, after)
    )
    size = _size(after if before is None else before) if large else ""
    return Attribute(path, left, right, cause, large, size=size)


def _size(value: Any) -> str:
    """Say how long a large value is."""
    text = plain(value)
    count = len(lines(text))
    unit = "line" if count == 1 else "lines"
    length = f", {len(text):,} characters" if isinstance(value, str) else ""
    return f"{count:,} {unit}{length}"
