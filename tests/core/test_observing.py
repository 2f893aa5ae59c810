"""Observing: how things stand, and how long a lost create is waited for."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from factories import (
    BOT,
    DATA,
    OTHER,
    codes,
    imported,
    live,
    make_assistant,
    make_file,
    make_state,
    moved,
    owner,
    record,
)
from fake_provider import FakeProvider, refused

from provisioner.address import Address
from provisioner.errors import PlanError, ProviderError
from provisioner.events import Operation
from provisioner.lost_create import IN_FLIGHT_SECONDS, LostCreate
from provisioner.operations import observing
from provisioner.operations.lost_calls import ended
from provisioner.operations.observing import (
    Observation,
    observe,
    renamed,
    with_all_stores,
)
from provisioner.resource import RemoteObject, Resource, ResourceState
from provisioner.state.backend import Recorded
from provisioner.state.journal import Intent, Journal

RESOURCE = make_assistant()
STATE = record(RESOURCE, "asst_1")
LIVE = live(STATE)
SENT = 1000.0
CREATE = Intent("op-1", Operation.CREATE, BOT, None, record(RESOURCE, ""), sent_at=SENT)
MADE = replace(LIVE, owner=owner(operation="op-1"))
UPLOAD = Intent("op-2", Operation.CREATE, DATA, None, record(make_file(), ""), sent_at=SENT)


class Clock:
    """The provider's clock, which only sleeping moves on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, provider: FakeProvider) -> None:
        self.provider = provider
        self.arrivals: dict[float, RemoteObject] = {}
        monkeypatch.setattr(observing.time, "sleep", self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.provider.clock += seconds
        for at, each in self.arrivals.items():
            if self.provider.clock >= at:
                self.provider.objects[each.id] = each


def look(
    provider: FakeProvider,
    *recorded: ResourceState,
    pending: tuple[Intent, ...] = (),
    desired: tuple[Resource, ...] = (),
) -> Observation:
    """Observe."""
    state = make_state(*recorded)
    wanted = {each.address: each for each in desired}
    return observe(provider, Recorded(state, Journal(state, pending)), state, wanted)


def test_whole_lists_are_read_and_nothing_else() -> None:
    """What the lists show isn't asked for one by one."""
    provider = FakeProvider.holding([LIVE])
    assert look(provider, STATE).live == {"asst_1": LIVE}
    assert provider.calls == [("list", "assistant")]


def test_files_are_listed_where_files_are_declared_or_recorded() -> None:
    """A project without files doesn't ask for them; assistants are always asked for."""
    provider = FakeProvider()
    look(provider, desired=(make_file(),))
    assert provider.calls == [("list", "file"), ("list", "assistant")]


def test_an_object_that_the_list_does_not_show_is_asked_for() -> None:
    """A list that lags behind is not taken for a deletion."""
    provider = FakeProvider.holding([LIVE], hidden={"asst_1"})
    assert look(provider, STATE).live == {"asst_1": LIVE}
    assert provider.calls == [("list", "assistant"), ("read", "asst_1")]


def test_what_neither_list_nor_read_finds_is_gone() -> None:
    """Only after both is an object known to be missing, a deposed one alike."""
    provider = FakeProvider()
    assert look(provider, replace(STATE, deposed=("asst_0",))).live == {}
    assert provider.calls == [("list", "assistant"), ("read", "asst_1"), ("read", "asst_0")]


def test_a_service_that_refuses_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error while reading is never taken for "nothing there"."""

    def fail(*_: object) -> RemoteObject | None:
        raise refused()

    provider = FakeProvider()
    monkeypatch.setattr(provider, "read", fail)
    with pytest.raises(ProviderError):
        look(provider, STATE)


def test_a_lost_create_that_is_there_is_settled_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its object is recorded in memory, and what is on disk is left as it was."""
    provider = FakeProvider.holding([MADE])
    Clock(monkeypatch, provider)
    found = look(provider, pending=(CREATE,))

    assert found.state.resources[BOT].id == "asst_1"
    assert found.as_read.resources == {}
    assert provider.clock == SENT


def test_a_lost_create_that_shows_late_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer was still on its way: it is looked for again until it shows."""
    provider = FakeProvider(settle_seconds=10)
    Clock(monkeypatch, provider).arrivals[SENT + 3] = MADE
    found = look(provider, pending=(CREATE,))

    assert found.state.resources[BOT].id == "asst_1"
    assert SENT + 3 <= provider.clock <= SENT + 6


def test_the_wait_for_a_lost_create_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What hasn't shown within the bound stays open, to be tried again."""
    provider = FakeProvider(settle_seconds=10)
    Clock(monkeypatch, provider)
    found = look(provider, pending=(CREATE,))

    assert found.settlement.open == [CREATE]
    assert SENT + 10 <= provider.clock <= SENT + 20


def test_an_old_create_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """So long after it was sent no request is under way any more."""
    later = SENT + IN_FLIGHT_SECONDS + 1
    provider = FakeProvider(settle_seconds=10, clock=later)
    Clock(monkeypatch, provider)
    assert look(provider, pending=(CREATE,)).settlement.open == [CREATE]
    assert provider.clock == later


def test_a_create_that_was_lost_late_is_still_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """An upload may break off minutes after it was sent: the wait counts from now."""
    provider = FakeProvider(settle_seconds=10, clock=SENT + 300)
    Clock(monkeypatch, provider).arrivals[SENT + 303] = MADE

    assert look(provider, pending=(CREATE,)).state.resources[BOT].id == "asst_1"


def test_the_lists_are_asked_less_and_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thirty seconds of waiting are a handful of looks, not a hundred."""
    provider = FakeProvider(settle_seconds=30)
    Clock(monkeypatch, provider)
    told: list[float] = []
    observe(
        provider,
        Recorded(None, Journal(make_state(), (CREATE,))),
        make_state(),
        {},
        lambda _intents, seconds: told.append(seconds),
    )

    assert told == [30]
    assert len(provider.calls) < 10


def test_an_ambiguous_upload_stops_and_names_the_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither of two candidates is taken, and no third is made."""
    both = [live(record(make_file(), each), created_at=int(SENT)) for each in ("file-1", "file-2")]
    provider = FakeProvider.holding(both)
    Clock(monkeypatch, provider)
    with pytest.raises(PlanError) as caught:
        look(provider, pending=(UPLOAD,))

    assert codes(caught.value) == ["P006"]
    assert "file-1, file-2" in caught.value.diagnostics[0].detail
    assert provider.writes == []


def test_a_lost_delete_is_judged_by_a_read_of_its_own() -> None:
    """A list that doesn't show the object any more may just be ahead of the truth."""
    intent = Intent("op-3", Operation.DELETE, BOT, "asst_1", None, sent_at=SENT)
    provider = FakeProvider.holding([LIVE], hidden={"asst_1"})
    found = look(provider, STATE, pending=(intent,))

    assert found.settlement.failed == [intent]
    assert BOT in found.state.resources


def test_a_lost_delete_that_happened_is_recorded() -> None:
    """Nothing is left to plan for."""
    intent = Intent("op-3", Operation.DELETE, BOT, "asst_1", None, sent_at=SENT)
    assert look(FakeProvider(), STATE, pending=(intent,)).state.resources == {}


def test_our_own_lost_update_is_recorded() -> None:
    """It would show as somebody else's edit otherwise."""
    edited = record(make_assistant(instructions="Be brief."), "asst_1")
    intent = Intent("op-4", Operation.UPDATE, BOT, "asst_1", edited, sent_at=SENT)
    found = look(FakeProvider.holding([live(edited)]), STATE, pending=(intent,))
    assert found.state.resources[BOT] == edited


def test_an_object_to_import_is_asked_for_once_unless_it_is_listed() -> None:
    """One request for what the list doesn't show; none for what needs no import any more."""
    stranger = replace(LIVE, id="asst_9", owner=None)
    provider = FakeProvider.holding([stranger], hidden={"asst_9"})
    wanted = imported(BOT, "asst_9").imports
    state = make_state()

    found = observe(provider, Recorded(state, None), state, {BOT: RESOURCE}, imports=wanted)
    assert found.live == {"asst_9": stranger}
    assert provider.calls == [("list", "assistant"), ("read", "asst_9")]
    observe(provider, Recorded(state, None), state, {}, imports=wanted)
    assert provider.calls[2:] == [("list", "assistant")]


def test_a_lost_create_is_tried_again_where_it_is_declared_now() -> None:
    """A rename doesn't make it another create: the operation id stays."""
    open_ = look(FakeProvider(clock=SENT + IN_FLIGHT_SECONDS), pending=(CREATE,))
    (intent,) = renamed(open_, moved((BOT, OTHER)).destinations).settlement.open
    assert (intent.address, intent.operation_id) == (OTHER, "op-1")


STORE = Resource(Address("vectorstore", "handbook"), {"name": "handbook"})
STORE_STATE = record(STORE, "vs_1")
LISTED = live(STORE_STATE)
WHOLE = replace(LISTED, attributes={**LISTED.attributes, "file_ids": ["file-1"]})
STRANGERS = replace(LISTED, id="vs_x", owner=None)


def test_only_stores_of_ours_are_read_on() -> None:
    """Recorded or tagged: others cost no request."""
    tagged = replace(LISTED, id="vs_2")
    foreign = replace(LISTED, id="vs_3", owner=owner(STORE.address, uid="u2"))
    objects = [replace(LISTED, owner=None), tagged, STRANGERS, foreign]
    provider = FakeProvider.holding(objects, contents={"vs_1": WHOLE})
    found = look(provider, STORE_STATE)

    assert found.live["vs_1"] == WHOLE
    assert set(found.live) == {"vs_1", "vs_2", "vs_3", "vs_x"}
    assert sorted(each for each in provider.calls if each[0] == "complete") == [
        ("complete", "vs_1"),
        ("complete", "vs_2"),
    ]


def test_a_store_that_goes_while_it_is_read_is_gone() -> None:
    """Between the list and its files."""
    provider = FakeProvider.holding([LISTED], contents={"vs_1": None})
    assert look(provider, STORE_STATE).live == {}


def test_the_stores_of_others_are_read_when_they_are_asked_for() -> None:
    """Nothing is read twice, and expired ones are of no use to anybody."""
    expired = replace(STRANGERS, id="vs_e", attributes={"status": "expired"})
    holding = replace(STRANGERS, attributes={"file_ids": ["file-1"]})
    provider = FakeProvider.holding(
        [LISTED, STRANGERS, expired], contents={"vs_1": WHOLE, "vs_x": holding}
    )
    observation = look(provider, STORE_STATE)
    provider.calls.clear()
    found = with_all_stores(provider, observation)

    assert found.live == {"vs_1": WHOLE, "vs_x": holding, "vs_e": expired}
    assert provider.calls == [("complete", "vs_x")]


def test_stores_are_listed_where_nobody_has_listed_them() -> None:
    """A project without stores has files that others may have put into theirs."""
    provider = FakeProvider.holding([STRANGERS])
    observation = look(provider, record(make_file(), "file-1"))
    provider.calls.clear()

    assert with_all_stores(provider, observation).live == {"vs_x": STRANGERS}
    assert provider.calls == [("list", "vectorstore"), ("complete", "vs_x")]


FILE_MADE = live(record(make_file(), "file-1"), created_at=int(SENT))
BYTES = b"a,b\n1,2\n"
UPLOADED = replace(UPLOAD, becomes=record(make_file(sha256=hashlib.sha256(BYTES).hexdigest()), ""))


@pytest.mark.parametrize(("bytes_", "found"), [(BYTES, 1), (b"a,b\n1,3\n", 0)])
def test_the_bytes_of_what_may_be_a_lost_upload_are_compared(
    monkeypatch: pytest.MonkeyPatch, bytes_: bytes, found: int
) -> None:
    """Where the service gives them out: of the same name and size may be somebody else's."""
    provider = FakeProvider.holding([FILE_MADE], clock=SENT + IN_FLIGHT_SECONDS + 9)
    monkeypatch.setattr(provider, "content", lambda _: bytes_)
    assert len(look(provider, pending=(UPLOADED,)).settlement.done) == found


def test_a_file_in_the_store_of_others_is_not_the_lost_upload() -> None:
    """They uploaded the same file at the same moment."""
    holding = replace(STRANGERS, attributes={"file_ids": ["file-1"]})
    provider = FakeProvider.holding([FILE_MADE, STRANGERS], contents={"vs_x": holding})
    provider.clock = SENT + IN_FLIGHT_SECONDS + 9
    found = look(provider, pending=(UPLOAD,))

    assert (found.settlement.done, found.settlement.open) == ([], [UPLOAD])


def test_what_is_no_lost_upload_is_not_downloaded() -> None:
    """Only files of the same name and size are."""
    other = replace(FILE_MADE, attributes={**FILE_MADE.attributes, "filename": "other.csv"})
    provider = FakeProvider.holding([other], clock=SENT + IN_FLIGHT_SECONDS + 9)
    look(provider, pending=(UPLOAD,))
    assert not any(verb == "content" for verb, _ in provider.calls)


LATE = LostCreate("op-9", DATA, SENT, "data.csv", 8, hashlib.sha256(BYTES).hexdigest())
ARRIVED = replace(MADE, id="asst_9", owner=owner(operation="op-8"))


def observed(provider: FakeProvider, *lost: LostCreate, since: float = SENT) -> Observation:
    """Observe an environment that remembers lost creates."""
    provider.clock = since
    state = replace(make_state(STATE), lost_creates=lost)
    return observe(provider, Recorded(state, None), state, {})


def test_the_kinds_of_lost_creates_are_looked_at() -> None:
    """Also where nothing of the kind is recorded or declared any more."""
    found = observed(FakeProvider.holding([LIVE, FILE_MADE]), LATE)
    assert set(found.settlement.late.suspected) == {"file-1"}


@pytest.mark.parametrize(
    ("alive", "gone", "later", "expected"),
    [
        pytest.param([], (), False, set(), id="nothing has come yet"),
        pytest.param([], (), True, {"op-8", "op-9"}, id="nothing can come any more"),
        pytest.param([ARRIVED], (), True, {"op-9"}, id="it stays for now"),
        pytest.param([ARRIVED], ("asst_9",), False, {"op-8"}, id="it was deleted"),
        pytest.param([FILE_MADE], ("file-1",), False, {"op-9"}, id="its file was deleted"),
        pytest.param([FILE_MADE], (), True, {"op-8"}, id="its file stays"),
        pytest.param([replace(ARRIVED, id="asst_1")], (), False, {"op-8"}, id="it is recorded"),
    ],
)
def test_lost_creates_are_remembered_as_long_as_they_matter(
    alive: list[RemoteObject], gone: tuple[str, ...], *, later: bool, expected: set[str]
) -> None:
    """Until what they made is recorded or deleted, or a run has looked when it was too late."""
    at = SENT + IN_FLIGHT_SECONDS + 9 if later else SENT + 1
    provider = FakeProvider.holding([LIVE, *alive])
    found = observed(provider, LATE, LostCreate("op-8", BOT, SENT), since=at)
    assert ended(found, found.state.resources.values(), gone) == expected
