"""Vector stores at the service: the requests that are made for them, and the wait for indexing."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from loopback import Answer, Server, serving

from provisioner.address import Address
from provisioner.api_version import ApiVersion
from provisioner.errors import IndexingError, ProviderError
from provisioner.providers import vector_stores
from provisioner.providers.assistants import AssistantsProvider
from provisioner.providers.base import Tag
from provisioner.providers.limiter import Limiter
from provisioner.providers.signing import Credential
from provisioner.providers.transport import Transport
from provisioner.providers.vector_stores import create_body, read, update_body, with_files
from provisioner.resource import Owner, RemoteObject

VERSION = "2024-07-01-preview"
TAG = Tag(Owner("u1", "test", Address("vectorstore", "handbook"), "op-1"), "digest")
METADATA = {"provisioner": "u1/test/vectorstore.handbook/op-1", "provisioner-files": "digest"}
STATIC = {
    "type": "static",
    "static": {"max_chunk_size_tokens": 400, "chunk_overlap_tokens": 100},
}
FOUND = RemoteObject("vectorstore", "vs_1", {"name": "Handbook"})


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let waits and retries take no time."""
    monkeypatch.setattr(time, "sleep", lambda _: None)


@contextmanager
def provider(*answers: Answer) -> Iterator[tuple[AssistantsProvider, Server]]:
    """Give a provider at a server with these answers."""
    with serving(*answers) as server:
        transport = Transport(server.url, VERSION, Credential(api_key="k"), Limiter(), direct=True)
        try:
            yield AssistantsProvider(transport, ApiVersion(VERSION), 1.0), server
        finally:
            transport.close()


def store(waiting: int = 0, completed: int = 0, failed: int = 0, **more: Any) -> Answer:
    """Answer with a store that has so many files."""
    total = waiting + completed + failed
    counts = {"in_progress": waiting, "completed": completed, "failed": failed, "total": total}
    return Answer(200, {"id": "vs_1", "metadata": METADATA, "file_counts": counts, **more})


def files(*each: dict[str, Any], **more: Any) -> Answer:
    """Answer with a page of a store's files."""
    return Answer(200, {"data": list(each), "has_more": False, **more})


def file(id_: str, status: str = "completed", **more: Any) -> dict[str, Any]:
    """Make a file of a store."""
    return {"id": id_, "status": status, **more}


DONE = Answer(200, {})
OLD = file("old")


def asked(server: Server) -> list[str]:
    """Give the requests, and what was sent with them."""
    return [
        f"{each.method} {each.path.partition('?')[0].removeprefix('/openai/vector_stores')}"
        f" {_sent(each.body)}".strip()
        for each in server.seen
    ]


def _sent(body: bytes) -> str:
    sent = json.loads(body) if body else {}
    return ",".join(sent["file_ids"]) if "file_ids" in sent else ""


def test_a_create_holds_no_null_and_nothing_empty() -> None:
    """The documents allow null in an update, and not in a create."""
    assert create_body({}, TAG) == {"metadata": METADATA}
    assert create_body({"chunking_strategy": STATIC}, TAG) == {"metadata": METADATA}


def test_a_create_says_everything_and_takes_one_batch_of_files() -> None:
    """More than 500 files are refused."""
    ids = [f"f{number}" for number in range(501)]
    after = {"anchor": "last_active_at", "days": 3}
    given = {"name": "n", "file_ids": ids, "chunking_strategy": STATIC, "expires_after": after}
    assert create_body({**given, "metadata": {"a": "1"}}, TAG) == {
        **given,
        "file_ids": ids[:500],
        "metadata": {"a": "1", **METADATA},
    }


def test_an_update_clears_what_is_left_out() -> None:
    """It merges; files and chunking are refused in it."""
    attributes = {"file_ids": ["a"], "chunking_strategy": STATIC}
    assert update_body(attributes, TAG) == {
        "name": None,
        "expires_after": None,
        "metadata": METADATA,
    }


def test_a_store_is_read_without_its_files() -> None:
    """An answer doesn't have them; the tag is no metadata of the user's."""
    found = read({"id": "vs_1", "name": "n", "status": "expired", "metadata": METADATA})
    assert found.owner == TAG.owner
    assert found.attributes == {
        "name": "n",
        "expires_after": None,
        "metadata": {},
        "status": "expired",
    }


def test_only_indexed_files_are_in_a_store() -> None:
    """One under way is held already; one that failed is not there at all."""
    listed = [file("a"), file("b", "in_progress"), file("c", "failed"), file("d", "cancelled")]
    found = with_files(FOUND, listed)
    assert (found.attributes["file_ids"], found.taking_in) == (["a"], ("b",))


@pytest.mark.parametrize(
    ("strategies", "expected"),
    [
        ([STATIC, STATIC], STATIC),
        ([{"type": "other"}, STATIC], STATIC),
        ([STATIC, {**STATIC, "static": {"max_chunk_size_tokens": 100}}, STATIC], STATIC),
        ([{"type": "other"}], None),
        ([None], None),
        ([], None),
    ],
)
def test_the_chunking_is_that_of_most_files(strategies: list[Any], expected: Any) -> None:
    """A file that somebody added in another way doesn't make it another store."""
    listed = [file(f"f{n}", chunking_strategy=each) for n, each in enumerate(strategies)]
    assert with_files(FOUND, listed).attributes["chunking_strategy"] == expected


def test_a_store_s_files_are_read_by_whole_pages() -> None:
    """A hundred a request, also where there are more."""
    with provider(files(file("a"), has_more=True), files(file("b"))) as (service, server):
        found = service.complete(FOUND)
        assert ["limit=100" in each.path for each in server.seen] == [True, True]
    assert found is not None
    assert found.attributes == {"name": "Handbook", "file_ids": ["a", "b"]}


def test_a_store_that_goes_meanwhile_is_gone() -> None:
    """Only where a read of the store itself says so."""
    gone = Answer(
        404, {"error": {"message": "No vector store found with id 'vs_1'.", "code": None}}
    )
    with provider(gone) as (service, _):
        assert service.complete(FOUND) is None


def test_a_404_that_means_the_wrong_place_is_no_gone_store() -> None:
    """The gateway's names no object."""
    wrong = Answer(404, {"error": {"code": "404", "message": "Resource not found"}})
    with provider(wrong) as (service, _), pytest.raises(ProviderError):
        service.complete(FOUND)


def unheard(_done: int, _total: int) -> None:
    """Don't care how far something is."""


def test_a_fill_waits_until_nothing_is_in_progress() -> None:
    """And tells how far it is."""
    told: list[tuple[int, int]] = []
    with provider(store(2), store(1, 1), store(0, 2)) as (service, server):
        service.fill("vectorstore", "vs_1", {"file_ids": ["a", "b"]}, lambda *n: told.append(n))
        assert asked(server) == ["GET /vs_1"] * 3
    assert told == [(0, 2), (1, 2)]


def test_a_fill_without_files_waits_for_nothing() -> None:
    """There is nothing to index."""
    with provider(DONE) as (service, server):
        service.fill("vectorstore", "vs_1", {"name": "n"}, unheard)
        assert server.seen == []


def test_what_a_create_could_not_take_follows_in_batches() -> None:
    """By 500."""
    ids = [f"f{number}" for number in range(1200)]
    with provider(DONE, DONE, store(0, 1200)) as (service, server):
        service.fill("vectorstore", "vs_1", {"file_ids": ids}, unheard)
        assert asked(server) == [
            f"POST /vs_1/file_batches {','.join(ids[500:1000])}",
            f"POST /vs_1/file_batches {','.join(ids[1000:])}",
            "GET /vs_1",
        ]


def test_counts_that_lag_behind_are_no_end() -> None:
    """A store that doesn't count the new batch yet isn't done with it."""
    with provider(store(0, 1), store(1, 1), store(0, 2)) as (service, server):
        service.fill("vectorstore", "vs_1", {"file_ids": ["a", "b"]}, unheard)
        assert len(server.seen) == 3


def test_files_that_failed_are_named_with_the_service_s_words() -> None:
    """And so are those that are missing."""
    said = {"code": "invalid_file", "message": "It could not be parsed."}
    listed = files(file("a"), file("b", "failed", last_error=said), file("c", "cancelled"))
    with (
        provider(store(0, 1, 3), listed) as (service, _),
        pytest.raises(IndexingError) as caught,
    ):
        service.fill("vectorstore", "vs_1", {"file_ids": ["a", "b", "c", "d"]}, unheard)
    assert [(each.id, each.code) for each in caught.value.failed] == [
        ("b", "invalid_file"),
        ("c", "cancelled"),
        ("d", "missing"),
    ]


def test_the_wait_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is still under way then is counted, and what has failed is named."""
    monkeypatch.setattr(vector_stores, "PATIENCE_SECONDS", 0.0)
    listed = files(file("a", "in_progress"), file("b", "failed"))
    with (
        provider(store(1, 0, 1), listed) as (service, _),
        pytest.raises(IndexingError) as caught,
    ):
        service.fill("vectorstore", "vs_1", {"file_ids": ["a", "b"]}, unheard)
    assert [each.id for each in caught.value.failed] == ["b"]
    assert caught.value.unfinished == 1


def test_new_files_are_indexed_before_old_ones_go() -> None:
    """One batch, however many files; a detachment for each that goes."""
    wanted = {"file_ids": ["kept", "new-1", "new-2"], "chunking_strategy": STATIC}
    answers = [store(), files(file("kept"), OLD), DONE, store(2, 2), store(0, 4), DONE]
    with provider(*answers) as (service, server):
        made = service.update("vectorstore", "vs_1", wanted, TAG, unheard)
        assert asked(server) == [
            "POST /vs_1",
            "GET /vs_1/files",
            "POST /vs_1/file_batches new-1,new-2",
            "GET /vs_1",
            "GET /vs_1",
            "DELETE /vs_1/files/old",
        ]
        assert json.loads(server.seen[2].body)["chunking_strategy"] == STATIC
    assert made.attributes == wanted


def test_old_files_stay_when_new_ones_fail() -> None:
    """What they say is never missing."""
    with (
        provider(store(), files(OLD), DONE, store(0, 1, 1), files(OLD, file("new", "failed"))) as (
            service,
            server,
        ),
        pytest.raises(IndexingError),
    ):
        service.update("vectorstore", "vs_1", {"file_ids": ["new"]}, TAG, unheard)
    assert "DELETE /vs_1/files/old" not in asked(server)


def test_what_had_failed_is_taken_out_and_tried_again() -> None:
    """Attaching it a second time would change nothing."""
    with provider(store(), files(file("a", "failed")), DONE, DONE, store(0, 1)) as (
        service,
        server,
    ):
        service.update("vectorstore", "vs_1", {"file_ids": ["a"]}, TAG, unheard)
        assert asked(server)[2:4] == ["DELETE /vs_1/files/a", "POST /vs_1/file_batches a"]


def test_what_is_under_way_is_waited_for_and_not_sent_again() -> None:
    """An update may be repeated at any point."""
    with provider(store(), files(file("a", "in_progress")), store(0, 1)) as (service, server):
        service.update("vectorstore", "vs_1", {"file_ids": ["a"]}, TAG, unheard)
        assert asked(server) == ["POST /vs_1", "GET /vs_1/files", "GET /vs_1"]


def test_an_update_of_the_name_waits_for_nothing() -> None:
    """Its files are there."""
    with provider(store(), files(file("a"))) as (service, server):
        service.update("vectorstore", "vs_1", {"name": "n", "file_ids": ["a"]}, TAG, unheard)
        assert asked(server) == ["POST /vs_1", "GET /vs_1/files"]


def test_a_file_that_is_gone_from_the_store_already_is_fine() -> None:
    """Somebody deleted it meanwhile."""
    gone = Answer(404, {"error": {"message": "No file found with id 'old' in …", "code": None}})
    with provider(store(), files(OLD), gone) as (service, _):
        service.update("vectorstore", "vs_1", {}, TAG, unheard)


def test_an_answer_without_counts_is_an_error() -> None:
    """Nothing is taken for indexed."""
    with (
        provider(Answer(200, {"id": "vs_1"})) as (service, _),
        pytest.raises(ProviderError) as caught,
    ):
        service.fill("vectorstore", "vs_1", {"file_ids": ["a"]}, unheard)
    assert caught.value.diagnostics[0].code == "R004"
