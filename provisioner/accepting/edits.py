"""What was edited at the service, one difference for each place of a manifest that says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from provisioner.diff import attributed, differences
from provisioner.kinds import KINDS
from provisioner.plan import Change, Difference
from provisioner.resource import Attributes, ResourceState

Keys = tuple[str, ...]

_OPENED = ((), ("metadata",), ("tools",), ("tool_resources",), ("file_ids",))
_INTERPRETER = ("tool_resources", "code_interpreter")
_OPENED_INSIDE = (_INTERPRETER, (*_INTERPRETER, "file_ids"), ("tool_resources", "file_search"))


def edits(change: Change, applied: Attributes | None) -> tuple[Difference, ...]:
    """List how live and declared differ, and who made it so; `applied` is what is recorded.

    Paths are those of the keyed form. Pairs of metadata, tools, what a function consists of, and
    attached files are told apart.
    """
    kind = KINDS[change.address.kind]
    live, declared = kind.keyed_form(change.before or {}), kind.keyed_form(change.after or {})
    found = between(live, declared)
    if applied is None:
        return tuple(found)
    return attributed(found, kind.keyed_form(kind.normal_form(applied)))


def between(before: Any, after: Any, path: Keys = ()) -> Iterator[Difference]:
    """Go through the differences of two keyed forms."""
    if is_same(before, after):
        return
    if not _is_opened(path, before, after):
        yield Difference(path, before, after)
        return
    for key in sorted({**(before or {}), **(after or {})}):
        yield from between((before or {}).get(key), (after or {}).get(key), (*path, key))


def is_same(one: Any, other: Any) -> bool:
    """Say whether two values mean the same to a plan."""
    return not differences({"value": one}, {"value": other})


def _is_opened(path: Keys, before: Any, after: Any) -> bool:
    if path in (*_OPENED, *_OPENED_INSIDE):
        return True
    if path[0] == "tools" and path[2:] == ("file_search",):
        return True  # a manifest writes its options beside the type
    is_tool = path[0] == "tools" and (len(path) == len(("tools", "key")) or path[2:] == _FUNCTION)
    return is_tool and isinstance(before, Mapping) and isinstance(after, Mapping)


_FUNCTION = ("function",)


def with_edit(form: Attributes, edit: Difference, kind: str) -> Attributes:
    """Give a keyed form with what is live put in the place of what is declared."""
    made = _assigned(form, tuple(map(str, edit.path)), edit.before)
    return KINDS[kind].keyed_form(KINDS[kind].unkeyed_form(made))


def _assigned(form: Attributes, path: Keys, value: Any) -> Attributes:
    first, *rest = path
    others = {key: each for key, each in form.items() if key != first}
    inner = _assigned(form.get(first) or {}, tuple(rest), value) if rest else value
    # An id beside nothing else would leave an empty map behind.
    return others if inner is None or (rest and inner == {}) else {**others, first: inner}


def baseline(state: ResourceState, live: Attributes, declared: Attributes) -> ResourceState:
    """Record as applied what is live wherever the manifests say the same.

    Both are normal forms. Of the record only what was applied changes.
    """
    kind = KINDS[state.address.kind]
    recorded = kind.keyed_form(kind.normal_form(state.attributes))
    now, says = kind.keyed_form(live), kind.keyed_form(declared)
    left = {each.path for each in between(now, says)}
    agreed = [each for each in between(now, recorded) if each.path not in left]
    for each in agreed:
        recorded = with_edit(recorded, each, kind.name)
    return replace(state, attributes=kind.unkeyed_form(recorded)) if agreed else state
