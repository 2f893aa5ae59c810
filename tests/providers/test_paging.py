"""Reading lists to their end, on services that page well and on those that don't."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from provisioner.errors import ProviderError
from provisioner.providers.paging import objects


class Service:
    """Gives the pages of a list one after the other, and counts the requests."""

    def __init__(self, *pages: Any) -> None:
        self.pages = list(pages)
        self.asked: list[str | None] = []

    def __call__(self, after: str | None) -> Any:
        """Give the next page; there must be one."""
        self.asked.append(after)
        return self.pages[len(self.asked) - 1]


def page(ids: str, **more: Any) -> dict[str, Any]:
    """Make a page of objects with one-letter ids."""
    return {"object": "list", "data": [{"id": each} for each in ids], **more}


def ids(service: Callable[[str | None], Any], limit: int | None = 2) -> str:
    """Read the whole list."""
    return "".join(each["id"] for each in objects(service, limit))


def test_pages_are_followed_to_the_last() -> None:
    """Each request asks for what comes after the last id."""
    service = Service(
        page("ab", has_more=True), page("cd", has_more=True), page("e", has_more=False)
    )
    assert ids(service) == "abcde"
    assert service.asked == [None, "b", "d"]


def test_the_last_page_costs_no_further_request() -> None:
    """A full page without more ends the list."""
    service = Service(page("ab", has_more=False))
    assert ids(service) == "ab"
    assert service.asked == [None]


def test_a_short_page_may_have_more() -> None:
    """What the service says goes before what its page's length suggests."""
    assert ids(Service(page("a", has_more=True), page("b", has_more=False))) == "ab"


@pytest.mark.parametrize("more", [{}, {"has_more": None}], ids=["missing", "null"])
def test_without_has_more_a_full_page_asks_for_another(more: dict[str, None]) -> None:
    """Nobody said that it was the last."""
    service = Service(page("ab", **more), page("c", **more))
    assert ids(service) == "abc"
    assert service.asked == [None, "b"]


def test_without_has_more_and_without_a_limit_one_request_is_enough() -> None:
    """Azure's list of files is one page."""
    service = Service(page("abc"))
    assert ids(service, None) == "abc"
    assert service.asked == [None]


def test_a_list_without_a_limit_that_has_more_is_followed() -> None:
    """Newer services page files too, and say so."""
    assert ids(Service(page("ab", has_more=True), page("c", has_more=False)), None) == "abc"


def test_a_service_that_ignores_after_is_asked_twice_not_for_ever() -> None:
    """The same page again is the end."""
    service = Service(page("ab", has_more=True), page("ab", has_more=True))
    assert ids(service) == "ab"
    assert service.asked == [None, "b"]


def test_repeated_ids_are_given_once() -> None:
    """Pages overlap where something was deleted or created in between."""
    assert ids(Service(page("ab", has_more=True), page("bc", has_more=False))) == "abc"


@pytest.mark.parametrize("more", [{}, {"has_more": False}, {"has_more": True}])
def test_an_empty_page_ends_the_list(more: dict[str, bool]) -> None:
    """Whatever it says of itself, there is nothing to go on from."""
    service = Service(page("", **more))
    assert ids(service) == ""
    assert service.asked == [None]


def test_pages_are_asked_for_only_when_they_are_needed() -> None:
    """Who stops reading stops the requests."""
    service = Service(page("ab", has_more=True))
    assert next(objects(service, 2))["id"] == "a"
    assert service.asked == [None]


@pytest.mark.parametrize("answer", [None, "", [], {}, {"data": None}, {"data": {}}, {"error": "x"}])
def test_an_answer_that_is_no_list_is_no_empty_list(answer: Any) -> None:
    """Else everything would be taken for deleted."""
    with pytest.raises(ProviderError) as caught:
        ids(Service(answer))
    assert caught.value.diagnostics[0].code == "R004"
