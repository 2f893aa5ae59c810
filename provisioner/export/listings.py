"""Saved answers of the API read without any service: the way back when the service has gone.

Taken are the answers of `GET /assistants`, `/files` and `/vector_stores` as they came: listings,
single objects, arrays of either, maps with these under `assistants`, `files` and `vector_stores`,
and any number of these values one after the other in one file. Both generations may be mixed.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import NoneType
from typing import Any, NoReturn

from provisioner.diagnostics import Diagnostic, error
from provisioner.errors import ManifestError
from provisioner.providers.projection import read_listed
from provisioner.resource import RemoteObject

MAX_BYTES = 64 * 1024 * 1024
"""Larger files are refused: so many answers nobody saves by hand."""

_KEYS = ("assistants", "files", "vector_stores")
_BLANKS = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class _List:
    """A list, or null, with members of one form."""

    of: Any


@dataclass(frozen=True, slots=True)
class _Map:
    """A map, or null where nothing is needed in it: known keys have forms of their own."""

    known: Mapping[str, Any] = field(default_factory=dict)
    others: Any = object
    needed: tuple[str, ...] = ()


_TEXT, _NUMBER = (str, NoneType), (int, float, NoneType)
_TOOL = _Map(
    {"type": str, "function": _Map({"name": str}), "file_search": _Map()}, needed=("type",)
)
_ASSISTANT = _Map(
    {
        "id": str,
        "model": str,
        "name": _TEXT,
        "description": _TEXT,
        "instructions": _TEXT,
        "tools": _List(_TOOL),
        "file_ids": _List(str),
        "tool_resources": _Map(others=_Map(others=_List(str))),
        "metadata": _Map(others=str),
        "temperature": _NUMBER,
        "top_p": _NUMBER,
        "created_at": _NUMBER,
    },
    needed=("id", "model"),
)
_NAMES: Mapping[Any, str] = {str: "a text", int: "a number", float: "a number", NoneType: "null"}


@dataclass
class Listings:
    """What saved answers hold."""

    assistants: dict[str, RemoteObject] = field(default_factory=dict)
    """By id; where an id comes again, the first counts."""
    filenames: dict[str, str] = field(default_factory=dict)
    """By the id of the file."""
    stores: dict[str, str] = field(default_factory=dict)
    """The names of vector stores, by id."""
    notes: list[str] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)


def read_listings(content: bytes, name: str) -> Listings:
    """Read saved answers; raises ManifestError with everything that is wrong with them."""
    listings = Listings()
    for number, value in enumerate(_values(content, name), 1):
        place = "$" if number == 1 else f"value {number}: $"
        _read(listings, value, place, name)
    if listings.problems:
        raise ManifestError(*listings.problems)
    return listings


def _values(content: bytes, name: str) -> Iterator[Any]:
    """Go through the JSON values of a file, one after the other."""
    decoder = json.JSONDecoder(parse_constant=_refuse, parse_float=_finite)
    try:
        text = content.decode(json.detect_encoding(content)).removeprefix("\ufeff")
        at = _after_blanks(text, 0)
        if at == len(text):
            raise _unreadable(name, "it is empty")
        while at < len(text):
            value, end = decoder.raw_decode(text, at)
            yield value
            at = _after_blanks(text, end)
    except json.JSONDecodeError as trouble:
        where = f"line {trouble.lineno}, column {trouble.colno}"
        raise _unreadable(name, f"{where}: {trouble.msg}") from None
    except (ValueError, RecursionError) as trouble:
        raise _unreadable(name, str(trouble)) from None


def _after_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def _unreadable(name: str, what: str) -> ManifestError:
    return ManifestError(_problem(name, "$", f"it is no JSON ({what})"))


def _problem(name: str, place: str, what: str) -> Diagnostic:
    return error(
        "M750",
        "Saved answers can't be read",
        f"{name}, at {place}: {what}. Save what `GET /assistants` answers, as JSON, and name that"
        " file.",
    )


def _read(listings: Listings, value: Any, place: str, name: str) -> None:
    if isinstance(value, list):
        for index, each in enumerate(value):
            _read(listings, each, f"{place}[{index}]", name)
    elif not isinstance(value, Mapping):
        listings.problems.append(_problem(name, place, "an object or a list must stand here"))
    elif value.get("object") == "list" or ("data" in value and "id" not in value):
        if value.get("has_more") is True:
            listings.notes.append(
                f"{name}, at {place}, says that there is more: save that page too."
            )
        _read(listings, value.get("data"), f"{place}.data", name)
    elif "id" in value or "object" in value:
        _object(listings, value, place, name)
    elif not any(key in value for key in _KEYS):
        keys = ", ".join(_KEYS)
        listings.problems.append(_problem(name, place, f"it has neither `data` nor any of {keys}"))
    for key in _KEYS if isinstance(value, Mapping) and "id" not in value else ():
        if key in value:
            _read(listings, value[key], f"{place}.{key}", name)


def _object(listings: Listings, value: Mapping[str, Any], place: str, name: str) -> None:
    kind, id_ = value.get("object", "assistant"), value.get("id")
    if kind == "file" and isinstance(id_, str) and isinstance(value.get("filename"), str):
        listings.filenames.setdefault(id_, value["filename"])
    elif kind == "vector_store" and isinstance(id_, str) and isinstance(value.get("name"), str):
        listings.stores.setdefault(id_, value["name"])
    elif kind == "assistant":
        found = list(_wrong(value, _ASSISTANT, place))
        listings.problems.extend(_problem(name, where, what) for where, what in found)
        if not found:
            listings.assistants.setdefault(str(id_), read_listed(value))
    elif kind not in ("file", "vector_store"):
        what = f"{kind!r} is none of assistant, file and vector_store"
        listings.problems.append(_problem(name, f"{place}.object", what))


def _wrong(value: Any, form: Any, place: str) -> Iterator[tuple[str, str]]:
    """Tell where a value hasn't its form."""
    if isinstance(form, _List):
        if isinstance(value, list):
            for index, each in enumerate(value):
                yield from _wrong(each, form.of, f"{place}[{index}]")
        elif value is not None:
            yield place, "a list must stand here"
    elif isinstance(form, _Map):
        yield from _wrong_map(value, form, place)
    elif not isinstance(value, form) or (isinstance(value, bool) and form is not object):
        forms = form if isinstance(form, tuple) else (form,)
        yield place, f"{' or '.join(dict.fromkeys(_NAMES[each] for each in forms))} must stand here"


def _wrong_map(value: Any, form: _Map, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key in form.needed:
            if not value.get(key):
                yield place, f"it has no `{key}`"
        for key, each in value.items():
            yield from _wrong(each, form.known.get(key, form.others), f"{place}.{key}")
    elif value is not None or form.needed:
        yield place, "an object must stand here"
