"""Reading lists to their end, on services that page well and on those that don't."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from provisioner.errors import ProviderError

Page = Mapping[str, Any]


def objects(fetch: Callable[[str | None], Page], limit: int | None) -> Iterator[Mapping[str, Any]]:
    """Go through all objects of a list; `fetch` gets the page after an id.

    Ends safely where `has_more` is missing (then a page shorter than the limit is the last, and
    without a limit the first), and where `after` is ignored (then the same page comes again).
    """
    seen: set[str] = set()
    after: str | None = None
    while True:
        page = _data(fetch(after))
        fresh = [each for each in page["data"] if each["id"] not in seen]
        yield from fresh
        seen.update(each["id"] for each in fresh)
        full = limit is not None and len(page["data"]) >= limit
        has_more = page.get("has_more")
        if not fresh or not (full if has_more is None else has_more):
            return
        after = page["data"][-1]["id"]


def _data(page: object) -> Page:
    data = page.get("data") if isinstance(page, Mapping) else None
    if isinstance(data, list) and all(isinstance(each, Mapping) and "id" in each for each in data):
        return cast("Page", page)
    raise ProviderError(
        "Answer is no list",
        "The service answered a list request with something else. Nothing is taken for deleted."
        " Is the endpoint that of an Azure OpenAI resource?",
        code="R004",
    )
