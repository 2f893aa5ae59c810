"""Vector stores, their files and batches; time passes only when a test says so."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from emulator_client import LATE, V2, Client

from provisioner.emulator.embedded import running
from provisioner.emulator.settings import EmulatorSettings

DAY = 86_400


@dataclass
class Clock:
    """A clock that stands still."""

    now: float = 1_700_000_000.5

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Give the clock of the emulator."""
    return Clock()


@pytest.fixture
def client(clock: Clock) -> Iterator[Client]:
    """Run an emulator where indexing takes ten seconds, attaching one file two."""
    settings = EmulatorSettings(indexing_seconds=10, attach_seconds=2, clock=clock)
    with running(settings) as url:
        yield Client(url, "2024-07-01-preview")


def counts(**numbers: int) -> dict[str, int]:
    """Give file_counts with these numbers."""
    names = ("in_progress", "completed", "failed", "cancelled")
    return {**{name: numbers.get(name, 0) for name in names}, "total": sum(numbers.values())}


def test_an_empty_store_is_completed(client: Client, clock: Clock) -> None:
    """POST without a body makes a nameless store that is ready."""
    made = client.make("/vector_stores")

    assert made["id"].startswith("vs_")
    assert len(made["id"]) == len("vs_") + 24
    assert list({**made, "id": ""}.items()) == [
        ("id", ""),
        ("object", "vector_store"),
        ("name", None),
        ("status", "completed"),
        ("usage_bytes", 0),
        ("created_at", int(clock.now)),
        ("file_counts", counts()),
        ("metadata", {}),
        ("expires_after", None),
        ("expires_at", None),
        ("last_active_at", int(clock.now)),
    ]


def test_files_given_with_a_store_take_time(client: Client, clock: Clock) -> None:
    """The store is in_progress in the answer and in a GET, and completed later."""
    made = client.make("/vector_stores", {"file_ids": [client.make_file(b"x" * 19)]})
    path = f"/vector_stores/{made['id']}"
    assert (made["status"], made["file_counts"]) == ("in_progress", counts(in_progress=1))
    assert client.get(path).body == made

    clock.now += 10

    done = client.get(path).body
    assert (done["status"], done["file_counts"]) == ("completed", counts(completed=1))
    assert done["usage_bytes"] == 1043


def test_an_attached_file_is_in_progress_at_first(client: Client, clock: Clock) -> None:
    """The answer says in_progress with no bytes; two seconds later it is done."""
    store, file = client.make("/vector_stores")["id"], client.make_file(b"x" * 19)
    path = f"/vector_stores/{store}/files"

    made = client.make(path, {"file_id": file})

    assert list(made.items()) == [
        ("id", file),
        ("object", "vector_store.file"),
        ("usage_bytes", 0),
        ("created_at", int(clock.now)),
        ("vector_store_id", store),
        ("status", "in_progress"),
        ("last_error", None),
        (
            "chunking_strategy",
            {
                "type": "static",
                "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400},
            },
        ),
    ]
    assert client.get(f"{path}/{file}").body == made
    clock.now += 2
    done = {**made, "status": "completed", "usage_bytes": 1043}
    assert client.get(f"{path}/{file}").body == done
    assert client.get(path).body["data"] == [done]
    # A second attachment changes nothing.
    assert client.make(path, {"file_id": file}) == done


def test_by_default_an_attached_file_is_listed_as_done(shared_url: str) -> None:
    """Recorded: in_progress in the answer, completed two requests later."""
    client = Client(shared_url, "2024-07-01-preview")
    path = f"/vector_stores/{client.make('/vector_stores')['id']}/files"

    assert client.make(path, {"file_id": client.make_file()})["status"] == "in_progress"
    assert client.get(path).body["data"][0]["status"] == "completed"


def test_chunking_came_later(client: Client) -> None:
    """The first v2 neither takes nor shows a chunking strategy."""
    static = {"max_chunk_size_tokens": 400, "chunk_overlap_tokens": 200}
    strategy = {"type": "static", "static": static}
    path = f"/vector_stores/{client.make('/vector_stores')['id']}/files"
    body = {"file_id": client.make_file(), "chunking_strategy": strategy}

    error = client.at(V2).post(path, body).error()
    made = client.make(path, body)

    assert error["message"] == "Unknown parameter: 'chunking_strategy'."
    assert made["chunking_strategy"] == strategy
    assert "chunking_strategy" not in client.at(V2).get(f"{path}/{made['id']}").body


def test_an_overlap_over_half_a_chunk_is_refused(client: Client) -> None:
    """Half is the most."""
    static = {"max_chunk_size_tokens": 400, "chunk_overlap_tokens": 201}
    body = {"chunking_strategy": {"type": "static", "static": static}}

    error = client.post("/vector_stores", body).error()

    assert error["param"] == "chunking_strategy.static.chunk_overlap_tokens"


@pytest.mark.parametrize(
    ("version", "code"), [(V2, "unhandled_mime_type"), (LATE, "unsupported_file")]
)
def test_unsupported_files_fail(client: Client, clock: Clock, version: str, code: str) -> None:
    """Spreadsheets can't be searched: the file fails, and the store is completed all the same."""
    files = [client.make_file(filename="a.csv"), client.make_file(filename="a.md")]
    store = client.make("/vector_stores", {"file_ids": files})["id"]
    path = f"/vector_stores/{store}"
    clock.now += 10

    failed = client.at(version).get(f"{path}/files/{files[0]}").body

    assert (failed["status"], failed["usage_bytes"]) == ("failed", 0)
    assert failed["last_error"] == {"code": code, "message": "The file type is not supported."}
    seen = client.get(path).body
    assert (seen["status"], seen["file_counts"]) == ("completed", counts(completed=1, failed=1))


def test_files_are_done_one_after_another(client: Client, clock: Clock) -> None:
    """The counts move, and the store is in progress until the last one is done."""
    files = [client.make_file(filename=f"{name}.md") for name in "abcd"]
    path = f"/vector_stores/{client.make('/vector_stores', {'file_ids': files})['id']}"
    seen = []
    for _ in range(5):
        body = client.get(path).body
        seen.append((body["status"], body["file_counts"]["completed"]))
        clock.now += 2.5

    assert seen == [*(("in_progress", done) for done in range(4)), ("completed", 4)]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ("Grüße".encode(), "completed"),
        ("Grüße".encode("utf-16"), "completed"),
        ("Grüße".encode("latin-1"), "failed"),
    ],
)
@pytest.mark.parametrize(("version", "code"), [(V2, "parsing_error"), (LATE, "invalid_file")])
def test_text_of_another_encoding_fails(
    client: Client, clock: Clock, version: str, code: str, content: bytes, status: str
) -> None:
    """It must be UTF-8, UTF-16 or ASCII (Azure's page on file search)."""
    file = client.make_file(content, filename="a.md")
    store = client.make("/vector_stores", {"file_ids": [file]})["id"]
    clock.now += 10

    found = client.at(version).get(f"/vector_stores/{store}/files/{file}").body

    assert found["status"] == status
    assert (found["last_error"] or {}).get("code") == (code if status == "failed" else None)


@pytest.mark.parametrize(("version", "code"), [(V2, "internal_error"), (LATE, "server_error")])
def test_files_fail_where_it_is_asked_for(version: str, code: str) -> None:
    """By their names; attached anew, they are tried anew."""
    with running(EmulatorSettings(indexing_seconds=0, fail_indexing="draft-*")) as url:
        client = Client(url, version)
        files = [client.make_file(filename=name) for name in ("draft-1.md", "final.md")]
        path = f"/vector_stores/{client.make('/vector_stores', {'file_ids': files})['id']}"

        failed, done = (client.get(f"{path}/files/{each}").body for each in files)

    assert (failed["status"], done["status"]) == ("failed", "completed")
    assert failed["last_error"] == {"code": code, "message": "An internal error occurred."}


def test_an_update_merges(client: Client) -> None:
    """Omitted stays, null clears, metadata is replaced whole; files can't be set this way."""
    after = {"anchor": "last_active_at", "days": 3}
    given = {"name": "n", "metadata": {"a": "1"}, "expires_after": after}
    made = client.make("/vector_stores", given)
    path = f"/vector_stores/{made['id']}"

    assert client.make(path, {"metadata": {"b": "2"}}) == {**made, "metadata": {"b": "2"}}
    cleared = client.make(path, {"name": None, "expires_after": None, "metadata": None})
    nothing = {"name": None, "expires_after": None, "expires_at": None, "metadata": {}}
    assert cleared == {**made, **nothing}
    assert client.post(path, {"file_ids": []}).error()["code"] == "unknown_parameter"


def test_a_store_expires_after_its_last_use(client: Client, clock: Clock) -> None:
    """Days count from the last activity; an expired store takes no more files."""
    file = client.make_file()
    made = client.make("/vector_stores", {"expires_after": {"anchor": "last_active_at", "days": 1}})
    path = f"/vector_stores/{made['id']}"
    assert made["expires_at"] == made["created_at"] + DAY
    clock.now += DAY / 2
    client.make(f"{path}/files", {"file_id": file})
    clock.now += DAY / 2
    assert client.get(path).body["status"] == "completed"

    clock.now += DAY / 2

    assert client.get(path).body["status"] == "expired"
    assert client.post(f"{path}/files", {"file_id": file}).status == 400


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"name": None}, "name"),
        ({"expires_after": None}, "expires_after"),
        ({"expires_after": {"anchor": "created_at", "days": 1}}, "expires_after.anchor"),
        ({"expires_after": {"anchor": "last_active_at", "days": 0}}, "expires_after.days"),
        ({"expires_after": {"anchor": "last_active_at", "days": 366}}, "expires_after.days"),
        ({"expires_after": {"anchor": "last_active_at"}}, "expires_after.days"),
        ({"file_ids": ["f"] * 501}, "file_ids"),
        ({"metadata": {"a": 1}}, "metadata.a"),
        ({"description": "d"}, "description"),
    ],
)
def test_a_bad_store_is_refused(client: Client, body: dict[str, Any], param: str) -> None:
    """400 that names the field."""
    reply = client.post("/vector_stores", body)

    assert (reply.status, reply.error()["param"]) == (400, param)


def test_deleting_a_store_leaves_its_files(client: Client) -> None:
    """The files stay, the store is gone, and an assistant still names it."""
    file = client.make_file()
    store = client.make("/vector_stores", {"file_ids": [file]})["id"]
    resources = {"file_search": {"vector_store_ids": [store]}}
    assistant = client.make_assistant(tool_resources=resources)

    reply = client.delete(f"/vector_stores/{store}")

    assert reply.body == {"id": store, "object": "vector_store.deleted", "deleted": True}
    assert client.get(f"/files/{file}").status == 200
    assert client.get(f"/assistants/{assistant['id']}").body["tool_resources"] == resources
    for path in ("", "/files", f"/files/{file}", "/file_batches/vsfb_x"):
        gone = client.get(f"/vector_stores/{store}{path}")
        assert gone.status == 404
        assert gone.error()["message"] == f"No vector store found with id '{store}'."


def test_detaching_a_file_leaves_it(client: Client) -> None:
    """The file stays a file, and isn't in the store any more."""
    file = client.make_file()
    path = f"/vector_stores/{client.make('/vector_stores', {'file_ids': [file]})['id']}/files"

    reply = client.delete(f"{path}/{file}")

    assert reply.body == {"id": file, "object": "vector_store.file.deleted", "deleted": True}
    assert client.get(f"/files/{file}").status == 200
    assert client.get(f"{path}/{file}").status == client.delete(f"{path}/{file}").status == 404


def test_attaching_an_unknown_file_names_it(client: Client) -> None:
    """Azure's words."""
    path = f"/vector_stores/{client.make('/vector_stores')['id']}"

    for reply in (
        client.post(f"{path}/files", {"file_id": "assistant-x"}),
        client.post(f"{path}/file_batches", {"file_ids": ["assistant-x"]}),
    ):
        assert reply.status == 404
        assert reply.error()["message"] == "Files [assistant-x] were not found"


def test_a_batch_is_done_after_a_while(client: Client, clock: Clock) -> None:
    """A batch counts its files and is completed when the last is."""
    files = [client.make_file() for _ in range(3)]
    store = client.make("/vector_stores")["id"]
    path = f"/vector_stores/{store}/file_batches"

    made = client.make(path, {"file_ids": files})

    assert made["id"].startswith("vsfb_")
    assert len(made["id"]) == len("vsfb_") + 32
    assert list({**made, "id": ""}.items()) == [
        ("id", ""),
        ("object", "vector_store.file_batch"),
        ("created_at", int(clock.now)),
        ("status", "in_progress"),
        ("vector_store_id", store),
        ("file_counts", counts(in_progress=3)),
    ]
    clock.now += 10
    done = {**made, "status": "completed", "file_counts": counts(completed=3)}
    assert client.get(f"{path}/{made['id']}").body == done
    listed = client.get(f"{path}/{made['id']}/files").body["data"]
    # Recorded order of a batch of three, newest first.
    assert [file["id"] for file in listed] == [files[1], files[0], files[2]]
    assert set(listed[0]) == {
        *("id", "object", "created_at", "vector_store_id", "status", "last_error"),
    }


def test_cancelling_stops_what_is_not_done(client: Client, clock: Clock) -> None:
    """A running batch is cancelled with its files; a finished one stays completed."""
    path = f"/vector_stores/{client.make('/vector_stores')['id']}/file_batches"
    first = client.make(path, {"file_ids": [client.make_file()]})
    clock.now += 10
    second = client.make(path, {"file_ids": [client.make_file(), client.make_file()]})

    finished = client.make(f"{path}/{first['id']}/cancel")
    cancelled = client.make(f"{path}/{second['id']}/cancel")
    clock.now += 10

    assert (finished["status"], finished["file_counts"]) == ("completed", counts(completed=1))
    assert (cancelled["status"], cancelled["file_counts"]) == ("cancelled", counts(cancelled=2))
    assert client.get(f"{path}/{second['id']}").body == cancelled


def test_store_files_are_filtered_by_status(client: Client, clock: Clock) -> None:
    """`filter` takes one of four words."""
    store = client.make("/vector_stores")["id"]
    files, batches = f"/vector_stores/{store}/files", f"/vector_stores/{store}/file_batches"
    good, bad = client.make_file(), client.make_file(filename="a.png")
    client.make(batches, {"file_ids": [good, bad]})
    clock.now += 10
    stopped = client.make_file()
    batch = client.make(batches, {"file_ids": [stopped]})
    client.make(f"{batches}/{batch['id']}/cancel")
    running_file = client.make_file()
    client.make(files, {"file_id": running_file})

    found = {
        status: [file["id"] for file in client.get(files, filter=status).body["data"]]
        for status in ("in_progress", "completed", "failed", "cancelled")
    }

    assert found == {
        "in_progress": [running_file],
        "completed": [good],
        "failed": [bad],
        "cancelled": [stopped],
    }
    assert client.get(files, filter="lost").error()["param"] == "filter"


def test_a_cursor_outlives_its_status(client: Client, clock: Clock) -> None:
    """Between two pages the cursor may stop matching the filter; the list goes on behind it."""
    files = [client.make_file() for _ in range(2)]
    path = f"/vector_stores/{client.make('/vector_stores')['id']}/files"
    for file in files:
        client.make(path, {"file_id": file})
        clock.now += 0.5
    page = client.get(path, filter="in_progress", limit=1, order="asc").body
    assert [file["id"] for file in page["data"]] == files[:1]
    clock.now += 1.2

    rest = client.get(path, filter="in_progress", order="asc", after=files[0]).body

    assert [file["id"] for file in rest["data"]] == files[1:]


def test_unknown_batches_are_404(client: Client) -> None:
    """A batch belongs to its store."""
    one, other = (client.make("/vector_stores")["id"] for _ in range(2))
    batch = client.make(f"/vector_stores/{one}/file_batches", {"file_ids": [client.make_file()]})
    path = f"/vector_stores/{other}/file_batches/{batch['id']}"

    for reply in (client.get(path), client.get(f"{path}/files"), client.post(f"{path}/cancel")):
        assert reply.status == 404


def test_batches_have_one_to_500_files(client: Client) -> None:
    """None is too few, 501 are too many."""
    path = f"/vector_stores/{client.make('/vector_stores')['id']}/file_batches"

    assert client.post(path, {"file_ids": []}).error()["code"] == "empty_array"
    assert client.post(path, {"file_ids": ["f"] * 501}).error()["code"] == "array_above_max_length"
    assert client.post(path).error()["code"] == "missing_required_parameter"


def test_inline_stores_keep_the_client_waiting(start: Callable[..., Client]) -> None:
    """A create with an inline store is answered when its files are indexed, as recorded."""
    client = start("--indexing-seconds", "0.3")
    inline = {"file_search": {"vector_stores": [{"file_ids": [client.make_file()]}]}}

    made = client.at(LATE).make_assistant(tool_resources=inline)

    store = made["tool_resources"]["file_search"]["vector_store_ids"][0]
    assert client.get(f"/vector_stores/{store}").body["status"] == "completed"
