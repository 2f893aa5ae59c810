"""The texts inside a JSON value, wherever they stand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any


def texts(
    value: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Go through every text, with its path; keys are none."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from texts(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from texts(each, (*path, index))


def with_texts(value: Any, change: Callable[[str], Any]) -> Any:
    """Change every text; keys, and what is no JSON, stay."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: with_texts(each, change) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [with_texts(each, change) for each in value]
    return value
