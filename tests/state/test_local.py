"""State in local files: read, opened, closed, and never overwritten when it can't be trusted."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

from factories import BOT, OTHER, codes, make_assistant, make_state, record
from local_state import LocalState
from test_model import DAMAGED, edited

from provisioner.errors import StateError
from provisioner.events import Operation
from provisioner.state.backend import Recorded
from provisioner.state.files import prepare_folder, write_atomically
from provisioner.state.journal import Intent
from provisioner.state.model import ServiceIdentity, State
from provisioner.state.recorder import Recorder

ROOT = Path(__file__).parents[2]
BECOMES = record(make_assistant(), "")
CREATE = Intent("op-1", Operation.CREATE, BOT, None, BECOMES)


@pytest.fixture
def backend(tmp_path: Path) -> LocalState:
    """Give the state of an environment in which nothing was ever done."""
    return LocalState(tmp_path / "project" / ".provisioner" / "test")


def begin(backend: LocalState) -> Recorder:
    """Read, and get ready to record; a history begins where there is none."""
    recorded = backend.read()
    return backend.open(recorded, recorded.state or make_state())


def apply(backend: LocalState, intent: Intent = CREATE, id_: str = "asst_1") -> State:
    """Record one change."""
    recorder = begin(backend)
    recorder.intend(intent)
    recorder.done(intent, id_, {})
    return recorder.close()


def contents(folder: Path) -> dict[str, bytes]:
    """Read every file of a folder, but not the generations."""
    return {each.name: each.read_bytes() for each in folder.iterdir() if each.is_file()}


def test_nothing_is_recorded_where_nothing_was_done(backend: LocalState) -> None:
    """Reading makes no folder."""
    assert backend.read() == Recorded(None, None)
    assert (backend.read().state, backend.read().pending) == (None, ())
    assert not backend.folder.exists()


def test_what_was_recorded_is_read_again(backend: LocalState) -> None:
    """After closing, the state file alone holds everything."""
    written = apply(backend)
    assert backend.read() == Recorded(written, None)
    assert written.resources[BOT].id == "asst_1"
    assert list(contents(backend.folder)) == ["state.json"]


def test_results_are_read_from_the_journal_after_a_crash(backend: LocalState) -> None:
    """Nothing is lost when `close` never happens."""
    apply(backend)
    recorder = begin(backend)
    gone = Intent("op-2", Operation.DELETE, BOT, "asst_1", None)
    recorder.intend(gone)
    recorder.done(gone, "asst_1", {})
    recorder.intend(replace(CREATE, operation_id="op-3"))
    recorded = backend.read()

    assert recorded.state is not None
    assert recorded.state.resources == {}
    assert [each.operation_id for each in recorded.pending] == ["op-3"]
    recorder.close()


def test_a_continued_journal_keeps_what_came_before(backend: LocalState) -> None:
    """A second run after a crash appends; only its close writes the state, with everything."""
    crashed = begin(backend)
    crashed.intend(CREATE)
    crashed.done(CREATE, "asst_1", {})
    crashed._writer.close()
    written = apply(
        backend,
        replace(
            CREATE, operation_id="op-2", address=OTHER, becomes=record(make_assistant(OTHER), "")
        ),
        "asst_2",
    )

    assert {str(each): state.id for each, state in written.resources.items()} == {
        "assistant.bot": "asst_1",
        "assistant.other": "asst_2",
    }
    assert written.serial == 1


def test_the_serial_grows_by_one_with_each_change(backend: LocalState) -> None:
    """However many resources an apply changes, it is one step of the history."""
    first = apply(backend)
    second = apply(backend, Intent("op-2", Operation.DELETE, BOT, "asst_1", None))
    assert (first.serial, second.serial) == (1, 2)
    assert first.lineage == second.lineage


def test_nothing_is_written_where_nothing_changed(backend: LocalState) -> None:
    """Neither the serial nor a byte of the file."""
    apply(backend)
    before = contents(backend.folder)
    begin(backend).close()
    assert contents(backend.folder) == before


def test_an_apply_that_did_nothing_leaves_no_state(backend: LocalState) -> None:
    """A history begins with something to record."""
    begin(backend).close()
    assert backend.read() == Recorded(None, None)


def test_another_api_version_of_the_service_is_recorded(backend: LocalState) -> None:
    """The service is part of the state; its change is a change."""
    written = apply(backend)
    recorded = backend.read()
    service = ServiceIdentity("azure-openai", "https://contoso.example", "2025-03-01-preview")
    after = backend.open(recorded, replace(written, service=service)).close()
    assert (after.serial, after.service) == (2, service)


def test_a_noted_record_is_written(backend: LocalState) -> None:
    """What needs no call needs no intent either."""
    written = apply(backend)
    recorder = begin(backend)
    recorder.record(replace(written.resources[BOT], labels={"team": "a"}))
    noted = recorder.close()
    assert noted.serial == 2
    assert backend.read().state == noted


def test_true_for_one_is_a_change(backend: LocalState) -> None:
    """Python takes them for equal, and a JSON Schema doesn't."""
    written = apply(backend)
    for default in (1, True):
        recorder = begin(backend)
        now = backend.read().state or written
        attributes = {**now.resources[BOT].attributes, "response_format": {"default": default}}
        recorder.record(replace(now.resources[BOT], attributes=attributes))
        recorder.close()
    after = backend.read().state
    assert after is not None
    assert after.resources[BOT].attributes["response_format"]["default"] is True


def test_a_pending_intent_outlives_the_close(backend: LocalState) -> None:
    """The state is written, and what is still open goes over into a new journal."""
    recorder = begin(backend)
    recorder.intend(CREATE)
    other = replace(
        CREATE, operation_id="op-2", address=OTHER, becomes=record(make_assistant(OTHER), "")
    )
    recorder.intend(other)
    recorder.done(other, "asst_2", {})
    written = recorder.close()
    recorded = backend.read()

    assert recorded.pending == (CREATE,)
    assert recorded.journal is not None
    assert recorded.journal.continues
    assert recorded.stored == recorded.state == written


def test_a_refused_intent_leaves_no_journal(backend: LocalState) -> None:
    """Nothing came of it, so nothing is left to remember."""
    recorder = begin(backend)
    recorder.intend(CREATE)
    recorder.failed(CREATE)
    recorder.close()
    assert backend.read() == Recorded(None, None)


def test_a_crash_between_state_and_journal_counts_nothing_twice(
    backend: LocalState, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The journal's results are in the state already; the next run clears them."""

    def crash(_path: Path, *, missing_ok: bool = False) -> None:
        raise OSError(5, f"Input/output error {missing_ok}")

    recorder = begin(backend)
    recorder.intend(CREATE)
    recorder.done(CREATE, "asst_1", {})
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", crash)
        with pytest.raises(StateError):
            recorder.close()
    recorded = backend.read()

    assert recorded.stored is not None
    assert recorded.state == recorded.stored
    assert recorded.stored.resources == recorder.resources
    assert recorded.journal is not None
    assert not recorded.journal.continues
    begin(backend).close()
    assert backend.read() == Recorded(recorded.stored, None)


def test_files_are_for_their_owner_alone(backend: LocalState) -> None:
    """Folders 0700, files 0600, kept out of version control by a .gitignore of their own."""
    recorder = begin(backend)
    recorder.intend(CREATE)
    other = replace(
        CREATE, operation_id="op-2", address=OTHER, becomes=record(make_assistant(OTHER), "")
    )
    recorder.intend(other)
    recorder.done(other, "asst_2", {})
    recorder.close()
    root = backend.folder.parent

    found = [each for each in backend.folder.rglob("*") if each.is_file()]
    assert [each.stat().st_mode & 0o777 for each in found] == [0o600] * 3
    for folder in (root, backend.folder, backend.folder / "generations"):
        assert folder.stat().st_mode & 0o777 == 0o700
    assert (root / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_an_ignore_file_that_was_cut_off_is_written_again(tmp_path: Path) -> None:
    """A disk that is full leaves it empty: then nothing would be kept out of version control."""
    ignore = tmp_path / ".gitignore"
    ignore.touch()
    prepare_folder(tmp_path / "test")
    assert ignore.read_text(encoding="utf-8") == "*\n"
    ignore.write_text("*\n!notes.md\n", encoding="utf-8")
    prepare_folder(tmp_path / "test")
    assert "notes" in ignore.read_text(encoding="utf-8")


@pytest.mark.parametrize("text", [*DAMAGED.values(), edited(version=2)], ids=[*DAMAGED, "newer"])
def test_a_state_that_cannot_be_trusted_is_left_as_it_is(backend: LocalState, text: str) -> None:
    """It is refused when it is read, so that nothing ever writes over it."""
    backend.folder.mkdir(parents=True)
    backend.path.write_text(text, encoding="utf-8")
    with pytest.raises(StateError):
        backend.read()
    assert contents(backend.folder) == {"state.json": text.encode()}


def test_a_state_that_is_no_text_is_refused(backend: LocalState) -> None:
    """Bytes that aren't UTF-8 are damage too."""
    backend.folder.mkdir(parents=True)
    backend.path.write_bytes(b"\xff\xfe{")
    with pytest.raises(StateError) as caught:
        backend.read()
    assert codes(caught.value) == ["S001"]


def test_a_state_of_an_unknown_kind_is_left_as_it_is(backend: LocalState) -> None:
    """Only the newer program that wrote it can be trusted with it."""
    newer = edited(resources={"index.docs": {"id": "x_1", "attributes": {}}})
    backend.folder.mkdir(parents=True)
    backend.path.write_text(newer, encoding="utf-8")
    with pytest.raises(StateError) as caught:
        backend.read()

    assert codes(caught.value) == ["S002"]
    assert contents(backend.folder) == {"state.json": newer.encode()}


def test_a_state_that_cannot_be_opened_is_refused(backend: LocalState) -> None:
    """A folder in its place is not nothing."""
    backend.path.mkdir(parents=True)
    with pytest.raises(StateError) as caught:
        backend.read()
    assert codes(caught.value) == ["S001"]


def test_an_older_state_beside_a_newer_journal_is_refused(backend: LocalState) -> None:
    """A restored backup would forget what was created since; both files stay as they are."""
    apply(backend)
    old = backend.path.read_bytes()
    apply(
        backend,
        Intent("op-2", Operation.UPDATE, BOT, "asst_1", record(make_assistant(name="x"), "asst_1")),
    )
    recorder = begin(backend)
    recorder.intend(replace(CREATE, operation_id="op-3"))
    recorder._writer.close()
    backend.path.write_bytes(old)
    before = contents(backend.folder)
    with pytest.raises(StateError) as caught:
        backend.read()

    assert codes(caught.value) == ["S004"]
    assert contents(backend.folder) == before


@pytest.mark.parametrize(("owner", "name"), [(Path, "replace"), (os, "fsync")])
def test_the_old_content_survives_a_write_that_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    """A disk that fails before or while renaming leaves the old file, and no other."""

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "state.json"
    write_atomically(path, "old")
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, fail)
        with pytest.raises(StateError) as caught:
            write_atomically(path, "new")

    assert codes(caught.value) == ["S003"]
    assert "No space left on device" in caught.value.diagnostics[0].detail
    assert contents(tmp_path) == {"state.json": b"old"}


FULL = """
import resource, signal, sys
from pathlib import Path
from provisioner.errors import StateError
from provisioner.state.files import prepare_folder, write_atomically
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_atomically(Path(sys.argv[1]), "x" * 5000)
except StateError as trouble:
    print(trouble.diagnostics[0].code)
"""


def test_the_old_content_survives_a_disk_that_is_full(tmp_path: Path) -> None:
    """A real write that stops in the middle: a process that may write no more than 1000 bytes."""
    path = tmp_path / "state.json"
    write_atomically(path, "old")
    said = subprocess.run(
        [sys.executable, "-c", FULL, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert said.stdout.strip() == "S003"
    assert contents(tmp_path) == {"state.json": b"old"}


def test_a_state_that_cannot_be_written_stays_in_the_journal(
    backend: LocalState, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was done isn't lost when the disk is full at the end: the next run reads it."""
    apply(backend)
    recorder = begin(backend)
    gone = Intent("op-2", Operation.DELETE, BOT, "asst_1", None)
    recorder.intend(gone)
    recorder.done(gone, "asst_1", {})

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", fail)
        with pytest.raises(StateError):
            recorder.close()
    recorded = backend.read()

    assert recorded.stored is not None
    assert recorded.stored.resources
    assert recorded.state is not None
    assert recorded.state.resources == {}


def test_a_result_that_cannot_be_written_leaves_its_intent_pending(
    backend: LocalState, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The object was made, and the disk is full: the next run finds out what became of it."""

    def full(_handle: int, _data: object) -> int:
        raise OSError(28, "No space left on device")

    recorder = begin(backend)
    recorder.intend(CREATE)
    with monkeypatch.context() as patch:
        patch.setattr("provisioner.state.folder.os.write", full)
        with pytest.raises(StateError):
            recorder.done(CREATE, "asst_1", {})
    recorder.close()
    recorded = backend.read()

    assert recorded.pending == (CREATE,)
    assert recorded.state is not None
    assert recorded.state.resources == {}


def test_an_intent_that_never_reached_the_disk_is_not_pending(
    backend: LocalState, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its call was never made, so there is nothing for the next run to find out."""

    def broken(_handle: int) -> None:
        raise OSError(5, "Input/output error")

    recorder = begin(backend)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        with pytest.raises(StateError):
            recorder.intend(CREATE)
    recorder.close()
    assert backend.read() == Recorded(None, None)


def test_a_disk_that_fails_at_the_end_is_reported(
    backend: LocalState, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was done is in the journal still, and nothing is written over the state."""

    def broken(_handle: int) -> None:
        raise OSError(5, "Input/output error")

    recorder = begin(backend)
    recorder.intend(CREATE)
    recorder.done(CREATE, "asst_1", {})
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", broken)
        with pytest.raises(StateError) as caught:
            recorder.close()
    recorded = backend.read()

    assert codes(caught.value) == ["S003"]
    assert recorded.stored is None
    assert recorded.state is not None
    assert recorded.state.resources[BOT].id == "asst_1"


def test_texts_that_no_utf8_can_hold_are_read_as_they_were_written(backend: LocalState) -> None:
    """Half of a surrogate pair, which JSON may escape, comes back from the state file too."""
    odd = record(make_assistant(instructions="half: \ud800"), "asst_1")
    recorder = begin(backend)
    recorder.record(odd)
    written = recorder.close()

    assert backend.read().state == written
    assert written.resources[BOT] == odd


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / ".provisioner").write_text("", encoding="utf-8")
    with pytest.raises(StateError) as caught:
        prepare_folder(tmp_path / ".provisioner" / "test")
    assert codes(caught.value) == ["S003"]


def test_the_journal_is_readable_by_its_owner_alone(backend: LocalState) -> None:
    """It holds whatever was sent."""
    recorder = begin(backend)
    recorder.intend(CREATE)
    assert backend.journal_path.stat().st_mode & 0o777 == 0o600


def test_a_journal_that_cannot_be_opened_is_refused(backend: LocalState) -> None:
    """It isn't taken for nothing."""
    backend.journal_path.mkdir(parents=True)
    with pytest.raises(StateError) as caught:
        backend.read()
    assert codes(caught.value) == ["S006"]


def test_a_journal_that_went_away_meanwhile_is_not_appended_to(backend: LocalState) -> None:
    """Somebody deleted it between reading and recording: nothing may be done unrecorded."""
    begin(backend)._writer.close()
    recorded = backend.read()
    backend.journal_path.unlink()
    with pytest.raises(StateError) as caught:
        backend.open(recorded, make_state())
    assert codes(caught.value) == ["S003"]
