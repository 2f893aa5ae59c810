"""What is to be shown of two attribute trees: the parts that differ, and what says where they are.

A tree of parts is made from the differences of a change and then only drawn (`attributes`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any, TypeAlias

from provisioner.plan import Cause, Difference
from provisioner.resource import Attributes
from provisioner.views.scalars import is_container, rank

IDENTITY = ("id", "type", "name", "filename")
"""What is shown though it doesn't differ: it says which object or entry is meant."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value as a whole: added, removed, or as it is (a blank mark)."""

    mark: str
    value: Any
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A value that becomes another one."""

    before: Any
    after: Any
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A mapping or list of which some parts differ; the keys of a list's parts are None."""

    mark: str
    entries: tuple[tuple[str | None, Part], ...]
    hidden: int
    is_list: bool
    cause: Cause | None = None


Part: TypeAlias = Value | Pair | Group
_Trie: TypeAlias = "dict[str | int, _Trie | Difference]"


def compare(
    differences: Iterable[Difference], before: Attributes | None, after: Attributes | None
) -> Group:
    """Arrange the differences as a tree, with as much around them as is needed."""
    return _group(_trie(differences), before or {}, after or {})


def identity(attributes: Attributes | None, mark: str) -> Group:
    """Show of an object only what says which one it is."""
    present = _present(attributes)
    shown = {name: value for name, value in present.items() if _tells(name, value)}
    entries = tuple((name, Value(mark, shown[name])) for name in sorted(shown, key=rank))
    return Group(mark, entries, len(present) - len(shown), is_list=False)


def whole(attributes: Attributes | None, mark: str) -> Group:
    """Show everything."""
    present = _present(attributes)
    entries = tuple((name, Value(mark, present[name])) for name in sorted(present, key=rank))
    return Group(mark, entries, 0, is_list=False)


def _trie(differences: Iterable[Difference]) -> _Trie:
    """Put the differences into nested dicts, by the segments of their paths."""
    root: _Trie = {}
    for difference in differences:
        place = root
        for segment in difference.path[:-1]:
            inner = place.setdefault(segment, {})
            if isinstance(inner, Difference):
                break  # a part of what is shown already
            place = inner
        else:
            place[difference.path[-1]] = difference
    return root


def _part(trie: _Trie | Difference, before: Any, after: Any) -> Part:
    """Show one branch of the differences."""
    if isinstance(trie, Difference):
        return replace(pair(trie.before, trie.after), cause=trie.cause)
    return _group(trie, before, after)


def _group(trie: _Trie, before: Any, after: Any) -> Group:
    """Show the parts of a mapping or list that differ; count the others."""
    mark = "~" if (before is None) == (after is None) else "+" if before is None else "-"
    if any(isinstance(segment, int) for segment in trie):
        return _list_group(trie, mark, _elements(before), _elements(after))
    if _is_list(before) or _is_list(after):
        return _keyed_group(trie, mark, _by_key(before), _by_key(after))
    old, new = _present(before), _present(after)
    context = {
        name: Value(" ", old.get(name, new.get(name)))
        for name in (new | old)
        if name not in trie and _tells(name, old.get(name, new.get(name)))
    }
    parts = context | {
        str(name): _part(trie[name], old.get(str(name)), new.get(str(name))) for name in trie
    }
    entries = tuple((name, parts[name]) for name in sorted(parts, key=rank))
    return Group(mark, entries, len((new | old).keys() - parts.keys()), is_list=False)


def _list_group(trie: _Trie, mark: str, before: Sequence[Any], after: Sequence[Any]) -> Group:
    """Show the elements of a list that differ, by their places."""
    places = sorted(place for place in trie if isinstance(place, int))
    entries = tuple((None, _part(trie[at], _at(before, at), _at(after, at))) for at in places)
    hidden = max(len(before), len(after)) - len(places)
    return Group(mark, entries, max(hidden, 0), is_list=True)


def _keyed_group(
    trie: _Trie, mark: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Group:
    """Show the members of a list that differ, by their identity instead of their places."""
    entries = tuple(
        (None, _part(trie[key], before.get(str(key)), after.get(str(key))))
        for key in sorted(trie, key=str)
    )
    return Group(mark, entries, len(before.keys() | after.keys()) - len(entries), is_list=True)


def _by_key(members: Any) -> dict[str, Any]:
    """Key a list's members as paths name them: tools by type and name, ids by themselves."""
    return {_path_key(each): each for each in _elements(members)}


def _path_key(member: Any) -> str:
    if not isinstance(member, Mapping):
        return str(member)
    function = member.get("function")
    name = function.get("name", "") if isinstance(function, Mapping) else ""
    return f"{member.get('type', '')} {name}".strip()


def pair(before: Any, after: Any) -> Part:
    """Show how one value becomes another; None is no value."""
    if before is None or after is None:
        return Value("+", after) if before is None else Value("-", before)
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return _mappings(before, after)
    if isinstance(before, list | tuple) and isinstance(after, list | tuple):
        return _lists(before, after)
    return Pair(before, after)


def _mappings(before: Mapping[str, Any], after: Mapping[str, Any]) -> Group:
    """Find what differs between two mappings."""
    names = dict.fromkeys([*before, *after])
    trie: _Trie = {
        name: Difference((name,), before.get(name), after.get(name))
        for name in names
        if before.get(name) != after.get(name)
    }
    return _group(trie, before, after)


def _lists(before: Sequence[Any], after: Sequence[Any]) -> Group:
    """Find what differs between two lists: elements that moved along are the same."""
    old, new = [_text(each) for each in before], [_text(each) for each in after]
    parts: list[Part] = []
    hidden = 0
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for verb, low, high, start, end in matcher.get_opcodes():
        if verb == "equal":
            hidden += high - low
        else:
            parts += _exchange(before[low:high], after[start:end])
    return Group("~", tuple((None, part) for part in parts), hidden, is_list=True)


def _exchange(before: Sequence[Any], after: Sequence[Any]) -> list[Part]:
    """Set elements that are the same by name against each other; the rest leaves and comes."""
    coming = list(after)
    parts: list[Part] = []
    for element in before:
        match = next((each for each in coming if _same_name(element, each)), None)
        if match is not None:
            coming.remove(match)
        parts.append(pair(element, match))
    return parts + [Value("+", each) for each in coming]


def _same_name(one: Any, other: Any) -> bool:
    """Say whether two entries of a list are the same thing in two shapes."""
    if not isinstance(one, Mapping) or not isinstance(other, Mapping):
        return False
    return _label(one) == _label(other)


def _label(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    """Give what tells an entry from others: a tool's type and its function's name."""
    function = entry.get("function")
    inner = function.get("name") if isinstance(function, Mapping) else None
    return (*(entry.get(name) for name in IDENTITY), inner)


def _tells(name: object, value: Any) -> bool:
    """Say whether the attribute says which object is meant."""
    return name in IDENTITY and not is_container(value)


def _text(value: Any) -> str:
    """Write a value so that equal values are equal texts."""
    return json.dumps(value, sort_keys=True, default=repr)


def _present(value: Any) -> dict[str, Any]:
    """Give the attributes that aren't null."""
    items = value.items() if isinstance(value, Mapping) else ()
    return {str(name): inner for name, inner in items if inner is not None}


def _elements(value: Any) -> Sequence[Any]:
    """Give a list's elements; none of anything else."""
    return value if _is_list(value) else ()


def _is_list(value: Any) -> bool:
    """Say whether a value is a list of any kind."""
    return isinstance(value, list | tuple)


def _at(elements: Sequence[Any], place: int) -> Any:
    """Give the element, or None past the end."""
    return elements[place] if 0 <= place < len(elements) else None
