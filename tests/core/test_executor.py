"""The executor and its calls: what happens at the service, in the record and on the screen."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from factories import (
    BOT,
    DATA,
    ENVIRONMENT,
    OTHER,
    UID,
    codes,
    holding,
    make_assistant,
    make_change,
    make_file,
    make_state,
    record,
)
from fake_provider import FakeProvider, lost, refused, unsigned
from local_state import LocalState

from provisioner.address import Address
from provisioner.calls import Calls
from provisioner.diagnostics import error
from provisioner.errors import FailedFile, IndexingError, ProvisionerError, StateError
from provisioner.events import (
    Continuing,
    Event,
    Failed,
    NotStarted,
    Operation,
    Progressed,
    Skipped,
    Started,
    Succeeded,
)
from provisioner.executor import execute
from provisioner.halt import Halt, Reason
from provisioner.lost_create import LostCreate
from provisioner.outcome import Outcome, Progress
from provisioner.plan import Action, Change
from provisioner.resource import RemoteObject, ResourceState
from provisioner.state.backend import Recorded
from provisioner.state.journal import Intent
from provisioner.state.recorder import Recorder
from provisioner.steps import Step, steps

BOTS = [Address("assistant", f"bot-{each}") for each in range(6)]
BYTES = b"a,b\n1,2\n"


class Run:
    """An environment at a provider in memory, its state in a folder."""

    def __init__(
        self, folder: Path, provider: FakeProvider, recorded: Iterable[ResourceState]
    ) -> None:
        self.provider = provider
        self.backend = LocalState(folder / ".provisioner" / ENVIRONMENT)
        state = make_state(*recorded)
        self.record: Recorder = self.backend.open(Recorded(None, None), state)
        self.calls = Calls(provider, self.record, UID, ENVIRONMENT)

    def begin(
        self, changes: Iterable[Change], parallelism: int = 4
    ) -> Generator[Event, None, None]:
        """Give the events of carrying out these changes."""
        return execute(steps(changes), self.calls.carry_out, parallelism)

    def apply(self, *changes: Change, parallelism: int = 4) -> list[Event]:
        """Carry out changes to their end."""
        return list(self.begin(changes, parallelism))

    @property
    def resources(self) -> dict[Address, ResourceState]:
        """What is recorded now."""
        return dict(self.record.resources)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Write the file that is uploaded."""
    path = tmp_path / "data.csv"
    path.write_bytes(BYTES)
    return path


def upload(
    source: Path, action: Action = Action.CREATE, id_: str | None = None, **given: object
) -> Change:
    """Plan to upload the file as it is now."""
    after = make_file(sha256=sha256(BYTES).hexdigest()).attributes
    return make_change(DATA, action, id_, source=str(source), **{"after": after, **given})


def done(events: Iterable[Event]) -> list[tuple[Address, Operation]]:
    """Give what succeeded."""
    return [(each.address, each.operation) for each in events if isinstance(each, Succeeded)]


def test_a_create_is_carried_out_tagged_and_recorded(tmp_path: Path) -> None:
    """Its events tell of the beginning and the end, and its id is recorded."""
    run = Run(tmp_path, FakeProvider(), [])
    began, ended = run.apply(make_change(BOT, Action.CREATE))

    assert began == Started(BOT, Operation.CREATE, None)
    assert isinstance(ended, Succeeded)
    assert (ended.address, ended.operation, ended.id) == (BOT, Operation.CREATE, "new-bot")
    assert run.resources[BOT].id == "new-bot"
    tag = run.provider.tags["new-bot"].owner
    assert (tag.uid, tag.environment, tag.address) == (UID, ENVIRONMENT, BOT)
    assert tag.operation


def test_a_create_that_is_tried_again_is_told_from_the_lost_one(tmp_path: Path) -> None:
    """It has an operation id of its own, so that nothing but the lost one can ever have that."""
    run = Run(tmp_path, FakeProvider(), [])
    before = Intent("op-1", Operation.CREATE, BOT, None, record(make_assistant(), ""), sent_at=9.0)
    run.record.intend(before)
    calls = replace(run.calls, lost={BOT: "op-1"})
    list(execute(steps([make_change(BOT, Action.CREATE)]), calls.carry_out, 1))

    assert run.provider.tags["new-bot"].owner.operation != "op-1"
    assert run.record.close().lost_creates == (LostCreate("op-1", BOT, 9.0),)


def test_references_are_sent_as_the_ids_that_they_got(tmp_path: Path, source: Path) -> None:
    """A holder gets the id of the file that the same apply has just uploaded."""
    run = Run(tmp_path, FakeProvider(), [])
    wanted = make_assistant(**holding(DATA))
    holder = make_change(BOT, Action.CREATE, after=wanted.attributes, depends_on=(DATA,))
    run.apply(holder, upload(source))

    held = run.resources[BOT].attributes["tool_resources"]
    assert held == {"code_interpreter": {"file_ids": ["new-data"]}}
    assert run.provider.tags["new-bot"].files


def test_independent_work_goes_on_after_a_failure(tmp_path: Path) -> None:
    """One refusal stops neither what is under way nor what comes later."""
    provider = FakeProvider(failures={("create", "bot-0"): refused()})
    run = Run(tmp_path, provider, [])
    events = run.apply(*(make_change(each, Action.CREATE) for each in BOTS), parallelism=1)

    assert [each.address for each in events if isinstance(each, Failed)] == BOTS[:1]
    assert done(events) == [(each, Operation.CREATE) for each in BOTS[1:]]


def test_dependents_of_a_failure_are_skipped_and_named(tmp_path: Path, source: Path) -> None:
    """Each step that isn't taken names the address that failed, however far away it is."""
    provider = FakeProvider(failures={("create", "data"): refused()})
    held = [record(make_assistant(BOT), "asst_1"), record(make_file(), "file-1")]
    run = Run(tmp_path, provider, held)
    events = run.apply(
        upload(source, Action.REPLACE, "file-1", released_by=(BOT,)),
        make_change(BOT, Action.UPDATE, "asst_1", depends_on=(DATA,)),
    )

    assert [type(each) for each in events] == [Started, Failed, Skipped, Skipped]
    assert events[2:] == [
        Skipped(BOT, Operation.UPDATE, "asst_1", DATA),
        Skipped(DATA, Operation.DELETE, "file-1", DATA, deposed=True),
    ]
    assert provider.writes == [("create", "data")]


def test_a_replacement_uploads_repoints_and_then_deletes(tmp_path: Path, source: Path) -> None:
    """The old file goes after the last holder has the new one."""
    held = [record(make_assistant(BOT), "asst_1"), record(make_file(), "file-1")]
    run = Run(tmp_path, FakeProvider(), held)
    run.apply(
        upload(source, Action.REPLACE, "file-1", released_by=(BOT,)),
        make_change(BOT, Action.UPDATE, "asst_1", depends_on=(DATA,)),
    )

    assert run.provider.writes == [("create", "data"), ("update", "asst_1"), ("delete", "file-1")]
    assert (run.resources[DATA].id, run.resources[DATA].deposed) == ("new-data", ())


def test_a_failed_repointing_leaves_the_old_file_deposed(tmp_path: Path, source: Path) -> None:
    """It still has a holder; its id stays recorded, so that a later run deletes it."""
    provider = FakeProvider(failures={("update", "asst_1"): refused()})
    held = [record(make_assistant(BOT), "asst_1"), record(make_file(), "file-1")]
    run = Run(tmp_path, provider, held)
    run.apply(
        upload(source, Action.REPLACE, "file-1", released_by=(BOT,)),
        make_change(BOT, Action.UPDATE, "asst_1", depends_on=(DATA,)),
    )

    assert ("delete", "file-1") not in provider.writes
    assert run.resources[DATA].deposed == ("file-1",)


def test_forgetting_sends_nothing(tmp_path: Path) -> None:
    """The record goes, and the service isn't asked."""
    run = Run(tmp_path, FakeProvider(), [record(make_assistant(), "asst_1")])
    assert done(run.apply(make_change(BOT, Action.FORGET, "asst_1"))) == [(BOT, Operation.FORGET)]
    assert run.provider.calls == []
    assert run.resources == {}


def test_independent_steps_run_side_by_side(tmp_path: Path) -> None:
    """Three calls meet at a barrier that lets none through alone."""
    barrier = threading.Barrier(3, timeout=20)

    def during(_name: str) -> None:
        barrier.wait()

    run = Run(tmp_path, FakeProvider(during=during), [])
    events = run.apply(*(make_change(each, Action.CREATE) for each in BOTS[:3]), parallelism=3)
    assert len(done(events)) == 3


def test_no_more_than_the_limit_run_at_once(tmp_path: Path) -> None:
    """Pairs meet at the barrier, and never is a third call under way."""
    barrier, lock = threading.Barrier(2, timeout=20), threading.Lock()
    running: list[str] = []
    most: list[int] = []

    def during(name: str) -> None:
        with lock:
            running.append(name)
            most.append(len(running))
        barrier.wait()
        with lock:
            running.remove(name)

    run = Run(tmp_path, FakeProvider(during=during), [])
    events = run.apply(*(make_change(each, Action.CREATE) for each in BOTS), parallelism=2)

    assert len(done(events)) == len(BOTS)
    assert max(most) == 2


def test_a_record_that_cannot_be_written_stops_everything() -> None:
    """After a StateError nothing more is begun: it could not be written down."""
    seen: list[Address] = []

    def carry_out(step: Step, _progress: object) -> str | None:
        seen.append(step.change.address)
        raise StateError(error("S003", "State can't be written", "The disk is full. Free it."))

    events = execute(steps(make_change(each, Action.CREATE) for each in BOTS), carry_out, 1)
    with pytest.raises(StateError):
        list(events)
    assert seen == BOTS[:1]


def test_an_intent_that_cannot_be_written_is_never_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call is made only when its intent is on disk."""

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    run = Run(tmp_path, FakeProvider(), [])
    monkeypatch.setattr("provisioner.state.folder.os.fsync", full)
    with pytest.raises(StateError) as caught:
        run.apply(make_change(BOT, Action.CREATE))

    assert codes(caught.value) == ["S003"]
    assert run.provider.calls == []


def test_closing_midway_starts_nothing_more_and_loses_nothing(tmp_path: Path) -> None:
    """What is under way is waited for and recorded; what is not begun never begins."""
    began, release = threading.Event(), threading.Event()

    def during(_name: str) -> None:
        began.set()
        assert release.wait(20)

    run = Run(tmp_path, FakeProvider(during=during), [])
    events = run.begin([make_change(each, Action.CREATE) for each in BOTS], parallelism=1)
    next(events)
    assert began.wait(20)
    closing = threading.Thread(target=events.close)
    closing.start()
    assert run.resources == {}
    release.set()
    closing.join(20)

    assert run.provider.writes == [("create", "bot-0")]
    assert [each.id for each in run.resources.values()] == ["new-bot-0"]


def test_a_halt_starts_nothing_more_and_tells_what_is_left(tmp_path: Path, source: Path) -> None:
    """What is under way is finished and recorded; the rest is told, dependents included."""
    halt = Halt()

    def during(_name: str) -> None:
        halt.reason = Reason.INTERRUPTED

    run = Run(tmp_path, FakeProvider(during=during), [])
    holder = make_change(
        BOT, Action.CREATE, after=make_assistant(**holding(DATA)).attributes, depends_on=(DATA,)
    )
    changes = [upload(source), holder]
    events = list(execute(steps(changes), run.calls.carry_out, 1, halt))

    assert [type(each) for each in events] == [Started, Succeeded, NotStarted]
    assert events[-1] == NotStarted(BOT, Operation.CREATE, None)
    assert list(run.resources) == [DATA]


def test_a_halted_run_ends_although_nothing_was_started(tmp_path: Path) -> None:
    """Then everything is left."""
    run = Run(tmp_path, FakeProvider(), [])
    todo = steps(make_change(each, Action.CREATE) for each in BOTS)
    events = list(execute(todo, run.calls.carry_out, 4, Halt(Reason.TIMED_OUT)))

    assert [each.address for each in events if isinstance(each, NotStarted)] == BOTS
    assert run.provider.calls == []


def test_a_failure_before_a_halt_is_still_told(tmp_path: Path) -> None:
    """Both are known at the end: what failed, and what was not started."""
    halt = Halt()

    def during(_name: str) -> None:
        halt.reason = Reason.INTERRUPTED

    provider = FakeProvider(failures={("create", "bot-0"): refused()}, during=during)
    run = Run(tmp_path, provider, [])
    todo = steps(make_change(each, Action.CREATE) for each in BOTS[:2])
    events = list(execute(todo, run.calls.carry_out, 1, halt))
    assert [type(each) for each in events] == [Started, Failed, NotStarted]


def test_a_call_that_takes_long_is_told_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log shows that the command isn't dead."""
    monkeypatch.setattr("provisioner.executor.TOLD_EVERY_SECONDS", 0.01)
    seen = threading.Event()

    def carry_out(_step: Step, _progress: object) -> Outcome:
        assert seen.wait(20)
        return Outcome("asst_1")

    told: list[Event] = []
    for event in execute(steps([make_change(BOT, Action.CREATE)]), carry_out, 1):
        told.append(event)
        if len(told) == 4:
            seen.set()
    assert [type(each) for each in told[:4]] == [Started, *[Continuing] * 3]
    seconds = [each.seconds for each in told if isinstance(each, Continuing)]
    assert seconds == sorted(seconds)
    assert isinstance(told[-1], Succeeded)


def test_a_bug_is_no_expected_trouble() -> None:
    """What isn't a ProvisionerError comes through as it is."""

    def carry_out(_step: Step, _progress: object) -> str | None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(execute(steps([make_change(BOT, Action.CREATE)]), carry_out, 1))


def test_an_answer_that_differs_is_reported_and_recorded(tmp_path: Path) -> None:
    """The object is ours, whatever the service made of it: it is recorded, and R003 says so."""
    run = Run(tmp_path, FakeProvider(echo={"instructions": "Be rude."}), [])
    _, ended = run.apply(make_change(BOT, Action.CREATE))

    assert isinstance(ended, Succeeded)
    assert [each.code for each in ended.diagnostics] == ["R003"]
    assert "instructions" in ended.diagnostics[0].detail
    assert run.resources[BOT].id == "new-bot"


def test_metadata_that_survives_its_removal_is_reported(tmp_path: Path) -> None:
    """Should updates merge metadata, that must not go unnoticed."""
    provider = FakeProvider(echo={"metadata": {"old": "x"}})
    run = Run(tmp_path, provider, [record(make_assistant(), "asst_1")])
    _, ended = run.apply(make_change(BOT, Action.UPDATE, "asst_1"))

    assert isinstance(ended, Succeeded)
    assert "metadata" in ended.diagnostics[0].detail


def test_what_the_service_fills_in_is_recorded_apart(tmp_path: Path) -> None:
    """A setting that wasn't sent is no difference; it is remembered as filled in."""
    run = Run(tmp_path, FakeProvider(echo={"temperature": 0.7, "top_p": 1.0}), [])
    _, ended = run.apply(make_change(BOT, Action.CREATE))

    assert isinstance(ended, Succeeded)
    assert run.resources[BOT].filled == {"temperature": 0.7}
    assert "temperature" not in run.resources[BOT].attributes


def test_a_file_without_its_size_in_the_answer_is_no_difference(
    tmp_path: Path, source: Path
) -> None:
    """The service gives no digest back, and maybe no size."""
    run = Run(tmp_path, FakeProvider(echo={"bytes": None}), [])
    _, ended = run.apply(upload(source))
    assert isinstance(ended, Succeeded)
    assert run.resources[DATA].attributes["bytes"] == len(BYTES)


@pytest.mark.parametrize("broken", [b"other bytes", None])
def test_bytes_that_changed_after_the_plan_are_never_uploaded(
    tmp_path: Path, source: Path, broken: bytes | None
) -> None:
    """What was reviewed is what is sent, or nothing is; a file that is gone counts as changed."""
    change = upload(source)
    source.unlink()
    if broken is not None:
        source.write_bytes(broken)
    run = Run(tmp_path, FakeProvider(), [])
    _, ended = run.apply(change)

    assert isinstance(ended, Failed)
    assert [each.code for each in ended.diagnostics] == ["P004"]
    assert run.provider.calls == []
    run.record.close()
    assert not run.backend.read().pending


@pytest.mark.parametrize("operation", [Operation.CREATE, Operation.UPDATE, Operation.DELETE])
@pytest.mark.parametrize(
    ("trouble", "definite"),
    [(refused(), True), (unsigned(), True), (lost(), False)],
    ids=["refused", "never signed", "lost"],
)
def test_only_a_lost_answer_leaves_an_intent_pending(
    tmp_path: Path, operation: Operation, trouble: ProvisionerError, *, definite: bool
) -> None:
    """What was refused or never sent is over; after a lost answer the next run has to find out."""
    name = "bot" if operation is Operation.CREATE else "asst_1"
    provider = FakeProvider(failures={(operation.value, name): trouble})
    held = [] if operation is Operation.CREATE else [record(make_assistant(), "asst_1")]
    run = Run(tmp_path, provider, held)
    id_ = None if operation is Operation.CREATE else "asst_1"
    _, ended = run.apply(make_change(BOT, Action[operation.name], id_))
    run.record.close()

    assert isinstance(ended, Failed)
    assert [each.operation for each in run.backend.read().pending] == (
        [] if definite else [operation]
    )


def test_a_noted_change_brings_the_record_up_to_date(tmp_path: Path) -> None:
    """Labels are recorded without a call, and what was filled in and deposed is kept."""
    state = record(make_assistant(), "asst_1", filled={"temperature": 0.7}, deposed=("asst_0",))
    run = Run(tmp_path, FakeProvider(), [state])
    run.calls.note(make_change(BOT, Action.NO_OP, "asst_1", record=True, labels={"team": "a"}))

    assert run.resources[BOT] == replace(state, labels={"team": "a"})
    assert run.provider.calls == []


def test_the_files_digest_changes_with_the_bytes(tmp_path: Path) -> None:
    """By the digest in its tag a holder's files can be recognised when state is lost."""
    digests = []
    for each in ("a", "b"):
        wanted = make_assistant(**holding(DATA))
        run = Run(tmp_path / each, FakeProvider(), [record(make_file(sha256=each * 64), "file-1")])
        run.apply(make_change(BOT, Action.CREATE, after=wanted.attributes, depends_on=(DATA,)))
        digests.append(run.provider.tags["new-bot"].files)
    assert len(set(digests)) == 2
    assert all(each and len(each) == 64 for each in digests)


def test_other_trouble_of_ours_fails_one_step_alone() -> None:
    """Any ProvisionerError but one of the state is a failed step, with its diagnostics."""
    told = error("R008", "Entra ID gave no token", "Sign in.")

    def carry_out(step: Step, _progress: object) -> Outcome:
        if step.change.address == BOT:
            raise ProvisionerError(told)
        return Outcome("asst_2")

    changes = [make_change(each, Action.CREATE) for each in (BOT, OTHER)]
    events = list(execute(steps(changes), carry_out, 1))

    assert [each.diagnostics for each in events if isinstance(each, Failed)] == [(told,)]
    assert done(events) == [(OTHER, Operation.CREATE)]


def test_a_rename_sends_the_new_tag_and_moves_the_record(tmp_path: Path) -> None:
    """One update with what is declared; the record, its holders' dependencies too, goes along."""
    state = record(make_assistant(OTHER), "asst_1", deposed=("asst_0",))
    run = Run(tmp_path, FakeProvider(), [state])
    change = make_change(BOT, Action.UPDATE, "asst_1", previous_address=OTHER)
    events = run.apply(change)

    assert done(events) == [(BOT, Operation.MOVE)]
    assert run.provider.writes == [("update", "asst_1")]
    assert run.provider.tags["asst_1"].owner.address == BOT
    assert set(run.resources) == {BOT}
    assert (run.resources[BOT].id, run.resources[BOT].deposed) == ("asst_1", ("asst_0",))


def test_a_rename_that_was_refused_leaves_the_record(tmp_path: Path) -> None:
    """What still has the former tag is still recorded there."""
    state = record(make_assistant(OTHER), "asst_1")
    provider = FakeProvider(failures={("update", "asst_1"): refused()})
    run = Run(tmp_path, provider, [state])
    events = run.apply(make_change(BOT, Action.UPDATE, "asst_1", previous_address=OTHER))

    assert isinstance(events[-1], Failed)
    assert run.resources == {OTHER: state}


def test_a_renamed_file_is_only_recorded(tmp_path: Path) -> None:
    """Nothing is sent for what carries no tag; what waits for it finds it at its new address."""
    new = Address("file", "new")
    state = record(make_file(), "file-1", filled={"purpose": "assistants"})
    run = Run(tmp_path, FakeProvider(), [state])
    held = make_assistant(**holding(new)).attributes
    events = run.apply(
        make_change(new, Action.NO_OP, "file-1", previous_address=DATA),
        make_change(BOT, Action.CREATE, after=held, depends_on=(new,)),
    )

    assert done(events) == [(new, Operation.MOVE), (BOT, Operation.CREATE)]
    assert run.provider.writes == [("create", "bot")]
    assert set(run.resources) == {BOT, new}
    assert run.resources[new].filled == state.filled
    assert run.provider.objects["new-bot"].attributes["tool_resources"] == {
        "code_interpreter": {"file_ids": ["file-1"]}
    }


def test_an_import_that_succeeded_is_told_as_one(tmp_path: Path) -> None:
    """Its event says so, whatever else the update changed."""
    run = Run(tmp_path, FakeProvider(), [])
    (_, event) = run.apply(make_change(BOT, Action.UPDATE, "asst_1", importing=True))
    assert isinstance(event, Succeeded)
    assert (event.operation, event.imported) == (Operation.IMPORT, True)
    assert run.resources[BOT].id == "asst_1"


def test_a_rename_that_is_cut_off_anywhere_leaves_one_record(tmp_path: Path) -> None:
    """Whichever lines of the journal reached the disk, each id is recorded once."""
    new = Address("file", "new")
    provider = FakeProvider()
    began = [record(make_assistant(OTHER), "asst_1"), record(make_file(), "file-1")]
    first = LocalState(tmp_path / "first" / ENVIRONMENT).open(
        Recorded(None, None), make_state(*began)
    )
    stored = first.close()
    folder = LocalState(tmp_path / "first" / ENVIRONMENT)
    recorder = folder.open(folder.read(), stored)
    changes = [
        make_change(new, Action.NO_OP, "file-1", previous_address=DATA),
        make_change(BOT, Action.UPDATE, "asst_1", previous_address=OTHER, depends_on=(new,)),
    ]
    calls = Calls(provider, recorder, UID, ENVIRONMENT)
    list(execute(steps(changes), calls.carry_out, 1))
    lines = folder.journal_path.read_bytes().splitlines(keepends=True)

    assert len(lines) == 5
    for kept in range(len(lines) + 1):
        folder.journal_path.write_bytes(b"".join(lines[:kept]))
        resources = (folder.read().state or stored).resources
        assert sorted(each.id for each in resources.values()) == ["asst_1", "file-1"]
        assert len({OTHER, BOT} & set(resources)) == len({DATA, new} & set(resources)) == 1


STORE = Address("vectorstore", "handbook")
CREATE_STORE = make_change(STORE, Action.CREATE, after={"file_ids": ["file-1"]}, depends_on=(DATA,))


def test_progress_is_an_event_while_other_work_goes_on(tmp_path: Path) -> None:
    """A store tells how far it is before it is done."""
    run = Run(tmp_path, FakeProvider(), ())
    events = run.apply(CREATE_STORE)
    assert [type(each) for each in events] == [Started, Progressed, Succeeded]
    (told,) = (each for each in events if isinstance(each, Progressed))
    assert (told.address, told.operation, told.done, told.total) == (STORE, Operation.CREATE, 1, 2)


def test_progress_that_stands_still_is_not_told_again() -> None:
    """Only what is new, and from time to time that it goes on."""

    def carry_out(_step: Step, progress: Progress) -> Outcome:
        for done in (0, 1, 1, 1, 2):
            progress(done, 3)
        return Outcome("vs_1")

    events = execute(steps([CREATE_STORE]), carry_out, 1)
    assert [each.done for each in events if isinstance(each, Progressed)] == [1, 2]


def test_a_store_is_recorded_before_its_files_are_indexed(tmp_path: Path) -> None:
    """What goes wrong from then on doesn't lose it; what it has instead is recorded."""
    run = Run(tmp_path, FakeProvider(), ())
    trouble = IndexingError([FailedFile("file-1", "server_error", "Oh.")])
    run.provider.failures["fill", "new-handbook"] = trouble
    run.provider.contents["new-handbook"] = RemoteObject(
        "vectorstore", "new-handbook", {"name": "n"}
    )
    held = ResourceState(DATA, "file-1", {})
    run.record.record(held)
    *_, failed = run.apply(CREATE_STORE)

    assert isinstance(failed, Failed)
    (told,) = failed.diagnostics
    assert told.code == "R010"
    assert "file.data (file-1) is not in vectorstore.handbook" in told.detail
    state = run.resources[STORE]
    assert (state.id, state.attributes) == ("new-handbook", {"name": "n"})


def test_files_that_take_too_long_are_counted(tmp_path: Path) -> None:
    """The service goes on; the next apply waits again."""
    run = Run(tmp_path, FakeProvider(), ())
    run.provider.failures["fill", "new-handbook"] = IndexingError([], 3)
    *_, failed = run.apply(CREATE_STORE)

    assert isinstance(failed, Failed)
    assert [each.code for each in failed.diagnostics] == ["R011"]
    assert run.resources[STORE].id == "new-handbook"


def test_nobody_waits_for_indexing_when_the_run_is_closed() -> None:
    """A call that only waits is told so, and ends."""
    waiting = threading.Event()

    def carry_out(_step: Step, progress: Progress) -> Outcome:
        while True:
            progress(0, 1)
            waiting.set()

    events = execute(steps([CREATE_STORE]), carry_out, 1)
    next(events)
    waiting.wait(10)
    events.close()


def test_nobody_waits_for_indexing_when_the_run_is_halted() -> None:
    """The service goes on by itself, and the next run waits for it."""
    halt = Halt()

    def carry_out(_step: Step, progress: Progress) -> Outcome:
        halt.reason = Reason.INTERRUPTED
        progress(0, 1)
        return Outcome("vs_1")

    *_, failed = execute(steps([CREATE_STORE]), carry_out, 1, halt)
    assert isinstance(failed, Failed)
    assert [each.code for each in failed.diagnostics] == ["R012"]
