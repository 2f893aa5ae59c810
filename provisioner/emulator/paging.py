"""Pages of a list: `limit`, `order`, `after`, `before`, cut by the order of creation."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.emulator.checks import check_range, wrong_value
from provisioner.emulator.errors import refused
from provisioner.emulator.store import Row, Store


@dataclass(frozen=True)
class Source:
    """What is listed: a table, the column that holds the ids, conditions and their values."""

    table: str
    id: str = "id"
    condition: str = "1"
    values: tuple[Any, ...] = ()
    filter: str = "1"
    filter_values: tuple[Any, ...] = ()
    """Narrows the page, not the cursors: an object may stop matching between two pages."""


@dataclass(frozen=True)
class Page:
    """Rows of a page, in the order asked for, and whether the list goes on."""

    rows: list[Row]
    has_more: bool


def read_page(store: Store, source: Source, query: Mapping[str, str]) -> Page:
    """Read the page that the query asks for."""
    limit = _limit(query.get("limit", "20"))
    order = query.get("order", "desc")
    if order not in ("asc", "desc"):
        raise wrong_value(order, "order", ("asc", "desc"))
    after, before = (_cursor(store, source, query, name) for name in ("after", "before"))
    # With `before` alone, the page that ends just there is asked for: it is read from its end.
    backwards = before is not None and after is None
    ascending = (order == "asc") is not backwards
    between = (after, before) if order == "asc" else (before, after)
    rows = _read(store, source, between, limit + 1, ascending=ascending)
    page = rows[:limit]
    return Page(page[::-1] if backwards else page, len(rows) > limit)


def _read(
    store: Store,
    source: Source,
    between: tuple[int | None, int | None],
    limit: int,
    *,
    ascending: bool,
) -> list[Row]:
    low, high = between
    query = (
        f"SELECT * FROM {source.table} WHERE {source.condition} AND {source.filter}"  # noqa: S608 - made of this package's own words
        f" AND seq > ? AND seq < ? ORDER BY seq {'ASC' if ascending else 'DESC'} LIMIT ?"
    )
    bounds = (-1 if low is None else low, 2**62 if high is None else high)
    return store.rows(query, *source.values, *source.filter_values, *bounds, limit)


def _limit(text: str) -> int:
    if not re.fullmatch("-?[0-9]{1,9}", text):
        message = "Invalid type for 'limit': expected an integer, but got a string instead."
        raise refused(message, param="limit", code="invalid_type")
    check_range(int(text), "limit", 1, 100)
    return int(text)


def _cursor(store: Store, source: Source, query: Mapping[str, str], name: str) -> int | None:
    if name not in query:
        return None
    found = store.row(
        f"SELECT seq FROM {source.table} WHERE {source.id} = ? AND {source.condition}",  # noqa: S608 - as above
        query[name],
        *source.values,
    )
    if found is None:
        # No source says what Azure does; a client that holds on to a deleted object's id is
        # stopped here, where an empty page would pass for the end of the list.
        message = f"Invalid '{name}': no object found with id '{query[name]}'."
        raise refused(message, param=name, code="invalid_value")
    seq: int = found["seq"]
    return seq


def listing(objects: list[dict[str, Any]], *, has_more: bool) -> dict[str, Any]:
    """Make the body of a list; first and last id are null when it is empty (recorded)."""
    return {
        "object": "list",
        "data": objects,
        "first_id": objects[0]["id"] if objects else None,
        "last_id": objects[-1]["id"] if objects else None,
        "has_more": has_more,
    }
