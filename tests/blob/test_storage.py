"""What every storage does in the same way: a folder, and Azure Blob Storage."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from blob_projects import Container

from provisioner.errors import StateError
from provisioner.state.blob import BlobStorage
from provisioner.state.blob_requests import Blobs
from provisioner.state.folder import Folder
from provisioner.state.generations import KEPT, Generations
from provisioner.state.storage import JOURNAL, STATE, Storage

MakeStorage = Callable[[], Storage]


@pytest.fixture(params=["folder", "blob"])
def make_storage(request: pytest.FixtureRequest, tmp_path: Path) -> MakeStorage:
    """Open one storage as often as wanted, as one command after the other does."""
    folder = Folder(tmp_path / ".provisioner" / "test")
    if request.param == "folder":
        return lambda: folder
    container: Container = request.getfixturevalue("container")
    return lambda: BlobStorage(Blobs(container.client, "demo/test"), folder)


@pytest.fixture
def storage(make_storage: MakeStorage) -> Storage:
    """Open it once."""
    opened = make_storage()
    opened.prepare()
    return opened


def test_what_was_written_is_read(storage: Storage) -> None:
    """Whole, and replaced whole; a file of it has the same bytes."""
    storage.write("history/objects/a", [b"one", b"two"])
    assert storage.read("history/objects/a") == b"onetwo"
    assert storage.file("history/objects/a").read_bytes() == b"onetwo"
    storage.write("history/objects/a", [b"three"])
    assert storage.read("history/objects/a") == b"three"


def test_what_is_not_there_is_told_apart(storage: Storage) -> None:
    """Contents and journals alike; deleting it is no trouble."""
    for read in (storage.read, storage.read_log):
        with pytest.raises(FileNotFoundError):
            read(STATE)
    with pytest.raises(FileNotFoundError):
        storage.continue_log(JOURNAL)
    storage.delete(STATE, JOURNAL, "generations/1")
    assert storage.entries("generations") == []


def test_a_content_that_fails_halfway_changes_nothing(storage: Storage) -> None:
    """What stood there stands."""

    def broken() -> Iterator[bytes]:
        yield b"half"
        raise ValueError("other bytes")

    storage.write("history/objects/a", [b"whole"])
    for name in ("history/objects/a", "history/objects/b"):
        with pytest.raises(ValueError, match="other bytes"):
            storage.write(name, broken())
    assert storage.read("history/objects/a") == b"whole"
    assert [each.name for each in storage.entries("history/objects")] == ["history/objects/a"]


def test_entries_have_sizes_and_an_order(storage: Storage) -> None:
    """That of their dates, however they are called."""
    for name, order in (("b", 2_000), ("a", 3_000), ("c", 1_000)):
        storage.write(f"generations/{name}", [b"12345"])
        storage.date(f"generations/{name}", order)
    found = sorted(storage.entries("generations"), key=lambda each: each.order)
    assert [(each.name, each.size) for each in found] == [
        ("generations/c", 5),
        ("generations/b", 5),
        ("generations/a", 5),
    ]


def test_a_journal_goes_on_where_it_ended(storage: Storage, make_storage: MakeStorage) -> None:
    """Written by one command and continued by the next."""
    storage.begin_log(JOURNAL, b"header\n")
    log = storage.continue_log(JOURNAL)
    log.write(b"one\n")
    log.sync()
    log.write(b"two\n")
    log.close()

    following = make_storage()
    assert following.read_log(JOURNAL) == b"header\none\ntwo\n"
    following.claim(following.seen(), b"{}")
    more = following.continue_log(JOURNAL)
    more.write(b"three\n")
    more.close()
    assert make_storage().read_log(JOURNAL) == b"header\none\ntwo\nthree\n"


def test_a_journal_that_ends_torn_goes_on_without_the_torn_line(
    storage: Storage, make_storage: MakeStorage
) -> None:
    """An append would make one unreadable line of two."""
    storage.begin_log(JOURNAL, b"header\n")
    log = storage.continue_log(JOURNAL)
    log.write(b'one\n{"inte')
    log.close()

    following = make_storage()
    assert following.read_log(JOURNAL).endswith(b'{"inte')
    more = following.continue_log(JOURNAL)
    more.write(b"two\n")
    more.close()
    assert make_storage().read_log(JOURNAL) == b"header\none\ntwo\n"


def test_a_journal_begun_anew_has_nothing_of_the_former_one(
    storage: Storage, make_storage: MakeStorage
) -> None:
    """And a cleared one is gone, with all that belonged to it."""
    storage.begin_log(JOURNAL, b"header\n")
    log = storage.continue_log(JOURNAL)
    log.write(b"one\n")
    log.close()
    storage.begin_log(JOURNAL, b"another\n")
    assert make_storage().read_log(JOURNAL) == b"another\n"
    storage.delete(JOURNAL)
    with pytest.raises(FileNotFoundError):
        make_storage().read_log(JOURNAL)


def test_a_line_longer_than_one_append_is_whole(
    storage: Storage, make_storage: MakeStorage
) -> None:
    """Instructions of many assistants at once."""
    line = b"x" * (9 << 20) + b"\n"
    storage.begin_log(JOURNAL, b"header\n")
    log = storage.continue_log(JOURNAL)
    log.write(line)
    log.close()
    assert make_storage().read_log(JOURNAL) == b"header\n" + line


def test_only_so_many_generations_are_kept_in_their_order(storage: Storage) -> None:
    """However fast they are written, and whatever their serials are."""
    generations = Generations(storage)
    for number in range(KEPT + 2):
        generations.keep(json.dumps(number).encode(), 100 - number)
    names = sorted(storage.entries("generations"), key=lambda each: each.order)
    assert [each.name.split("/")[1].split("-")[0] for each in names] == [
        str(100 - number) for number in range(2, KEPT + 2)
    ]


def claimed(container: Container, tmp_path: Path) -> tuple[BlobStorage, BlobStorage]:
    """Let one command record, and another one take over from it."""
    blobs = Blobs(container.client, "demo/test")
    first, second = (BlobStorage(blobs, Folder(tmp_path)) for _ in range(2))
    with pytest.raises(FileNotFoundError):
        first.read_log(JOURNAL)
    with pytest.raises(FileNotFoundError):
        first.read(STATE)
    first.claim(first.seen(), b"begun")
    first.begin_log(JOURNAL, b"header\n")
    second.read_log(JOURNAL)
    second.read(STATE)
    return first, second


WRITES: dict[str, Callable[[BlobStorage], None]] = {
    "state": lambda storage: storage.write(STATE, [b"late"]),
    "journal": lambda storage: storage.begin_log(JOURNAL, b"late\n"),
    "clearing": lambda storage: storage.delete(JOURNAL),
}


@pytest.mark.parametrize("write", WRITES)
def test_who_was_overtaken_can_write_nothing(
    container: Container, tmp_path: Path, write: str
) -> None:
    """Neither state nor journal, before whoever went on has written anything."""
    first, second = claimed(container, tmp_path)
    second.claim(second.seen(), b"")
    with pytest.raises(StateError) as caught:
        WRITES[write](first)
    assert caught.value.diagnostics[0].code == "S024"
    assert second.blobs.read(STATE)[0] == b"begun"
    assert BlobStorage(second.blobs, second.local).read_log(JOURNAL) == b"header\n"


def test_who_was_overtaken_can_append_nothing(container: Container, tmp_path: Path) -> None:
    """So it makes no call either: an intent stands before each."""
    first, second = claimed(container, tmp_path)
    log = first.continue_log(JOURNAL)
    second.claim(second.seen(), b"")
    log.write(b"intent\n")
    with pytest.raises(StateError) as caught:
        log.sync()
    assert caught.value.diagnostics[0].code == "S024"


def test_who_finds_deleted_what_was_read_is_told_that_others_went_on(
    container: Container, tmp_path: Path
) -> None:
    """A run that has ended well leaves no journal to append to, nor to claim."""
    blobs = Blobs(container.client, "demo/test")
    first = BlobStorage(blobs, Folder(tmp_path))
    first.write(STATE, [b"{}"])
    first.begin_log(JOURNAL, b"header\n")
    third = BlobStorage(blobs, Folder(tmp_path))
    third.read_log(JOURNAL)
    log = first.continue_log(JOURNAL)
    log.write(b"one\n")

    BlobStorage(blobs, Folder(tmp_path)).delete(JOURNAL)
    for act in (log.sync, lambda: third.claim(third.seen(), b"{}")):
        with pytest.raises(StateError) as caught:
            act()
        assert caught.value.diagnostics[0].code == "S024"


def test_who_was_overtaken_by_a_run_that_has_ended_begins_no_journal(
    container: Container, tmp_path: Path
) -> None:
    """There is none again, as when it was read; so the state tells, before any call is made."""
    blobs = Blobs(container.client, "demo/test")
    first, second = (BlobStorage(blobs, Folder(tmp_path)) for _ in range(2))
    first.claim(first.seen(), b"begun")
    second.read(STATE)
    second.claim(second.seen(), b"")
    second.begin_log(JOURNAL, b"header\n")
    second.delete(JOURNAL)

    with pytest.raises(StateError) as caught:
        first.begin_log(JOURNAL, b"header\n")
    assert caught.value.diagnostics[0].code == "S024"
    assert container.names() == ["demo/test/state.json"]


def test_who_is_refused_a_journal_leaves_nothing_of_it(
    container: Container, tmp_path: Path
) -> None:
    """What stands there is the other one's alone."""
    blobs = Blobs(container.client, "demo/test")
    first, second = (BlobStorage(blobs, Folder(tmp_path)) for _ in range(2))
    second.begin_log(JOURNAL, b"header\n")
    before = container.names()

    with pytest.raises(StateError):
        first.begin_log(JOURNAL, b"header\n")
    assert container.names() == before


def test_a_claim_fails_where_somebody_has_written_since(
    container: Container, tmp_path: Path
) -> None:
    """What was read is no longer all that is known."""
    first, second = claimed(container, tmp_path)
    log = first.continue_log(JOURNAL)
    log.write(b"intent\n")
    log.sync()
    with pytest.raises(StateError) as caught:
        second.claim(second.seen(), b"")
    assert caught.value.diagnostics[0].code == "S024"


def test_two_who_begin_at_once_are_told_apart(container: Container, tmp_path: Path) -> None:
    """Only one of two first runs has a state."""
    blobs = Blobs(container.client, "demo/test")
    first, second = (BlobStorage(blobs, Folder(tmp_path)) for _ in range(2))
    for each in (first, second):
        with pytest.raises(FileNotFoundError):
            each.read(STATE)
    first.claim(first.seen(), b"first")
    with pytest.raises(StateError):
        second.claim(second.seen(), b"second")
    assert blobs.read(STATE)[0] == b"first"
