"""Frozen dataclasses as JSON values, and back: every field, by the types that it declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from provisioner.address import Address

MARK = "$"
ADDRESS = f"{MARK}address"
"""The one member of the map that stands for an Address. In every other map a key that begins with
`$` gets another one, so that nobody's own data can be taken for an Address.
"""


def encode(value: Any) -> Any:
    """Make a JSON value of a dataclass, or of anything that can stand in its fields."""
    if isinstance(value, Address):
        return {ADDRESS: str(value)}
    if is_dataclass(value):
        return {each.name: encode(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {_escaped(key): encode(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(each) for each in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, datetime) else value


def decode(kind: Any, data: Any, where: str = MARK) -> Any:
    """Make a value of a type again; raises ValueError, which names the place, if it is none.

    A missing member has the field's default; an unknown one is refused, for nobody here knows what
    it means.
    """
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any:
        return _any(data, where)
    if origin in (Union, UnionType):
        return _one_of(arguments, data, where)
    if origin is tuple:
        return _tuple(arguments, data, where)
    if origin is Mapping:
        return _mapping(arguments[1], data, where)
    if kind is Address:
        return _address(data, where)
    return _dataclass(kind, data, where) if is_dataclass(kind) else _scalar(kind, data, where)


def _escaped(key: Any) -> str:
    text = str(key)
    return f"{MARK}{text}" if text.startswith(MARK) else text


def _plain(key: str) -> str:
    return key.removeprefix(MARK)


def _any(data: Any, where: str) -> Any:
    if isinstance(data, dict):
        if set(data) == {ADDRESS}:
            return _address(data, where)
        return _mapping(Any, data, where)
    if isinstance(data, list):
        return [_any(each, f"{where}[{place}]") for place, each in enumerate(data)]
    return data


def _mapping(kind: Any, data: Any, where: str) -> Mapping[str, Any]:
    members = _typed(dict, data, where)
    return {_plain(key): decode(kind, each, f"{where}.{key}") for key, each in members.items()}


def _address(data: Any, where: str) -> Address:
    written = _typed(dict, data, where).get(ADDRESS)
    return Address.parse(_typed(str, written, where))


def _one_of(kinds: tuple[Any, ...], data: Any, where: str) -> Any:
    """Take the first type that fits; None fits at once or not at all."""
    if data is None and type(None) in kinds:
        return None
    trouble = ValueError(f"{where} is missing")
    for kind in kinds:
        if kind is not type(None):
            try:
                return decode(kind, data, where)
            except ValueError as found:
                trouble = found
    raise trouble


def _tuple(kinds: tuple[Any, ...], data: Any, where: str) -> tuple[Any, ...]:
    members = _typed(list, data, where)
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(members)
    if len(kinds) != len(members):
        raise ValueError(f"{where} has {len(members)} members, not {len(kinds)}")
    pairs = enumerate(zip(kinds, members, strict=True))
    return tuple(decode(kind, each, f"{where}[{place}]") for place, (kind, each) in pairs)


def _dataclass(kind: Any, data: Any, where: str) -> Any:
    members = _typed(dict, data, where)
    declared = {each.name: each for each in fields(kind)}
    if unknown := members.keys() - declared.keys():
        raise ValueError(f"{where} has the unknown member {min(unknown)!r}")
    left_out = declared.keys() - members.keys()
    if absent := [name for name in declared if name in left_out and _is_required(declared[name])]:
        raise ValueError(f"{where}.{absent[0]} is missing")
    kinds = _kinds(kind)
    given = {name: decode(kinds[name], each, f"{where}.{name}") for name, each in members.items()}
    return kind(**given)


@cache
def _kinds(kind: Any) -> Mapping[str, Any]:
    return get_type_hints(kind)


def _is_required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _scalar(kind: Any, data: Any, where: str) -> Any:
    if issubclass(kind, Enum):
        return kind(data)
    if kind is datetime:
        return datetime.fromisoformat(_typed(str, data, where))
    if kind is float and type(data) is int:
        return float(data)
    return _typed(kind, data, where)


def _typed(kind: type, data: Any, where: str) -> Any:
    """Take a value of just this type: true is no number."""
    if type(data) is not kind:
        raise ValueError(f"{where} is missing, or of the wrong type")
    return data
