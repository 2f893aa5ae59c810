"""What has to be edited so that a document says something else: single steps, the last place first.

A step leaves the places of those that follow it as they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum
from typing import Any

from provisioner.manifest.document import Path


class Verb(Enum):
    """What a step does at its path."""

    PUT = "put"
    """Write a value in the place of another, or a new key into a map."""
    INSERT = "insert"
    """Write a new member into a list, before the one that has its place now."""
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Step:
    """One edit."""

    verb: Verb
    path: Path
    value: Any = None


def steps(before: Any, after: Any, path: Path = ()) -> Iterator[Step]:
    """Tell how one value becomes another, with as little as possible written anew."""
    if same(before, after):
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping) and after:
        for key in reversed([each for each in before if each not in after]):
            yield Step(Verb.DROP, (*path, key))
        for key, each in after.items():
            if key in before:
                yield from steps(before[key], each, (*path, key))
            else:
                yield Step(Verb.PUT, (*path, key), each)
    elif isinstance(before, list) and isinstance(after, list) and before and after:
        yield from _members(before, after, path)
    else:
        yield Step(Verb.PUT, path, after)


def _members(before: Sequence[Any], after: Sequence[Any], path: Path) -> Iterator[Step]:
    old, new = [_text(each) for each in before], [_text(each) for each in after]
    for verb, low, high, start, end in reversed(
        SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    ):
        if verb == "equal":
            continue
        kept = min(high - low, end - start)
        for index in reversed(range(low + kept, high)):
            yield Step(Verb.DROP, (*path, index))
        for each in reversed(after[start + kept : end]):
            yield Step(Verb.INSERT, (*path, low + kept), each)
        for offset in reversed(range(kept)):
            yield from steps(before[low + offset], after[start + offset], (*path, low + offset))


def carried_out(data: Any, step: Step) -> Any:
    """Give the data as it is after a step."""
    return _at(data, step.path, step)


def _at(data: Any, path: Path, step: Step) -> Any:
    if not path:
        return step.value
    first, *rest = path
    if isinstance(data, list):
        return _in_list(data, int(first), tuple(rest), step)
    if not rest and step.verb is Verb.DROP:
        return {key: each for key, each in data.items() if key != first}
    return {**data, str(first): _at(data.get(first), tuple(rest), step)}


def _in_list(data: list[Any], index: int, rest: Path, step: Step) -> list[Any]:
    if rest or step.verb is Verb.PUT:
        return [*data[:index], _at(data[index], rest, step), *data[index + 1 :]]
    if step.verb is Verb.DROP:
        return [*data[:index], *data[index + 1 :]]
    return [*data[:index], step.value, *data[index:]]


def same(one: Any, other: Any) -> bool:
    """Say whether two JSON values are the same, of the same types; the order of keys is nothing."""
    return _text(one) == _text(other)


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
