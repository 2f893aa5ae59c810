"""Generations and integrity: no content of the state is the only one, and no lie is taken."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

from factories import BOT, DATA, OTHER, codes, holding, make_assistant, make_file, make_state
from factories import record as recorded
from local_state import LocalState

from provisioner.errors import StateError
from provisioner.events import Operation
from provisioner.state.folder import Folder
from provisioner.state.generations import KEPT, Generations
from provisioner.state.journal import Intent
from provisioner.state.model import dump
from provisioner.state.writing import write_state

STATE = make_state(recorded(make_assistant(), "asst_1"), serial=4)


@pytest.fixture
def backend(tmp_path: Path) -> LocalState:
    """Give the state of an environment in which nothing was ever done."""
    return LocalState(tmp_path / ".provisioner" / "prod")


def names(backend: LocalState) -> list[str]:
    """List the serials of the good generations, the newest first."""
    return [
        f"{each.state.serial}:{len(each.state.resources)}"
        for each in Generations(backend.storage).good()
    ]


def refusal(backend: LocalState) -> tuple[list[str], str]:
    """Read a state that is refused; give the codes and the text."""
    with pytest.raises(StateError) as caught:
        backend.read()
    return codes(caught.value), caught.value.diagnostics[0].detail


def test_each_write_keeps_what_stood_there_and_what_stands_there_now(backend: LocalState) -> None:
    """A damaged state file costs nothing: there is a copy of just that content."""
    backend.write(STATE)
    kept = backend.write(replace(STATE, serial=5, resources={}))
    assert names(backend) == ["5:0", "4:1"]
    assert kept is not None
    assert Path(kept).read_text(encoding="utf-8") == dump(STATE)


def test_two_contents_of_one_serial_are_both_kept(backend: LocalState) -> None:
    """However fast they are written: a name says serial and content."""
    backend.write(STATE)
    backend.write(replace(STATE, resources={}))
    backend.write(replace(STATE, lineage="another"))
    assert names(backend) == ["4:1", "4:0", "4:1"]


def test_a_content_that_comes_back_is_the_newest_again(backend: LocalState) -> None:
    """Pushing a generation makes it the present one, and not a second copy."""
    backend.write(STATE)
    backend.write(replace(STATE, serial=5, resources={}))
    backend.write(STATE)
    assert names(backend) == ["4:1", "5:0"]


def test_only_so_many_generations_are_kept(backend: LocalState) -> None:
    """The oldest go."""
    for serial in range(1, KEPT + 4):
        backend.write(replace(STATE, serial=serial))
    assert names(backend) == [f"{serial}:1" for serial in range(KEPT + 3, 3, -1)]


@pytest.mark.parametrize("damage", ["", "{", '"text"', dump(STATE)[:200]])
def test_a_damaged_state_names_its_newest_good_generation(backend: LocalState, damage: str) -> None:
    """Nothing is repaired in silence: the command that does it is named."""
    backend.write(STATE)
    backend.path.write_text(damage, encoding="utf-8")
    found, detail = refusal(backend)
    newest = next(Generations(backend.storage).good()).name
    assert found == ["S001"]
    name = newest.removeprefix("generations/")
    assert f"`provisioner state push -e prod --generation {name}`" in detail
    assert backend.path.read_text(encoding="utf-8") == damage


def test_a_generation_that_was_damaged_is_not_named(backend: LocalState) -> None:
    """Its name says what it must hold: one changed letter in an id is enough."""
    backend.write(STATE)
    backend.write(replace(STATE, serial=5))
    newest = backend.folder / next(Generations(backend.storage).good()).name
    newest.write_text(newest.read_text(encoding="utf-8").replace("asst_1", "asst_7"))
    backend.path.write_text("", encoding="utf-8")
    assert "serial 4" in refusal(backend)[1]


def test_without_a_generation_the_other_ways_are_named(backend: LocalState) -> None:
    """A backup, or a rebuild from what is live."""
    backend.folder.mkdir(parents=True)
    backend.path.write_text("", encoding="utf-8")
    assert "`provisioner state rebuild -e prod`" in refusal(backend)[1]


def test_what_cannot_be_read_is_kept_when_something_else_takes_its_place(
    backend: LocalState,
) -> None:
    """It may still be worth something to a person."""
    backend.write(STATE)
    backend.path.write_text("{half", encoding="utf-8")
    kept = backend.write(STATE)
    assert kept is not None
    assert Path(kept).name.startswith("damaged-")
    assert Path(kept).read_text(encoding="utf-8") == "{half"
    assert names(backend) == ["4:1"]


def test_the_generation_that_a_journal_continues_is_named(backend: LocalState) -> None:
    """A newer one may not have what the journal was continued by since."""
    backend.write(STATE)
    recorder = backend.open(backend.read(), STATE)
    Generations(backend.storage).keep(dump(replace(STATE, serial=5)).encode(), 5)
    recorder._writer.close()
    backend.path.write_text("", encoding="utf-8")
    assert "serial 4" in refusal(backend)[1]
    backend.path.unlink()
    found, detail = refusal(backend)
    assert found == ["S005"]
    assert "serial 4" in detail


def test_a_generation_of_another_lineage_is_no_cure_for_a_journal(backend: LocalState) -> None:
    """What the journal says was done to other records."""
    backend.write(STATE)
    backend.open(backend.read(), STATE)._writer.close()
    foreign = dump(replace(STATE, serial=9, lineage="another"))
    Generations(backend.storage).keep(foreign.encode(), 9)
    backend.path.write_text(foreign, encoding="utf-8")
    found, detail = refusal(backend)
    assert found == ["S004"]
    assert "serial 4" in detail


def test_a_state_of_another_lineage_is_refused_where_nobody_pushed_it(backend: LocalState) -> None:
    """Somebody has copied a file over it: what was created here would be forgotten."""
    backend.write(STATE)
    foreign = replace(STATE, lineage="another", resources={})
    backend.path.write_text(dump(foreign), encoding="utf-8")
    found, detail = refusal(backend)
    assert found == ["S023"]
    assert "serial 4, resources: 1" in detail
    backend.write(foreign)
    assert backend.read().state == foreign


def test_a_state_may_be_edited_by_hand(backend: LocalState) -> None:
    """Within its own history, and as long as it doesn't contradict itself."""
    backend.write(STATE)
    edited = replace(STATE, serial=6, resources={})
    backend.path.write_text(dump(edited), encoding="utf-8")
    assert backend.read().state == edited


CONTRADICTIONS = {
    "asst_1 is recorded as assistant.bot and as assistant.other": make_state(
        recorded(make_assistant(), "asst_1"), recorded(make_assistant(OTHER), "asst_1")
    ),
    "asst_1 is recorded as assistant.bot and as assistant.bot": make_state(
        recorded(make_assistant(), "asst_1", deposed=("asst_1",))
    ),
    "assistant.bot has no id": make_state(recorded(make_assistant(), "")),
    "assistant.bot depends on file.data, which is not recorded": make_state(
        recorded(make_assistant(**holding(DATA)), "asst_1", {DATA: "assistant-1"})
    ),
    "its serial is negative": make_state(serial=-1),
}
contradicting = pytest.mark.parametrize("said", CONTRADICTIONS)


@contradicting
def test_a_state_that_contradicts_itself_is_not_read(backend: LocalState, said: str) -> None:
    """Somebody has edited it: applying would change or delete the wrong object."""
    backend.folder.mkdir(parents=True)
    backend.path.write_text(dump(CONTRADICTIONS[said]), encoding="utf-8")
    found, detail = refusal(backend)
    assert found == ["S012"]
    assert said in detail


@contradicting
def test_a_state_that_contradicts_itself_is_not_written(backend: LocalState, said: str) -> None:
    """What stood there stands, and no generation is made of it."""
    backend.write(STATE)
    with pytest.raises(StateError) as caught:
        backend.write(CONTRADICTIONS[said])
    assert codes(caught.value) == ["S012"]
    assert backend.read().state == STATE
    assert names(backend) == ["4:1"]


def test_what_was_forgotten_is_depended_on_no_longer(backend: LocalState) -> None:
    """An apply of a part may forget a file that another assistant is recorded to use."""
    bot = recorded(make_assistant(**holding(DATA)), "asst_1", {DATA: "assistant-1"})
    backend.write(make_state(bot, recorded(make_file(), "assistant-1"), serial=1))
    found = backend.read()
    assert found.state is not None
    left = replace(found.state, resources={BOT: found.state.resources[BOT]})
    assert backend.open(found, left).close().resources[BOT].depends_on == ()


def test_a_disk_that_gives_back_other_bytes_is_told(
    backend: LocalState, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that the disk confirms may still be wrong; then the journal is not cleared."""
    backend.write(STATE)
    recorder = backend.open(backend.read(), replace(STATE, resources={}))

    def broken(storage: Folder, name: str, content: Iterable[bytes], *order: int) -> None:
        write(storage, name, [b"".join(content)[: -3 if name == "state.json" else None]], *order)

    write = Folder.write
    with monkeypatch.context() as patch:
        patch.setattr(Folder, "write", broken)
        with pytest.raises(StateError) as caught:
            recorder.close()
    assert codes(caught.value) == ["S013"]
    assert backend.journal_path.exists()


def test_a_state_is_not_written_where_its_generation_cannot_be_kept(tmp_path: Path) -> None:
    """Something else stands where the generations belong."""
    path = tmp_path / "state.json"
    write_state(Folder(tmp_path), STATE)
    before = path.read_bytes()
    for each in (tmp_path / "generations").iterdir():
        each.unlink()
    (tmp_path / "generations").rmdir()
    (tmp_path / "generations").write_text("in the way")
    with pytest.raises(StateError) as caught:
        write_state(Folder(tmp_path), replace(STATE, serial=5))
    assert codes(caught.value) == ["S003"]
    assert path.read_bytes() == before


def test_a_generation_is_a_whole_state_for_any_reader(backend: LocalState) -> None:
    """It may be copied elsewhere, looked at, and pushed."""
    backend.write(STATE)
    (path,) = (backend.folder / "generations").iterdir()
    assert json.loads(path.read_text())["lineage"] == STATE.lineage


def test_no_generation_outlives_that_a_value_becomes_sensitive(backend: LocalState) -> None:
    """What has it in clear goes; what hides it, and what never had it, stays."""
    hidden = "Use (sensitive:token:0123456789abcdef)."
    other = recorded(make_assistant(OTHER), "asst_2")
    for serial, text in ((1, ""), (2, "Use it."), (3, hidden), (4, hidden)):
        bot = recorded(make_assistant(instructions=text), "asst_1")
        kept = backend.write(make_state(bot, other, serial=serial))
        assert (kept is None) == (serial in (1, 3))
    assert names(backend) == ["4:2", "3:2", "1:2"]


class CrashError(BaseException):
    """The machine is gone."""


STEPS = 8
"""More than a close brings to disk: the test says so if they are too few."""


@pytest.mark.parametrize("step", range(STEPS))
def test_a_crash_at_any_step_of_a_write_loses_nothing(
    backend: LocalState, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    """Whatever had reached the disk by then: the next run has the old records and the new one."""
    backend.write(STATE)
    recorder = backend.open(backend.read(), STATE)
    intent = Intent("op", Operation.CREATE, OTHER, None, recorded(make_assistant(OTHER), ""))
    recorder.intend(intent)
    recorder.done(intent, "asst_2", {})
    left = [step]
    sync = os.fsync

    def crashing(handle: int) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise CrashError
        sync(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", crashing)
        try:
            recorder.close()
        except CrashError:
            assert step < STEPS - 1, "there are more steps"
    after = backend.read().state
    assert after is not None
    assert {each.id for each in after.resources.values()} == {"asst_1", "asst_2"}
    written = backend.open(backend.read(), after).close()
    assert backend.read().stored == written
    assert written.resources == after.resources
