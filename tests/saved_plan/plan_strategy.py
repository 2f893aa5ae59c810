"""Any value of a type, made by the types of its fields: so no field is ever left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime, timezone
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from provisioner.address import Address

ADDRESSES = st.builds(
    Address, st.sampled_from(["assistant", "file"]), st.from_regex("[a-z]{1,3}", fullmatch=True)
)
TEXTS = st.text(max_size=5)
KEYS = st.sampled_from(["$address", "$$address", "$", "$ref", "name", ""])
NUMBERS = st.one_of(st.integers(-9, 9), st.floats(allow_nan=False, allow_infinity=False))
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS, ADDRESSES),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(KEYS, inner, max_size=2)),
    max_leaves=4,
)
SCALARS = {
    Any: JSON,
    Address: ADDRESSES,
    str: TEXTS,
    bool: st.booleans(),
    int: st.integers(),
    float: NUMBERS,
    NoneType: st.none(),
    datetime: st.datetimes(timezones=st.just(timezone.utc)),
}


def any_of(kind: Any) -> st.SearchStrategy[Any]:
    """Make a strategy for a type that saved plans hold."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind in SCALARS:
        return SCALARS[kind]
    if origin in (Union, UnionType):
        return st.one_of([any_of(each) for each in arguments])
    if origin is tuple:
        return any_tuple(*arguments)
    if origin is Mapping:
        return st.dictionaries(KEYS, any_of(arguments[1]), max_size=2)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    assert is_dataclass(kind), f"{kind} can't be saved"
    kinds = get_type_hints(kind)
    return st.builds(kind, **{each.name: any_of(kinds[each.name]) for each in fields(kind)})


def any_tuple(*kinds: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    """Make a strategy for tuples of one length, or of any where an ellipsis says so."""
    if kinds[-1] is Ellipsis:
        return st.lists(any_of(kinds[0]), max_size=2).map(tuple)
    return st.tuples(*(any_of(each) for each in kinds))
