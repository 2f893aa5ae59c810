"""Lists: order, cursors, limits, and a thousand objects."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from emulator_client import Client
from emulator_process import start_emulator


@pytest.fixture(scope="module")
def filled() -> Iterator[tuple[Client, list[str]]]:
    """Run an emulator that holds five assistants, and their ids by age."""
    with start_emulator() as url:
        client = Client(url)
        yield client, [client.make_assistant(name=str(i))["id"] for i in range(5)]


def ids(page: dict[str, Any]) -> list[str]:
    """Give the ids of a page."""
    return [found["id"] for found in page["data"]]


def test_newest_first_by_default(filled: tuple[Client, list[str]]) -> None:
    """Within one second the order of creation counts."""
    client, made = filled

    page = client.get("/assistants").body

    assert ids(page) == made[::-1]
    assert (page["first_id"], page["last_id"], page["has_more"]) == (made[4], made[0], False)


@pytest.mark.parametrize(
    ("query", "expected", "has_more"),
    [
        ({"order": "asc"}, [0, 1, 2, 3, 4], False),
        ({"limit": 2}, [4, 3], True),
        ({"limit": 2, "after": 3}, [2, 1], True),
        ({"limit": 2, "after": 1}, [0], False),
        ({"after": 0}, [], False),
        ({"order": "asc", "limit": 2, "after": 1}, [2, 3], True),
        ({"before": 2}, [4, 3], False),
        ({"before": 0, "limit": 2}, [2, 1], True),
        ({"order": "asc", "before": 3, "limit": 2}, [1, 2], True),
        ({"order": "asc", "after": 0, "before": 3}, [1, 2], False),
        ({"order": "desc", "after": 4, "before": 0}, [3, 2, 1], False),
        ({"order": "desc", "after": 4, "before": 0, "limit": 2}, [3, 2], True),
        ({"after": 1, "before": 3}, [], False),
    ],
    ids=str,
)
def test_cursors_and_limits(
    filled: tuple[Client, list[str]], query: dict[str, Any], expected: list[int], has_more: bool
) -> None:
    """`after` starts behind an object, `before` ends ahead of one, `limit` cuts."""
    client, made = filled
    asked = {
        name: made[value] if name in ("after", "before") else value for name, value in query.items()
    }

    page = client.get("/assistants", **asked).body

    assert ids(page) == [made[index] for index in expected]
    assert page["has_more"] is has_more


def test_an_empty_list_has_null_ids(filled: tuple[Client, list[str]]) -> None:
    """First and last id are there, and null."""
    page = filled[0].get("/vector_stores").body

    assert page == {
        "object": "list",
        "data": [],
        "first_id": None,
        "last_id": None,
        "has_more": False,
    }


@pytest.mark.parametrize(
    ("query", "param", "code"),
    [
        ({"limit": 0}, "limit", "integer_below_min_value"),
        ({"limit": 101}, "limit", "integer_above_max_value"),
        ({"limit": -1}, "limit", "integer_below_min_value"),
        ({"limit": "ten"}, "limit", "invalid_type"),
        ({"limit": "--1"}, "limit", "invalid_type"),
        ({"limit": ""}, None, None),
        ({"limit": "9" * 5000}, "limit", "invalid_type"),
        ({"order": "newest"}, "order", "invalid_value"),
        ({"after": "asst_gone"}, "after", "invalid_value"),
        ({"before": "asst_gone"}, "before", "invalid_value"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_bad_queries_are_refused(
    filled: tuple[Client, list[str]], query: dict[str, Any], param: str | None, code: str | None
) -> None:
    """400 that names the parameter."""
    reply = filled[0].get("/assistants", **query)

    assert reply.status == 400
    if param:
        assert (reply.error()["param"], reply.error()["code"]) == (param, code)


def test_a_thousand_assistants(start: Callable[..., Client]) -> None:
    """Eight clients create a thousand; ten pages of a hundred hold each of them once."""
    client = start()
    begun = time.monotonic()
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda i: client.make_assistant(name=str(i))["id"], range(1000)))
    created = time.monotonic()

    found: list[str] = []
    page = client.get("/assistants", limit=100).body
    found += ids(page)
    while page["has_more"]:
        page = client.get("/assistants", limit=100, after=page["last_id"]).body
        found += ids(page)

    assert len(made) == len(found) == 1000
    assert set(found) == made
    assert created - begun < 15
    assert time.monotonic() - created < 5
