"""Settling: what became of a call whose outcome was never recorded, judged by what is live."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest
from factories import BOT, DATA, OTHER, SHA, holding, live, make_assistant, make_file, owner, record

from provisioner.address import Address
from provisioner.events import Operation
from provisioner.lost_create import CLOCK_MARGIN, IN_FLIGHT_SECONDS, LostCreate
from provisioner.resource import RemoteObject, ResourceState
from provisioner.settling import Settlement, settle
from provisioner.state.journal import Intent, lost_create

SENT = 1000.0
BECOMES = record(make_assistant(instructions="Be brief."), "")
MADE = live(replace(BECOMES, id="asst_1"), owner=owner(operation="op-1"))
CREATE = Intent("op-1", Operation.CREATE, BOT, None, BECOMES, sent_at=SENT)
UPDATED = replace(BECOMES, id="asst_1")
UPDATE = Intent("op-1", Operation.UPDATE, BOT, "asst_1", UPDATED, sent_at=SENT)
DELETE = Intent("op-1", Operation.DELETE, BOT, "asst_1", None, sent_at=SENT)
FORGET = replace(DELETE, operation=Operation.FORGET)
UPLOAD = Intent("op-1", Operation.CREATE, DATA, None, record(make_file(), ""), sent_at=SENT)
FILE = live(record(make_file(), "file-1"), created_at=int(SENT))
RENAME = replace(UPDATE, address=DATA, id="file-1", becomes=record(make_file(), "file-1"))


def judge(
    intent: Intent,
    alive: Iterable[RemoteObject],
    recorded: Iterable[ResourceState] = (),
    lost: Iterable[LostCreate] = (),
    **sha256: str,
) -> Settlement:
    """Settle one pending intent; `file_1="…"` gives the bytes of file-1 out."""
    known = {name.replace("_", "-"): each for name, each in sha256.items()}
    return settle([intent], {each.id: each for each in alive}, recorded, lost, known)


def outcome(settlement: Settlement) -> str:
    """Name the one list that isn't empty."""
    found = {
        "done": settlement.done,
        "failed": settlement.failed,
        "open": settlement.open,
        "problem": settlement.problems,
    }
    (name,) = [name for name, each in found.items() if each]
    return name


@dataclass(frozen=True)
class Row:
    """A pending intent, what is live, and what is concluded."""

    name: str
    intent: Intent
    live: list[RemoteObject]
    outcome: str


EDITED = replace(MADE, attributes={**MADE.attributes, "instructions": "Be rude."})
TABLE = [
    Row("create, found by its operation id", CREATE, [MADE], "done"),
    Row("create, nothing there", CREATE, [], "open"),
    Row("create, another operation's", CREATE, [replace(MADE, owner=owner(operation="x"))], "open"),
    Row("create, untagged namesake", CREATE, [replace(MADE, owner=None)], "open"),
    Row("create, tag without operation", CREATE, [replace(MADE, owner=owner())], "open"),
    Row("update, as sent", UPDATE, [MADE], "done"),
    Row("update, still otherwise", UPDATE, [EDITED], "failed"),
    Row("update, object gone", UPDATE, [], "failed"),
    Row("update, as sent but for the tag", UPDATE, [replace(MADE, owner=None)], "failed"),
    Row(
        "update, tag of the former address",
        UPDATE,
        [replace(MADE, owner=owner(OTHER))],
        "failed",
    ),
    Row("rename of a file, not told by what is live", RENAME, [FILE], "failed"),
    Row("delete, gone", DELETE, [], "done"),
    Row("delete, still there", DELETE, [MADE], "failed"),
    Row("forget, gone", FORGET, [], "done"),
    Row("forget, still there", FORGET, [MADE], "done"),
    Row("upload, one like it", UPLOAD, [FILE], "done"),
    Row("upload, nothing there", UPLOAD, [], "open"),
    Row("upload, two like it", UPLOAD, [FILE, replace(FILE, id="file-2")], "problem"),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_settling_table(row: Row) -> None:
    """Each pending operation and what is live have their one conclusion."""
    assert outcome(judge(row.intent, row.live)) == row.outcome


def file(**overrides: object) -> RemoteObject:
    """Make a live file that differs in one attribute from the lost upload."""
    return replace(FILE, attributes={**FILE.attributes, **overrides})


@pytest.mark.parametrize(
    ("alive", "expected"),
    [
        pytest.param(file(filename="other.csv"), "open", id="another name"),
        pytest.param(file(bytes=9), "open", id="another size"),
        pytest.param(file(bytes=None), "done", id="size not told"),
        pytest.param(
            replace(FILE, created_at=int(SENT - CLOCK_MARGIN)), "done", id="in the margin"
        ),
        pytest.param(replace(FILE, created_at=int(SENT - CLOCK_MARGIN) - 1), "open", id="older"),
    ],
)
def test_an_upload_is_recognised_by_name_size_and_time(alive: RemoteObject, expected: str) -> None:
    """Files carry no metadata: all that the service tells must fit."""
    assert outcome(judge(UPLOAD, [alive])) == expected


def test_a_file_that_anything_uses_is_not_the_lost_upload() -> None:
    """A lost upload can't have been attached to anything."""
    holder = RemoteObject("assistant", "asst_x", holding("file-1"))
    assert outcome(judge(UPLOAD, [FILE, holder])) == "open"


@pytest.mark.parametrize(
    "known", [record(make_file(), "file-1"), record(make_file(), "file-0", deposed=("file-1",))]
)
def test_a_file_that_is_recorded_is_not_the_lost_upload(known: ResourceState) -> None:
    """What the state names, as current or as deposed, has its place already."""
    assert outcome(judge(UPLOAD, [FILE], [known])) == "open"


def test_one_object_settles_one_upload_only() -> None:
    """Two lost uploads of one file's bytes aren't both settled by the one that arrived."""
    second = replace(UPLOAD, operation_id="op-2", address=Address("file", "copy"))
    settlement = settle([UPLOAD, second], {"file-1": FILE}, ())
    assert [len(settlement.done), len(settlement.open)] == [1, 1]


def test_an_upload_that_may_be_either_of_two_is_ambiguous() -> None:
    """Two lost uploads of one name and size but other bytes look alike: neither is guessed."""
    becomes = record(make_file(Address("file", "other"), sha256="b" * 64), "")
    second = replace(UPLOAD, operation_id="op-2", address=becomes.address, becomes=becomes)
    settlement = settle([UPLOAD, second], {"file-1": FILE}, ())

    assert [settlement.done, settlement.open] == [[], []]
    assert [each.code for each in settlement.problems] == ["P006", "P006"]
    assert [each.address for each in settlement.problems] == [DATA, second.address]


def test_two_lost_uploads_of_the_same_bytes_may_change_places() -> None:
    """Which of two equal files is whose makes no difference."""
    second = replace(UPLOAD, operation_id="op-2", address=Address("file", "copy"))
    alive = {"file-1": FILE, "file-2": replace(FILE, id="file-2")}
    settlement = settle([UPLOAD, second], alive, ())
    assert [(intent.address.name, id_) for intent, id_, _ in settlement.done] == [
        ("data", "file-1"),
        ("copy", "file-2"),
    ]


def test_lost_uploads_of_other_sizes_are_told_apart() -> None:
    """The size that the service tells says which of the two has arrived."""
    becomes = record(make_file(Address("file", "other"), bytes=9, sha256="b" * 64), "")
    second = replace(UPLOAD, operation_id="op-2", address=becomes.address, becomes=becomes)
    settlement = settle([UPLOAD, second], {"file-1": FILE}, ())
    assert [each[0] for each in settlement.done] == [UPLOAD]
    assert settlement.open == [second]


def test_an_ambiguous_upload_names_every_candidate() -> None:
    """A person has to choose, and needs the ids for it."""
    (problem,) = judge(UPLOAD, [FILE, replace(FILE, id="file-2")]).problems
    assert problem.code == "P006"
    assert problem.address == DATA
    assert "file-1, file-2" in problem.detail


def test_of_several_with_one_operation_id_the_first_is_ours() -> None:
    """The others are left to the planner, which reports them."""
    late = replace(MADE, id="asst_0", created_at=7)
    ((_, id_, _),) = judge(CREATE, [late, replace(MADE, created_at=6)]).done
    assert id_ == "asst_1"


@pytest.mark.parametrize("intent", [CREATE, UPDATE], ids=["create", "update"])
def test_what_the_service_filled_in_is_told_apart(intent: Intent) -> None:
    """A setting that nobody sent neither hides the object nor is lost from the record."""
    filled = replace(MADE, attributes={**MADE.attributes, "temperature": 0.7, "top_p": 1.0})
    assert judge(intent, [filled]).done == [(intent, "asst_1", {"temperature": 0.7})]


def test_the_tag_of_another_kind_is_not_what_was_created() -> None:
    """Somebody has copied it to a vector store: that is no assistant."""
    assert outcome(judge(CREATE, [replace(MADE, kind="vectorstore")])) == "open"


def test_what_arrives_when_another_object_stands_there_is_overtaken() -> None:
    """The record of that other one isn't lost by it."""
    settlement = judge(CREATE, [MADE, live(replace(BECOMES, id="asst_2"))], [OTHERS])
    assert (settlement.done, settlement.overtaken) == ([], [CREATE])


OTHERS = replace(BECOMES, id="asst_2")


def test_what_arrives_where_the_recorded_object_is_gone_is_adopted() -> None:
    """It was sent to take that one's place."""
    assert judge(CREATE, [MADE], [OTHERS]).done


def test_a_replacement_that_arrives_is_adopted() -> None:
    """What is recorded there is what it deposes."""
    former = live(OTHERS)
    assert judge(replace(CREATE, deposes="asst_2"), [MADE, former], [OTHERS]).done


def test_of_two_lost_creates_of_one_address_the_second_is_overtaken() -> None:
    """One object per address: the other one is a leftover."""
    second = replace(CREATE, operation_id="op-2")
    other = replace(MADE, id="asst_2", owner=owner(operation="op-2"))
    settlement = settle([CREATE, second], {"asst_1": MADE, "asst_2": other}, ())

    assert [(intent.operation_id, id_) for intent, id_, _ in settlement.done] == [
        ("op-1", "asst_1")
    ]
    assert settlement.overtaken == [second]


LATE = replace(FILE, created_at=int(SENT) + 300)


def test_a_file_with_the_same_bytes_is_the_upload_however_late() -> None:
    """The service gives them out, so nothing else can be meant."""
    assert outcome(judge(UPLOAD, [LATE], file_1=SHA)) == "done"
    assert outcome(judge(UPLOAD, [LATE])) == "open"
    never = replace(LATE, created_at=int(SENT + IN_FLIGHT_SECONDS) + 2)
    assert outcome(judge(UPLOAD, [never], file_1=SHA)) == "open"


def test_a_file_with_other_bytes_is_not_the_upload() -> None:
    """Name and size are the same, and it was made at the same moment, by somebody else."""
    assert outcome(judge(UPLOAD, [FILE], file_1="b" * 64)) == "open"


def test_bytes_tell_uploads_of_one_name_and_size_apart() -> None:
    """Where they can be had nothing is ambiguous."""
    becomes = record(make_file(Address("file", "other"), sha256="b" * 64), "")
    second = replace(UPLOAD, operation_id="op-2", address=becomes.address, becomes=becomes)
    alive = {"file-1": FILE, "file-2": replace(FILE, id="file-2")}
    settlement = settle([UPLOAD, second], alive, (), (), {"file-1": "b" * 64, "file-2": SHA})
    assert [(intent.address.name, id_) for intent, id_, _ in settlement.done] == [
        ("data", "file-2"),
        ("other", "file-1"),
    ]


FIRST = replace(lost_create(UPLOAD), operation_id="op-0", sent_at=SENT - 100)


def test_what_came_of_the_first_send_settles_the_second() -> None:
    """Which of two sends of the same bytes a file is of makes no difference."""
    early = replace(FILE, created_at=int(SENT) - 90)
    assert outcome(judge(UPLOAD, [early], lost=[FIRST])) == "done"
    assert outcome(judge(UPLOAD, [early])) == "open"


def test_a_second_file_of_two_sends_is_late() -> None:
    """One is adopted, and the other deleted, if its bytes say so."""
    alive = [FILE, replace(FILE, id="file-2")]
    settlement = judge(UPLOAD, alive, lost=[FIRST], file_1=SHA, file_2=SHA)

    assert [id_ for _, id_, _ in settlement.done] == ["file-1"]
    assert dict(settlement.late.proved) == {"file-2": FIRST}


@pytest.mark.parametrize(
    ("alive", "sha256", "proved", "suspected"),
    [
        pytest.param([LATE], {"file_1": SHA}, {"file-1"}, set(), id="the same bytes"),
        pytest.param([LATE], {}, set(), {"file-1"}, id="bytes kept back"),
        pytest.param([LATE], {"file_1": "b" * 64}, set(), set(), id="other bytes"),
        pytest.param(
            [LATE, replace(LATE, id="file-2")],
            {"file_1": SHA, "file_2": SHA},
            set(),
            {"file-1", "file-2"},
            id="more files than uploads",
        ),
        pytest.param(
            [LATE, RemoteObject("assistant", "asst_x", holding("file-1"))],
            {"file_1": SHA},
            set(),
            set(),
            id="somebody uses it",
        ),
        pytest.param(
            [replace(LATE, created_at=int(SENT) - 103)], {"file_1": SHA}, set(), set(), id="older"
        ),
    ],
)
def test_a_late_file_is_ours_only_where_nothing_else_is_possible(
    alive: list[RemoteObject], sha256: dict[str, str], proved: set[str], suspected: set[str]
) -> None:
    """It is deleted without being named, so everything must fit."""
    late = judge(FORGET, alive, lost=[FIRST], **sha256).late
    assert (set(late.proved), set(late.suspected)) == (proved, suspected)
