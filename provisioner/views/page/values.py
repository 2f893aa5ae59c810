"""Single values: texts, numbers, ids, and JSON over several lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.address import Address
from provisioner.views.page.spans import Span, spans
from provisioner.views.scalars import INLINE, is_block, is_container, rank, scalar

_INDENT = "  "


@dataclass(frozen=True, slots=True)
class Links:
    """Where addresses and ids lead on this page."""

    anchors: Mapping[Address, str]
    """The card of each address that has one."""
    addresses: Mapping[str, Address]
    """What stands behind an id."""

    def anchor(self, address: Address) -> str | None:
        """Give the card of an address, if it has one."""
        return self.anchors.get(address)


def is_large(value: Any) -> bool:
    """Say whether a value needs lines of its own."""
    return is_block(value) or (is_container(value) and "\n" in plain(value))


def value_spans(value: Any, name: str, links: Links) -> tuple[Span, ...]:
    """Show a value; the name of its attribute decides on units."""
    if is_container(value):
        return tuple(_json(value, links))
    if isinstance(value, Address):
        return (_unknown(value, links),)
    if isinstance(value, str):
        return (*spans(value), *_whose(value, links))
    return (Span(scalar(value, name)),)


def plain(value: Any) -> str:
    """Write a text as it is, and anything else as JSON; a placeholder stays one."""
    if isinstance(value, str):
        return value
    return "".join(map(str, _written(value))) if is_container(value) else scalar(value)


def _json(value: Any, links: Links) -> Iterator[Span]:
    """Write JSON whose ids and placeholders stand out."""
    for each in _written(value):
        if isinstance(each, Address):
            yield _unknown(each, links)
        else:
            yield from spans(each)
            yield from _whose(each.strip('"'), links)


def _unknown(address: Address, links: Links) -> Span:
    """Speak of an id that comes only with apply."""
    return Span(f"id of {address}, known after apply", anchor=links.anchor(address))


def _whose(identity: str, links: Links) -> Iterator[Span]:
    """Say whose id it is, where that is known here."""
    address = links.addresses.get(identity)
    if address is not None:
        yield Span(" (")
        yield Span(str(address), anchor=links.anchor(address))
        yield Span(")")


def _written(value: Any, indent: str = "") -> Iterator[Any]:
    """Write JSON in pieces: texts, and ids that aren't known yet; what is short on one line."""
    pieces = list(_flat(value))
    if not is_container(value) or sum(len(str(each)) for each in pieces) <= INLINE:
        yield from pieces
        return
    opening, closing = _brackets(value)
    deeper = indent + _INDENT
    yield opening
    for at, (key, each) in enumerate(_members(value)):
        yield f"{',' if at else ''}\n{deeper}{key}"
        yield from _written(each, deeper)
    yield f"\n{indent}{closing}"


def _flat(value: Any) -> Iterator[Any]:
    """Write JSON without any line break."""
    if not is_container(value):
        yield _leaf(value)
        return
    opening, closing = _brackets(value)
    yield opening
    for at, (key, each) in enumerate(_members(value)):
        yield f"{', ' if at else ''}{key}"
        yield from _flat(each)
    yield closing


def _members(value: Any) -> Iterable[tuple[str, Any]]:
    """List what is in a mapping, by the order of keys that people expect, or in a list."""
    if isinstance(value, Mapping):
        return [(f"{_leaf(str(key))}: ", value[key]) for key in sorted(value, key=rank)]
    return [("", each) for each in value]


def _leaf(value: Any) -> Any:
    """Write a value without parts; an Address stays one."""
    if isinstance(value, Address):
        return value
    return json.dumps(value, ensure_ascii=False, default=str)


def _brackets(value: Any) -> tuple[str, str]:
    return ("{", "}") if isinstance(value, Mapping) else ("[", "]")
