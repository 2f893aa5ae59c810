"""The journal: what it leads to when it is read, and what is on disk when it is written."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

from factories import BOT, DATA, OTHER, SHA, codes, make_assistant, make_file, make_state, record

from provisioner.address import Address
from provisioner.errors import StateError
from provisioner.events import Operation
from provisioner.lost_create import LostCreate
from provisioner.state import journal as journals
from provisioner.state.folder import FileLog
from provisioner.state.journal import Intent, Journal, Whereabouts, lost_create, whole_lines
from provisioner.state.journal_writer import JournalWriter, beginning
from provisioner.state.model import State

BECOMES = record(make_assistant(), "")
CREATE = Intent("op-1", Operation.CREATE, BOT, None, BECOMES, sent_at=12.5)
STATE = make_state(record(make_assistant(OTHER), "asst_2"), serial=3)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the journal's place, which is empty yet."""
    return tmp_path / "journal.jsonl"


def begin(path: Path, state: State, pending: Sequence[Intent] = ()) -> None:
    """Begin a journal."""
    path.write_bytes(beginning(state, pending))


def writer_of(path: Path) -> JournalWriter:
    """Append to a journal."""
    return JournalWriter(str(path), FileLog.of(path))


def replay(path: Path, state: State | None) -> Journal | None:
    """Read a journal, if there is one."""
    where = Whereabouts(str(path), path.parent.name, lambda _header: "Bring it back.")
    content = path.read_bytes() if path.exists() else b""
    return journals.replay(where, whole_lines(where, content), state)


def write(path: Path, *steps: Callable[[JournalWriter], None], state: State = STATE) -> None:
    """Begin a journal and write to it."""
    begin(path, state)
    writer = writer_of(path)
    for step in steps:
        step(writer)
    writer.close()


def intend(intent: Intent) -> Callable[[JournalWriter], None]:
    """Write an intent."""
    return lambda writer: writer.intend(intent)


def done(intent: Intent, id_: str | None, **filled: Any) -> Callable[[JournalWriter], None]:
    """Write that an intent was carried out."""
    return lambda writer: writer.done(intent.operation_id, id_, filled)


def failed(intent: Intent) -> Callable[[JournalWriter], None]:
    """Write that nothing came of an intent."""
    return lambda writer: writer.failed(intent.operation_id)


def read(path: Path, state: State | None = STATE) -> Journal:
    """Read a journal that must be there."""
    journal = replay(path, state)
    assert journal is not None
    return journal


def test_no_journal_is_nothing(path: Path) -> None:
    """Where none was begun there is nothing to replay."""
    assert replay(path, STATE) is None


def test_an_intent_without_a_result_is_pending(path: Path) -> None:
    """It is read again word for word, and nothing is recorded for it."""
    write(path, intend(CREATE))
    assert read(path) == Journal(STATE, (CREATE,), continues=True)


def test_a_result_is_recorded(path: Path) -> None:
    """What was carried out is in the state that the journal leads to."""
    write(path, intend(CREATE), done(CREATE, "asst_1", temperature=0.7))
    journal = read(path)

    assert journal.pending == ()
    assert journal.state.resources[BOT] == replace(
        BECOMES, id="asst_1", filled={"temperature": 0.7}
    )
    assert journal.state.resources[OTHER] == STATE.resources[OTHER]


def test_a_refused_intent_leaves_nothing(path: Path) -> None:
    """Nothing came of it, and nothing is pending."""
    write(path, intend(CREATE), failed(CREATE))
    assert read(path) == Journal(STATE, (), continues=True)


def test_an_update_takes_the_place_of_what_was_recorded(path: Path) -> None:
    """Its object keeps its id."""
    becomes = record(make_assistant(OTHER, instructions="Be brief."), "asst_2")
    update = Intent("op-2", Operation.UPDATE, OTHER, "asst_2", becomes)
    write(path, intend(update), done(update, "asst_2"))
    assert read(path).state.resources == {OTHER: becomes}


MOVE = Intent(
    "op-2",
    Operation.UPDATE,
    BOT,
    "asst_2",
    replace(STATE.resources[OTHER], address=BOT),
    moved_from=OTHER,
)


def test_a_renamed_record_moves_with_its_result(path: Path) -> None:
    """Before the result it stands at the former address, afterwards at the new one alone."""
    write(path, intend(MOVE))
    assert read(path) == Journal(STATE, (MOVE,), continues=True)
    write(path, intend(MOVE), done(MOVE, "asst_2"))
    assert read(path).state.resources == {BOT: MOVE.becomes}


def test_a_record_that_is_renamed_and_deleted_at_once_is_gone(path: Path) -> None:
    """It is deleted under its new address, and recorded under the former one."""
    gone = replace(MOVE, operation=Operation.DELETE, becomes=None)
    write(path, intend(gone), done(gone, "asst_2"))
    assert read(path).state.resources == {}


def test_a_replacement_under_a_new_name_deposes_the_old_object(path: Path) -> None:
    """All that was deposed goes along."""
    state = make_state(record(make_file(), "file-1", deposed=("file-0",)))
    new = record(make_file(Address("file", "new")), "")
    created = Intent(
        "op-1", Operation.CREATE, new.address, None, new, deposes="file-1", moved_from=DATA
    )
    write(path, intend(created), done(created, "file-2"), state=state)
    (found,) = read(path, state).state.resources.values()

    assert (found.address, found.id) == (new.address, "file-2")
    assert found.deposed == ("file-0", "file-1")


def test_a_journal_without_former_addresses_is_read(path: Path) -> None:
    """Earlier releases wrote none; nor does this one where nothing is renamed."""
    write(path, intend(CREATE))
    assert "moved_from" not in path.read_text(encoding="utf-8")
    assert read(path).pending == (CREATE,)


@pytest.mark.parametrize("operation", [Operation.DELETE, Operation.FORGET])
def test_what_was_removed_is_no_longer_recorded(path: Path, operation: Operation) -> None:
    """Delete and forget take the address out of the state."""
    gone = Intent("op-2", operation, OTHER, "asst_2", None)
    write(path, intend(gone), done(gone, "asst_2"))
    assert read(path).state.resources == {}


def test_a_replacement_moves_the_old_id_to_deposed_and_then_away(path: Path) -> None:
    """Between the new object and the old one's deletion, both ids are recorded."""
    state = make_state(record(make_file(), "file-1", deposed=("file-0",)))
    created = Intent(
        "op-1", Operation.CREATE, DATA, None, record(make_file(), ""), deposes="file-1"
    )
    write(path, intend(created), done(created, "file-2"), state=state)
    found = read(path, state).state.resources[DATA]
    assert (found.id, found.deposed) == ("file-2", ("file-0", "file-1"))

    gone = Intent("op-2", Operation.DELETE, DATA, "file-1", None, deposed=True)
    writer = writer_of(path)
    writer.intend(gone)
    writer.done("op-2", "file-1", {})
    writer.close()
    found = read(path, state).state.resources[DATA]
    assert (found.id, found.deposed) == ("file-2", ("file-0",))


def test_a_leftover_of_an_address_that_is_gone_is_gone(path: Path) -> None:
    """Deleting a deposed object records nothing where nothing is recorded."""
    gone = Intent("op-2", Operation.DELETE, DATA, "file-1", None, deposed=True)
    write(path, intend(gone), done(gone, "file-1"))
    assert read(path).state == STATE


@pytest.mark.parametrize("cut", [1, 10, 60])
def test_a_torn_last_line_counts_as_not_written(path: Path, cut: int) -> None:
    """What a crash left of a result is no result: its intent is pending."""
    write(path, intend(CREATE), done(CREATE, "asst_1"))
    content = path.read_bytes()
    last = len(content.splitlines(keepends=True)[-1])
    path.write_bytes(content[: -min(cut, last)])
    assert read(path).pending == (CREATE,)


def test_a_line_torn_inside_of_a_character_counts_as_not_written(path: Path) -> None:
    """Half of a UTF-8 sequence at the end is as torn as half of a word."""
    write(path)
    with path.open("ab") as stream:
        stream.write('{"intent":"ö'.encode()[:-1])
    assert read(path).pending == ()


def test_appending_cuts_a_torn_line_off_first(path: Path) -> None:
    """A new line after half a line would make both unreadable."""
    write(path)
    with path.open("ab") as stream:
        stream.write(b'{"intent":"op-0')
    writer = writer_of(path)
    writer.intend(CREATE)
    writer.close()
    assert read(path).pending == (CREATE,)


def test_the_first_journal_needs_no_state(path: Path) -> None:
    """It carries all that begins a history."""
    begun = make_state(serial=0)
    write(path, intend(CREATE), done(CREATE, "asst_1"), state=begun)
    found = read(path, None)

    assert found.continues
    assert replace(found.state, resources={}) == begun
    assert found.state.resources[BOT].id == "asst_1"


def test_a_later_journal_needs_its_state(path: Path) -> None:
    """A missing state isn't taken for an empty one."""
    write(path)
    with pytest.raises(StateError) as caught:
        replay(path, None)
    assert codes(caught.value) == ["S005"]


def test_a_newer_state_holds_the_results_already(path: Path) -> None:
    """The run ended between writing the state and clearing the journal: what is pending stays."""
    update = Intent(
        "op-2", Operation.UPDATE, OTHER, "asst_2", record(make_assistant(OTHER, name="x"), "asst_2")
    )
    write(path, intend(update), done(update, "asst_2"), intend(CREATE))
    newer = replace(STATE, serial=4)
    assert read(path, newer) == Journal(newer, (CREATE,), continues=False)


@pytest.mark.parametrize("beside", [replace(STATE, serial=2), replace(STATE, lineage="l2")])
def test_a_state_that_is_older_or_foreign_is_refused(path: Path, beside: State) -> None:
    """It would forget what was created since; the journal is left as it is."""
    write(path, intend(CREATE))
    before = path.read_bytes()
    with pytest.raises(StateError) as caught:
        replay(path, beside)

    assert codes(caught.value) == ["S004"]
    assert "Put back the state" in caught.value.diagnostics[0].detail
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "line",
    [
        b"<html>\n",
        b"[]\n",
        b"7\n",
        b"{}\n",
        b'{"intent":"x"}\n',
        b'{"intent":"x","operation":"explode","address":"file.a"}\n',
        b'{"done":"op-1"}\n',
        b"\n\n",
    ],
)
def test_a_damaged_journal_is_refused(path: Path, line: bytes) -> None:
    """It may be the only trace of what was just created."""
    write(path, intend(CREATE))
    with path.open("ab") as stream:
        stream.write(line)
    before = path.read_bytes()
    with pytest.raises(StateError) as caught:
        replay(path, STATE)

    assert codes(caught.value) == ["S006"]
    assert path.read_bytes() == before


def test_a_journal_with_bytes_that_are_no_text_is_refused(path: Path) -> None:
    """A flipped bit in the middle is damage, and not a torn end."""
    write(path, intend(CREATE))
    damaged = path.read_bytes().replace(b"gpt-4o", b"gpt\xff4o")
    path.write_bytes(damaged)
    with pytest.raises(StateError) as caught:
        replay(path, STATE)

    assert codes(caught.value) == ["S006"]
    assert path.read_bytes() == damaged


def test_a_newer_journal_is_refused_not_guessed_at(path: Path) -> None:
    """The cure is a newer program, and the journal waits for it as it is."""
    write(path, intend(CREATE))
    newer = path.read_bytes().replace(b'"journal":1', b'"journal":2')
    path.write_bytes(newer)
    with pytest.raises(StateError) as caught:
        replay(path, STATE)

    assert codes(caught.value) == ["S002"]
    assert "Update provisioner" in caught.value.diagnostics[0].detail
    assert path.read_bytes() == newer


def test_texts_that_no_utf8_can_hold_are_read_as_they_were_written(path: Path) -> None:
    """JSON may escape half of a surrogate pair, and the service may echo it."""
    odd = replace(CREATE, becomes=record(make_assistant(instructions="half: \ud800"), ""))
    begin(path, STATE, [replace(odd, operation_id="op-0")])
    writer = writer_of(path)
    writer.intend(odd)
    writer.close()
    assert [each.becomes for each in read(path).pending] == [odd.becomes] * 2


def test_a_journal_without_its_header_is_refused(path: Path) -> None:
    """Nothing says which state it continues."""
    path.write_text('{"done":"op-1","id":null,"filled":{}}\n', encoding="utf-8")
    with pytest.raises(StateError) as caught:
        replay(path, STATE)
    assert codes(caught.value) == ["S006"]


def test_what_is_pending_goes_over_into_the_next_journal(path: Path) -> None:
    """A journal is begun anew without losing sight of open creates."""
    begin(path, STATE, [CREATE])
    assert read(path).pending == (CREATE,)


def intents(count: int) -> list[Intent]:
    """Make several creates."""
    addresses = [Address("assistant", f"bot-{each}") for each in range(count)]
    return [
        replace(
            CREATE,
            operation_id=f"op-{each.name}",
            address=each,
            becomes=replace(BECOMES, address=each),
        )
        for each in addresses
    ]


def in_threads(*calls: Callable[[], None]) -> None:
    """Call each in a thread of its own."""
    threads = [threading.Thread(target=call) for call in calls]
    for each in threads:
        each.start()
    for each in threads:
        each.join(20)


def test_every_intent_is_on_disk_before_its_call(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When `intend` returns, an fsync has come after the intent's line, whoever called it."""
    synced = b""
    fsync = os.fsync
    missing: list[str] = []

    def spy(handle: int) -> None:
        nonlocal synced
        content = path.read_bytes()
        fsync(handle)
        synced = max(synced, content, key=len)

    begin(path, STATE)
    writer = writer_of(path)
    monkeypatch.setattr(os, "fsync", spy)

    def call(intent: Intent) -> None:
        writer.intend(intent)
        if f'"{intent.operation_id}"'.encode() not in synced:
            missing.append(intent.operation_id)
        writer.done(intent.operation_id, "x", {})

    in_threads(*(lambda each=each: call(each) for each in intents(12)))  # type: ignore[misc]
    writer.close()

    assert missing == []
    assert len(read(path).state.resources) == 13


def test_one_fsync_serves_all_that_wait_for_it(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one is under way, the others write their lines and share the next."""
    written, syncs = threading.Semaphore(0), [0]
    write_, fsync = os.write, os.fsync

    def counted(handle: int, data: Any) -> int:
        length = write_(handle, data)
        written.release()
        return length

    def slow(handle: int) -> None:
        syncs[0] += 1
        for _ in range(8 if syncs[0] == 1 else 0):
            assert written.acquire(timeout=20)
        fsync(handle)

    begin(path, STATE)
    writer = writer_of(path)
    monkeypatch.setattr("provisioner.state.folder.os.write", counted)
    monkeypatch.setattr(os, "fsync", slow)
    in_threads(*(lambda each=each: writer.intend(each) for each in intents(8)))  # type: ignore[misc]

    assert syncs == [2]
    writer.close()
    assert len(read(path).pending) == 8


def test_a_failed_write_breaks_the_writer_for_good(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a line may stand there: nothing is appended to it, and what came before is kept."""
    first, second, third = intents(3)
    write_ = os.write
    begin(path, STATE)
    writer = writer_of(path)
    writer.intend(first)

    def full(handle: int, data: Any) -> int:
        write_(handle, bytes(data)[:20])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("provisioner.state.folder.os.write", full)
        with pytest.raises(StateError) as caught:
            writer.intend(second)
    assert codes(caught.value) == ["S003"]
    with pytest.raises(StateError):
        writer.intend(third)
    with pytest.raises(StateError):
        writer.done(first.operation_id, "asst_1", {})
    writer.close()

    assert read(path).pending == (first,)


def test_a_failed_fsync_breaks_the_writer_for_good(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it nobody knows what is on disk; the system reports such an error only once."""

    def broken(_handle: int) -> None:
        raise OSError(5, "Input/output error")

    begin(path, STATE)
    log = FileLog.of(path)
    writer = JournalWriter(str(path), log)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        with pytest.raises(StateError):
            writer.intend(CREATE)
    with pytest.raises(StateError):
        writer.intend(intents(1)[0])
    writer.close()


def test_a_failed_fsync_fails_for_all_that_waited_for_it(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system tells of it once, but none of their lines is known to be on disk."""
    written, syncs = threading.Semaphore(0), [0]
    write_, fsync = os.write, os.fsync
    refused: list[str] = []

    def counted(handle: int, data: Any) -> int:
        length = write_(handle, data)
        written.release()
        return length

    def fails_once(handle: int) -> None:
        syncs[0] += 1
        if syncs[0] > 1:
            return fsync(handle)
        for _ in range(4):
            assert written.acquire(timeout=20)
        raise OSError(5, "Input/output error")

    begin(path, STATE)
    writer = writer_of(path)

    def call(intent: Intent) -> None:
        try:
            writer.intend(intent)
        except StateError as trouble:
            refused.extend(codes(trouble))

    with monkeypatch.context() as patch:
        patch.setattr("provisioner.state.folder.os.write", counted)
        patch.setattr(os, "fsync", fails_once)
        in_threads(*(lambda each=each: call(each) for each in intents(4)))  # type: ignore[misc]
    writer.close()

    assert refused == ["S003"] * 4


def test_a_write_in_pieces_is_a_whole_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system may take a part of what it is given: the rest follows."""
    write_ = os.write
    begin(path, STATE)
    writer = writer_of(path)
    with monkeypatch.context() as patch:
        patch.setattr(
            "provisioner.state.folder.os.write",
            lambda handle, data: write_(handle, bytes(data)[:7]),
        )
        writer.intend(CREATE)
    writer.close()
    assert read(path).pending == (CREATE,)


def test_a_close_that_reaches_no_disk_is_reported(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last results may be lost; the file is let go of all the same."""

    def broken(_handle: int) -> None:
        raise OSError(5, "Input/output error")

    begin(path, STATE)
    log = FileLog.of(path)
    writer = JournalWriter(str(path), log)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        with pytest.raises(StateError) as caught:
            writer.close()

    assert codes(caught.value) == ["S003"]
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(log._handle)


def test_each_line_is_json_of_one_shape(path: Path) -> None:
    """A person with `jq` can read what was done."""
    write(path, intend(CREATE), done(CREATE, "asst_1"), failed(CREATE))
    header, *entries = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    assert (header["journal"], header["lineage"], header["serial"]) == (1, "l1", 3)
    assert [next(iter(each)) for each in entries] == ["intent", "done", "failed"]


def test_a_create_that_is_sent_again_is_remembered_as_lost(path: Path) -> None:
    """The line that announces the second says so: there is no moment at which neither is known."""
    again = replace(CREATE, operation_id="op-2", retries=CREATE.operation_id)
    write(path, intend(CREATE), intend(again))
    journal = read(path)

    assert [each.operation_id for each in journal.pending] == ["op-2"]
    assert journal.state.lost_creates == (lost_create(CREATE),)


def test_a_create_that_nobody_waits_for_is_remembered_as_lost(path: Path) -> None:
    """It isn't pending any more, and may still be carried out."""
    write(path, intend(CREATE), lambda writer: writer.lost(CREATE.operation_id))
    journal = read(path)

    assert journal.pending == ()
    assert journal.state.lost_creates == (lost_create(CREATE),)


def test_a_newer_state_has_the_lost_creates_already(path: Path) -> None:
    """The run ended between writing the one and clearing the other."""
    write(path, intend(CREATE), lambda writer: writer.lost(CREATE.operation_id))
    newer = replace(STATE, serial=STATE.serial + 1, lost_creates=(lost_create(CREATE),))
    journal = read(path, newer)

    assert journal.pending == ()
    assert journal.state == newer


def test_a_lost_upload_is_remembered_with_all_that_it_is_told_by() -> None:
    """A file carries no tag."""
    intent = Intent("op-1", Operation.CREATE, DATA, None, record(make_file(), ""), sent_at=7.0)
    assert lost_create(intent) == LostCreate("op-1", DATA, 7.0, "data.csv", 8, SHA)
