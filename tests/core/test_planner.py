"""The planner: the decision table of docs/lifecycle.md, and what stands around it."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from factories import (
    BOT,
    DATA,
    OTHER,
    codes,
    holding,
    imported,
    live,
    make_assistant,
    make_file,
    moved,
    owner,
    record,
    removed,
    situation,
)

from provisioner.address import Address
from provisioner.errors import PlanError
from provisioner.lost_create import LostCreate
from provisioner.plan import Action, Change
from provisioner.planner import Decisions, drift, plan
from provisioner.refactoring import UNCHANGED, Refactoring
from provisioner.resource import Lifecycle, RemoteObject, Resource, ResourceState

RESOURCE = make_assistant(instructions="Be brief.")
STATE = record(RESOURCE, "asst_1")
LIVE = live(STATE)
EDITED = live(STATE, attributes={"instructions": "Be rude."})
UNTAGGED = replace(LIVE, owner=None)
TAKEN = "it belongs to another project or environment now"
FOREIGN = replace(LIVE, owner=owner(uid="u2"))
ELSEWHERE = replace(LIVE, owner=owner(environment="prod"))
COPY = replace(LIVE, id="asst_2")
MISPLACED = replace(LIVE, owner=owner(OTHER))
FORMER = replace(STATE, address=OTHER)
FILE = make_file()
FILE_STATE = record(FILE, "file-1")
FILE_LIVE = live(FILE_STATE)


@dataclass(frozen=True)
class Row:
    """A row of the decision table: what there is, and what is decided."""

    name: str
    desired: Resource | None
    recorded: ResourceState | None
    live: list[RemoteObject]
    action: Action | None
    id: str | None = None
    reason: str | None = None
    record: bool = False
    warnings: list[str] = field(default_factory=list)
    error: str | None = None
    refactoring: Refactoring = UNCHANGED
    previous: Address | None = None
    importing: bool = False
    requested: bool = False
    options: dict[str, Any] = field(default_factory=dict)


BY_TAG = "it is ours by its tag, but was not recorded"
OUTSIDE = "it was deleted outside"
RESTORE = "to restore its ownership tag"
FORGOTTEN = "`removed` says so, with destroy: false"
ORPHANED = "it carries our tag, but is neither declared nor recorded"
DELETING: dict[str, Any] = {"delete_orphans": True}
REPLACING: dict[str, Any] = {"replaced": frozenset({BOT})}
RENAME = moved((OTHER, BOT))
IMPORT = imported(BOT, "asst_1")
ELSEWHERE_IMPORT = imported(OTHER, "asst_9")
TABLE = [
    Row("new: create", RESOURCE, None, [], Action.CREATE),
    Row("ours by tag, equal: adopt", RESOURCE, None, [LIVE], Action.NO_OP, "asst_1", BY_TAG, True),
    Row("ours by tag, differs: update", RESOURCE, None, [EDITED], Action.UPDATE, "asst_1", BY_TAG),
    Row(
        "ours by tag at another address: orphan, create",
        RESOURCE,
        None,
        [replace(MISPLACED, attributes={"name": "else"})],
        Action.CREATE,
        warnings=["P101"],
    ),
    Row(
        "same name, untagged: create", RESOURCE, None, [UNTAGGED], Action.CREATE, warnings=["P103"]
    ),
    Row("same name, foreign tag: create", RESOURCE, None, [FOREIGN], Action.CREATE),
    Row("tag of another environment: create", RESOURCE, None, [ELSEWHERE], Action.CREATE),
    Row("two of our tag, none recorded", RESOURCE, None, [LIVE, COPY], None, error="P003"),
    Row("gone: create again", RESOURCE, STATE, [], Action.CREATE, None, OUTSIDE),
    Row("gone, another of our tag", RESOURCE, STATE, [COPY], None, error="P003"),
    Row("equal: nothing", RESOURCE, STATE, [LIVE], Action.NO_OP, "asst_1"),
    Row("differs: update", RESOURCE, STATE, [EDITED], Action.UPDATE, "asst_1"),
    Row("untagged: restore the tag", RESOURCE, STATE, [UNTAGGED], Action.UPDATE, "asst_1", RESTORE),
    Row(
        "misplaced tag: restore it", RESOURCE, STATE, [MISPLACED], Action.UPDATE, "asst_1", RESTORE
    ),
    Row(
        "immutable differs: replace",
        make_file(sha256="b"),
        FILE_STATE,
        [FILE_LIVE],
        Action.REPLACE,
        "file-1",
    ),
    Row("another owner's tag", RESOURCE, STATE, [FOREIGN], None, error="P002"),
    Row("another environment's tag", RESOURCE, STATE, [ELSEWHERE], None, error="P002"),
    Row(
        "copied metadata: recorded id wins",
        RESOURCE,
        STATE,
        [LIVE, COPY],
        Action.NO_OP,
        "asst_1",
        warnings=["P101"],
    ),
    Row("undeclared, live: delete", None, STATE, [LIVE], Action.DELETE, "asst_1"),
    Row("undeclared, gone: forget", None, STATE, [], Action.FORGET, "asst_1", OUTSIDE),
    Row("undeclared, another owner's tag", None, STATE, [FOREIGN], Action.FORGET, "asst_1", TAKEN),
    Row(
        "undeclared, gone, a copy: forget, orphan",
        None,
        STATE,
        [COPY],
        Action.FORGET,
        "asst_1",
        OUTSIDE,
        warnings=["P101"],
    ),
    Row("unknown, our tag: orphan", None, None, [LIVE], None, warnings=["P101"]),
    Row("unknown, untagged: untouched", None, None, [UNTAGGED], None),
    Row("unknown, foreign: untouched", None, None, [FOREIGN], None),
    Row(
        "renamed: the tag is changed",
        RESOURCE,
        FORMER,
        [MISPLACED],
        Action.UPDATE,
        "asst_1",
        refactoring=RENAME,
        previous=OTHER,
    ),
    Row(
        "renamed, the tag is changed already: record",
        RESOURCE,
        FORMER,
        [LIVE],
        Action.NO_OP,
        "asst_1",
        refactoring=RENAME,
        previous=OTHER,
    ),
    Row(
        "renamed, gone: create",
        RESOURCE,
        FORMER,
        [],
        Action.CREATE,
        None,
        OUTSIDE,
        refactoring=RENAME,
        previous=OTHER,
    ),
    Row(
        "renamed, state lost: adopt",
        RESOURCE,
        None,
        [MISPLACED],
        Action.UPDATE,
        "asst_1",
        BY_TAG,
        refactoring=RENAME,
        previous=OTHER,
    ),
    Row(
        "renamed, then undeclared: delete",
        None,
        FORMER,
        [MISPLACED],
        Action.DELETE,
        "asst_1",
        refactoring=RENAME,
        previous=OTHER,
    ),
    Row(
        "renamed long ago: say so",
        RESOURCE,
        STATE,
        [LIVE],
        Action.NO_OP,
        "asst_1",
        warnings=["P110"],
        refactoring=RENAME,
    ),
    Row("renamed, nothing applied yet", RESOURCE, None, [], Action.CREATE, refactoring=RENAME),
    Row(
        "removed: forget",
        None,
        STATE,
        [LIVE],
        Action.FORGET,
        "asst_1",
        FORGOTTEN,
        refactoring=removed(),
    ),
    Row("removed, its tag is left: nothing", None, None, [LIVE], None, refactoring=removed()),
    Row(
        "removed, nothing is left: say so",
        None,
        None,
        [],
        None,
        warnings=["P110"],
        refactoring=removed(),
    ),
    Row(
        "removed with destroy: delete",
        None,
        STATE,
        [LIVE],
        Action.DELETE,
        "asst_1",
        refactoring=removed(destroy=True),
    ),
    Row(
        "removed with destroy, not recorded: orphan",
        None,
        None,
        [LIVE],
        None,
        warnings=["P101"],
        refactoring=removed(destroy=True),
    ),
    Row(
        "import, untagged: update",
        RESOURCE,
        None,
        [UNTAGGED],
        Action.UPDATE,
        "asst_1",
        refactoring=IMPORT,
        importing=True,
    ),
    Row(
        "import, ours of another address: update",
        RESOURCE,
        None,
        [MISPLACED],
        Action.UPDATE,
        "asst_1",
        refactoring=IMPORT,
        importing=True,
    ),
    Row(
        "import, ours of this address: record",
        RESOURCE,
        None,
        [LIVE],
        Action.NO_OP,
        "asst_1",
        record=True,
        refactoring=IMPORT,
        importing=True,
    ),
    Row("import, not there", RESOURCE, None, [], None, error="P031", refactoring=IMPORT),
    Row(
        "import, another kind",
        RESOURCE,
        None,
        [replace(FILE_LIVE, id="asst_1")],
        None,
        error="P031",
        refactoring=IMPORT,
    ),
    Row("import, foreign", RESOURCE, None, [FOREIGN], None, error="P033", refactoring=IMPORT),
    Row(
        "import, done: say so",
        RESOURCE,
        STATE,
        [LIVE],
        Action.NO_OP,
        "asst_1",
        warnings=["P110"],
        refactoring=IMPORT,
    ),
    Row(
        "import, not declared here: untouched",
        None,
        None,
        [UNTAGGED],
        None,
        refactoring=IMPORT,
    ),
    Row(
        "import of a file, name and size equal: record",
        FILE,
        None,
        [FILE_LIVE],
        Action.NO_OP,
        "file-1",
        record=True,
        warnings=["P111"],
        refactoring=imported(DATA, "file-1"),
        importing=True,
    ),
    Row(
        "import of a file of another size",
        make_file(bytes=9),
        None,
        [FILE_LIVE],
        None,
        error="P034",
        refactoring=imported(DATA, "file-1"),
    ),
    Row(
        "unknown, our tag, orphans are deleted: delete",
        None,
        None,
        [LIVE],
        Action.DELETE,
        "asst_1",
        ORPHANED,
        options=DELETING,
    ),
    Row(
        "a copy of a recorded object's tag, orphans are deleted: reported",
        RESOURCE,
        STATE,
        [LIVE, COPY],
        Action.NO_OP,
        "asst_1",
        warnings=["P101"],
        options=DELETING,
    ),
    Row(
        "a copy of what is gone, orphans are deleted: reported",
        None,
        STATE,
        [COPY],
        Action.FORGET,
        "asst_1",
        OUTSIDE,
        warnings=["P101"],
        options=DELETING,
    ),
    Row(
        "two of one unknown tag, orphans are deleted: reported",
        None,
        None,
        [LIVE, COPY],
        None,
        warnings=["P101", "P101"],
        options=DELETING,
    ),
    Row(
        "another kind's tag, orphans are deleted: reported",
        None,
        None,
        [replace(LIVE, owner=owner(Address("vectorstore", "bot")))],
        None,
        warnings=["P101"],
        options=DELETING,
    ),
    Row(
        "removed, its tag is left, orphans are deleted: nothing",
        None,
        None,
        [LIVE],
        None,
        refactoring=removed(),
        options=DELETING,
    ),
    Row(
        "adopted, orphans are deleted: adopt",
        RESOURCE,
        None,
        [LIVE],
        Action.NO_OP,
        "asst_1",
        BY_TAG,
        True,
        options=DELETING,
    ),
    Row("unknown, untagged, orphans are deleted", None, None, [UNTAGGED], None, options=DELETING),
    Row("unknown, foreign, orphans are deleted", None, None, [FOREIGN], None, options=DELETING),
    Row(
        "another environment's, orphans are deleted",
        None,
        None,
        [ELSEWHERE],
        None,
        options=DELETING,
    ),
    Row(
        "equal, to be replaced: replace",
        RESOURCE,
        STATE,
        [LIVE],
        Action.REPLACE,
        "asst_1",
        requested=True,
        options=REPLACING,
    ),
    Row(
        "differs, to be replaced: replace",
        RESOURCE,
        STATE,
        [EDITED],
        Action.REPLACE,
        "asst_1",
        requested=True,
        options=REPLACING,
    ),
    Row(
        "immutable differs, to be replaced: replace, whatever was requested",
        make_file(sha256="b"),
        FILE_STATE,
        [FILE_LIVE],
        Action.REPLACE,
        "file-1",
        options={"replaced": frozenset({DATA})},
    ),
    Row(
        "ours by tag, to be replaced: adopt",
        RESOURCE,
        None,
        [LIVE],
        Action.NO_OP,
        "asst_1",
        BY_TAG,
        True,
        options=REPLACING,
    ),
    Row(
        "gone, to be replaced: create",
        RESOURCE,
        STATE,
        [],
        Action.CREATE,
        None,
        OUTSIDE,
        options=REPLACING,
    ),
    Row(
        "another owner's tag, to be replaced",
        RESOURCE,
        STATE,
        [FOREIGN],
        None,
        error="P002",
        options=REPLACING,
    ),
    Row(
        "protected, to be replaced",
        RESOURCE,
        STATE,
        [LIVE],
        None,
        error="P008",
        options={**REPLACING, "protected": frozenset({BOT})},
    ),
]


def decide(
    desired: Resource | None,
    recorded: ResourceState | None,
    alive: list[RemoteObject],
    refactoring: Refactoring = UNCHANGED,
    **options: Any,
) -> Decisions:
    """Plan for at most one address."""
    declared, states = [desired] if desired else [], [recorded] if recorded else []
    return plan(situation(declared, states, alive, refactoring), **options)


def by_address(decisions: Decisions) -> dict[Address, Change]:
    """Give the one change of each address."""
    found = {each.address: each for each in decisions.changes}
    assert len(found) == len(decisions.changes)
    return found


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_decision_table(row: Row) -> None:
    """Every row of the decision table gives its action, its reason and what is said about it."""
    if row.error:
        with pytest.raises(PlanError) as caught:
            decide(row.desired, row.recorded, row.live, row.refactoring, **row.options)
        assert codes(caught.value) == [row.error]
        return
    decisions = decide(row.desired, row.recorded, row.live, row.refactoring, **row.options)
    kinds = [(each.previous_address, each.importing) for each in decisions.changes]
    found = [(each.action, each.id, each.reason, each.record) for each in decisions.changes]

    assert found == ([(row.action, row.id, row.reason, row.record)] if row.action else [])
    assert kinds == ([(row.previous, row.importing)] if row.action else [])
    assert [each.requested for each in decisions.changes] == [row.requested] * len(found)
    assert [each.code for each in decisions.warnings] == row.warnings


def test_the_namesakes_warning_names_the_other_object() -> None:
    """Who has made an object by hand learns its id before a second one is made."""
    (said,) = decide(RESOURCE, None, [UNTAGGED]).warnings
    assert "asst_1" in said.detail


def test_every_object_with_one_tag_is_named() -> None:
    """A person can choose only between ids that the message names."""
    with pytest.raises(PlanError) as caught:
        decide(RESOURCE, None, [LIVE, COPY])
    assert "asst_1, asst_2" in caught.value.diagnostics[0].detail


def test_every_problem_is_reported_at_once() -> None:
    """Two foreign tags are two diagnostics of one error."""
    declared = [make_assistant(each) for each in (BOT, OTHER)]
    states = [record(each, f"asst_{each.address.name}") for each in declared]
    foreign = [live(each, owner=owner(uid="u2")) for each in states]
    with pytest.raises(PlanError) as caught:
        plan(situation(declared, states, foreign))
    assert [each.address for each in caught.value.diagnostics] == [BOT, OTHER]


def test_an_update_shows_exactly_what_differs() -> None:
    """Before is live, after is declared, and the difference names the attribute."""
    (change,) = decide(RESOURCE, STATE, [EDITED]).changes
    (difference,) = change.differences

    assert (difference.path, difference.before, difference.after) == (
        ("instructions",),
        "Be rude.",
        "Be brief.",
    )


def test_changed_labels_are_recorded_and_send_nothing() -> None:
    """Labels live in the state alone: a no-op that brings the record up to date."""
    (change,) = decide(replace(RESOURCE, labels={"team": "a"}), STATE, [LIVE]).changes
    assert (change.action, change.record) == (Action.NO_OP, True)


def test_what_the_service_filled_in_is_no_change() -> None:
    """A setting that nobody sent, and that is as the service filled it in, is left alone."""
    state = replace(STATE, filled={"temperature": 0.7})
    filled = live(state, attributes={"temperature": 0.7})
    assert decide(RESOURCE, state, [filled]).changes[0].action is Action.NO_OP
    assert drift(situation([], [state], [filled])) == ()


def test_what_was_filled_in_and_then_edited_is_a_change() -> None:
    """The service's own value is excused, not the attribute."""
    state = replace(STATE, filled={"temperature": 0.7})
    edited = live(state, attributes={"temperature": 0.1})
    assert decide(RESOURCE, state, [edited]).changes[0].action is Action.UPDATE


def test_a_file_whose_size_the_service_does_not_tell_is_unchanged() -> None:
    """Azure may answer null for a file's bytes: the recorded ones stand for them."""
    blind = replace(FILE_LIVE, attributes={**FILE_LIVE.attributes, "bytes": None})
    assert decide(FILE, FILE_STATE, [blind]).changes[0].action is Action.NO_OP


def shared(
    file: Resource = FILE, **assistant: Any
) -> tuple[list[Resource], list[ResourceState], list[RemoteObject]]:
    """Make a situation in which two assistants hold one applied file."""
    wanted = [make_assistant(each, **holding(DATA), **assistant) for each in (BOT, OTHER)]
    states = [record(each, f"asst_{each.address.name}", {DATA: "file-1"}) for each in wanted]
    return [file, *wanted], [FILE_STATE, *states], [FILE_LIVE, *map(live, states)]


def test_an_unchanged_file_leaves_its_holders_alone() -> None:
    """With everything as applied, nothing is done anywhere."""
    decisions = plan(situation(*shared()))
    assert {each.action for each in decisions.changes} == {Action.NO_OP}
    assert not any(each.record for each in decisions.changes)


def test_a_replaced_file_updates_its_holders_to_an_id_known_after_apply() -> None:
    """The new id isn't known yet: in `after`, the file's Address stands for it."""
    changes = by_address(plan(situation(*shared(make_file(sha256="b" * 64)))))

    assert changes[DATA].action is Action.REPLACE
    assert changes[DATA].released_by == (BOT, OTHER)
    assert not changes[DATA].keep_old
    for holder in (BOT, OTHER):
        assert changes[holder].action is Action.UPDATE
        after = changes[holder].after or {}
        assert after["tool_resources"] == {"code_interpreter": {"file_ids": [DATA]}}
        assert changes[holder].depends_on == (DATA,)


def test_a_holders_own_new_file_is_known_after_apply() -> None:
    """A created file is an Address in `after` too."""
    changes = by_address(plan(situation([FILE, make_assistant(**holding(DATA))])))
    after = changes[BOT].after or {}
    assert after["tool_resources"]["code_interpreter"]["file_ids"] == [DATA]


def test_a_foreign_holder_keeps_the_old_file_of_a_replacement() -> None:
    """Deleting the old file would pull it out of somebody else's assistant: it stays deposed."""
    desired, states, alive = shared(make_file(sha256="b" * 64))
    holder = RemoteObject("assistant", "asst_x", holding("file-1"))
    decisions = plan(situation(desired, states, [*alive, holder]))

    assert by_address(decisions)[DATA].keep_old
    assert [each.code for each in decisions.warnings] == ["P102"]
    assert "asst_x" in decisions.warnings[0].detail


def test_a_foreign_holder_keeps_an_undeclared_file() -> None:
    """A file that left the manifests, but a stranger uses, is neither deleted nor forgotten."""
    holder = RemoteObject("assistant", "asst_x", holding("file-1"), owner(uid="u2"))
    decisions = decide(None, FILE_STATE, [FILE_LIVE, holder])

    assert decisions.changes == ()
    assert [each.code for each in decisions.warnings] == ["P102"]


def test_a_copied_assistant_keeps_the_old_file() -> None:
    """A copy carries our tag, but no plan of ours re-points it: it goes on using the file."""
    desired, states, alive = shared(make_file(sha256="b" * 64))
    decisions = plan(situation(desired, states, [*alive, replace(alive[1], id="asst_copy")]))

    assert by_address(decisions)[DATA].keep_old
    assert [each.code for each in decisions.warnings] == ["P102", "P101"]
    assert "asst_copy" in decisions.warnings[0].detail


@pytest.mark.parametrize(
    "path", ["tool_resources", "tool_resources.code_interpreter.file_ids.file-1"]
)
def test_a_holder_that_ignores_its_files_keeps_the_old_one(path: str) -> None:
    """It is left as it is, the old file included, which so must not be deleted."""
    lifecycle = Lifecycle(ignore_changes=(path,))
    desired, states, alive = shared(make_file(sha256="b" * 64), lifecycle=lifecycle)
    decisions = plan(situation(desired, states, alive))

    assert by_address(decisions)[DATA].keep_old
    (said,) = decisions.warnings
    assert (said.code, said.address) == ("P102", DATA)
    assert "asst_bot, asst_other" in said.detail


def test_a_holder_outside_of_the_scope_keeps_the_old_file() -> None:
    """What isn't targeted isn't re-pointed, so the old file must stay for it."""
    desired, states, alive = shared(make_file(sha256="b" * 64))
    decisions = plan(situation(desired, states, alive), scope=frozenset({DATA, BOT}))
    changes = by_address(decisions)

    assert sorted(changes) == [BOT, DATA]
    assert changes[DATA].keep_old
    assert "asst_other" in decisions.warnings[0].detail


def test_a_file_that_is_to_be_replaced_updates_its_holders() -> None:
    """Equal bytes or not, the new object has an id that everything is pointed at."""
    changes = by_address(plan(situation(*shared()), replaced=frozenset({DATA})))

    assert changes[DATA].action is Action.REPLACE
    assert changes[DATA].released_by == (BOT, OTHER)
    assert {changes[each].action for each in (BOT, OTHER)} == {Action.UPDATE}


def test_an_orphan_in_use_stays() -> None:
    """A store that somebody else's assistant searches isn't taken from it, tag or not."""
    address = Address("vectorstore", "lost")
    store = RemoteObject("vectorstore", "vs_1", {"name": "lost"}, owner(address))
    searching = {"file_search": {"vector_store_ids": ["vs_1"]}}
    stranger = RemoteObject("assistant", "asst_x", {"tool_resources": searching})
    alone, used = (
        plan(situation([], [], alive), delete_orphans=True)
        for alive in ([store], [store, stranger])
    )

    assert [(each.action, each.id) for each in alone.changes] == [(Action.DELETE, "vs_1")]
    assert used.changes == ()
    assert [each.code for each in used.warnings] == ["P102"]


def test_a_replaced_predecessor_is_no_orphan() -> None:
    """It carries our tag and is recorded, so it is neither reported nor deleted twice."""
    state = replace(STATE, deposed=("asst_2",))
    current, old = decide(RESOURCE, state, [LIVE, COPY], delete_orphans=True).changes

    assert (current.action, current.deposed) == (Action.NO_OP, False)
    assert (old.action, old.id, old.deposed) == (Action.DELETE, "asst_2", True)
    assert decide(RESOURCE, state, [LIVE, COPY]).warnings == ()


@pytest.mark.parametrize(
    ("alive", "named"), [([LIVE], "with --delete-orphans"), ([LIVE, COPY], "leaves it alone too")]
)
def test_the_report_of_an_orphan_says_whether_the_flag_deletes_it(
    alive: list[RemoteObject], named: str
) -> None:
    """What may be a copy isn't promised to go."""
    assert named in decide(None, None, alive).warnings[0].detail


def test_an_undeclared_file_goes_after_its_undeclared_holders() -> None:
    """A deleted file names those whose changes must be done first."""
    _, states, alive = shared()
    changes = by_address(plan(situation([], states, alive)))

    assert {each.action for each in changes.values()} == {Action.DELETE}
    assert changes[DATA].released_by == (BOT, OTHER)


def test_the_scope_leaves_all_else_alone() -> None:
    """Other addresses get no change, and orphans aren't looked for."""
    wanted = [make_assistant(each) for each in (BOT, OTHER)]
    stray = RemoteObject("assistant", "asst_9", {}, owner(Address("assistant", "stray")))
    decisions = plan(situation(wanted, [], [stray]), scope=frozenset({BOT}))

    assert [each.address for each in decisions.changes] == [BOT]
    assert decisions.warnings == ()


def test_a_scope_of_unknown_addresses_is_empty() -> None:
    """Only what is declared or recorded can be planned for."""
    assert plan(situation([RESOURCE]), scope=frozenset({OTHER})).changes == ()


def test_a_deposed_leftover_is_deleted() -> None:
    """An interrupted replacement is finished: the old object goes, the address stays as it is."""
    state = replace(FILE_STATE, deposed=("file-0",))
    current, old = plan(
        situation([FILE], [state], [FILE_LIVE, replace(FILE_LIVE, id="file-0")])
    ).changes

    assert (current.action, current.deposed) == (Action.NO_OP, False)
    assert (old.action, old.id, old.deposed) == (Action.DELETE, "file-0", True)


def test_a_deposed_leftover_that_is_gone_is_forgotten() -> None:
    """Somebody has deleted the old object already."""
    state = replace(FILE_STATE, deposed=("file-0",))
    _, old = plan(situation([FILE], [state], [FILE_LIVE])).changes
    assert (old.action, old.id, old.deposed) == (Action.FORGET, "file-0", True)


def test_a_deposed_leftover_in_foreign_use_stays() -> None:
    """It is tried again when nothing refers to it any more."""
    state = replace(FILE_STATE, deposed=("file-0",))
    holder = RemoteObject("assistant", "asst_x", holding("file-0"))
    old = replace(FILE_LIVE, id="file-0")
    decisions = plan(situation([FILE], [state], [FILE_LIVE, old, holder]))

    assert [each.action for each in decisions.changes] == [Action.NO_OP]
    assert [each.code for each in decisions.warnings] == ["P102"]


@pytest.mark.parametrize(
    "current", [[FILE_LIVE], []], ids=["the successor is live", "the successor is gone"]
)
def test_a_leftover_in_use_outlives_its_address(current: list[RemoteObject]) -> None:
    """The record that names it must stay, and so the undeclared address isn't given up yet."""
    state = replace(FILE_STATE, deposed=("file-0",))
    holder = RemoteObject("assistant", "asst_x", holding("file-0"))
    old = replace(FILE_LIVE, id="file-0")
    decisions = decide(None, state, [*current, old, holder])

    assert decisions.changes == ()
    assert [each.code for each in decisions.warnings] == ["P102"]


def gone(count: int) -> tuple[list[Resource], list[ResourceState]]:
    """Declare and record so many assistants, none of which is live."""
    wanted = [make_assistant(Address("assistant", f"bot-{each}")) for each in range(count)]
    return wanted, [record(each, f"asst_{each.address.name}") for each in wanted]


def test_two_recorded_objects_may_be_gone_at_once() -> None:
    """Below three a disappearance is believed."""
    decisions = plan(situation(*gone(2)))
    assert [each.action for each in decisions.changes] == [Action.CREATE] * 2


def test_three_recorded_objects_gone_at_once_stop_the_plan() -> None:
    """Everything gone means the wrong place, more likely than a deletion."""
    with pytest.raises(PlanError) as caught:
        plan(situation(*gone(3)))
    assert codes(caught.value) == ["P001"]
    assert "--recreate-missing" in caught.value.diagnostics[0].detail


def test_one_survivor_makes_a_disappearance_believable() -> None:
    """Two of three gone is a deletion."""
    wanted, states = gone(3)
    decisions = plan(situation(wanted, states, [live(states[0])]))
    assert decisions.changes[0].action is Action.NO_OP
    assert {each.action for each in decisions.changes[1:]} == {Action.CREATE}


def test_recreate_missing_believes_any_disappearance() -> None:
    """Who says so gets everything created again."""
    decisions = plan(situation(*gone(3)), recreate_missing=True)
    assert [each.action for each in decisions.changes] == [Action.CREATE] * 3


def test_disappearance_is_judged_kind_by_kind() -> None:
    """A live file doesn't excuse three assistants that are gone."""
    wanted, states = gone(3)
    with pytest.raises(PlanError) as caught:
        plan(situation([FILE, *wanted], [FILE_STATE, *states], [FILE_LIVE]))
    assert codes(caught.value) == ["P001"]


@pytest.mark.parametrize(
    ("desired", "state", "alive"),
    [
        pytest.param(None, STATE, LIVE, id="delete"),
        pytest.param(make_file(sha256="b"), FILE_STATE, FILE_LIVE, id="replace"),
    ],
)
def test_what_is_protected_is_neither_deleted_nor_replaced(
    desired: Resource | None, state: ResourceState, alive: RemoteObject
) -> None:
    """prevent_destroy stops the whole plan."""
    with pytest.raises(PlanError) as caught:
        decide(desired, state, [alive], protected=frozenset({state.address}))
    assert codes(caught.value) == ["P008"]


def test_what_is_protected_may_be_updated_and_created() -> None:
    """prevent_destroy stands in the way of nothing else."""
    protected = frozenset({BOT})
    assert decide(RESOURCE, STATE, [EDITED], protected=protected).changes[0].action is Action.UPDATE
    assert decide(RESOURCE, STATE, [], protected=protected).changes[0].action is Action.CREATE


@pytest.mark.parametrize("path", ["instructions", "metadata.owner"])
def test_ignored_changes_are_left_as_they_are(path: str) -> None:
    """The live value at an ignored path is neither undone nor reported as drift."""
    told = make_assistant(
        instructions="a", metadata={"owner": "me"}, lifecycle=Lifecycle(ignore_changes=(path,))
    )
    state = record(told, "asst_1")
    edits = {"instructions": {"instructions": "b"}, "metadata.owner": {"metadata": {"owner": "b"}}}
    edited = live(state, attributes=edits[path])

    assert decide(told, state, [edited]).changes[0].action is Action.NO_OP
    assert drift(situation([], [state], [edited])) == ()


def test_ignoring_one_path_does_not_excuse_its_neighbours() -> None:
    """Only the ignored pair of the metadata keeps its live value in an update."""
    told = make_assistant(
        metadata={"owner": "me", "team": "a"},
        lifecycle=Lifecycle(ignore_changes=("metadata.owner",)),
    )
    edited = live(record(told, "asst_1"), attributes={"metadata": {"owner": "b", "team": "b"}})
    (change,) = decide(told, record(told, "asst_1"), [edited]).changes

    assert (change.after or {})["metadata"] == {"owner": "b", "team": "a"}


WEATHER, MAPS = (
    {"type": "function", "function": {"name": name, "description": name}}
    for name in ("get_weather", "get_map")
)
INTERPRETER = {"type": "code_interpreter"}
REWORDED = {"type": "function", "function": {"name": "get_weather", "description": "Rain?"}}


def ignoring(path: str, **attributes: Any) -> tuple[Resource, ResourceState]:
    """Declare and record an assistant that ignores one path."""
    told = make_assistant(**attributes, lifecycle=Lifecycle(ignore_changes=(path,)))
    return told, record(told, "asst_1")


@pytest.mark.parametrize(
    ("path", "tools"),
    [
        ("tools", [REWORDED]),
        ("tools.code_interpreter", [WEATHER, MAPS]),
        ("tools.file_search", [INTERPRETER, WEATHER, MAPS, {"type": "file_search"}]),
        ("tools.function get_weather", [INTERPRETER, MAPS]),
        ("tools.function get_weather", [INTERPRETER, REWORDED, MAPS]),
        ("tools.function get_weather.function.description", [INTERPRETER, REWORDED, MAPS]),
    ],
    ids=["all", "removed type", "added type", "removed function", "edited function", "deeper"],
)
def test_an_ignored_tool_is_left_as_it_is(path: str, tools: list[dict[str, Any]]) -> None:
    """Tools are named in paths by type, and functions by their name besides."""
    told, state = ignoring(path, tools=[INTERPRETER, WEATHER, MAPS])
    edited = live(state, attributes={"tools": tools})

    assert decide(told, state, [edited]).changes[0].action is Action.NO_OP
    assert drift(situation([], [state], [edited])) == ()


@pytest.mark.parametrize(
    "path",
    ["tools.code_interpreter", "tool_resources.code_interpreter.file_ids.file-9", "tools.nothing"],
)
def test_an_ignored_path_takes_nothing_from_its_neighbours(path: str) -> None:
    """What is declared beside it comes out of the plan whole."""
    held = holding("file-8", "file-9")
    told, state = ignoring(path, **{**held, "tools": [*held["tools"], WEATHER]})
    (change,) = decide(told, state, [live(state)]).changes

    assert change.action is Action.NO_OP
    assert change.after == told.attributes


def test_an_ignored_tool_does_not_excuse_the_others() -> None:
    """An update undoes the edit of one function, and leaves that of the ignored one."""
    told, state = ignoring("tools.function get_weather", tools=[INTERPRETER, WEATHER, MAPS])
    edited = live(state, attributes={"tools": [INTERPRETER, REWORDED]})
    (change,) = decide(told, state, [edited]).changes

    assert change.action is Action.UPDATE
    assert (change.after or {})["tools"] == [INTERPRETER, MAPS, REWORDED]
    assert [each.path for each in change.differences] == [("tools", "function get_map")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"a.b": "x"}, {"a.b": "y"}),
        ({"a.b": "x"}, {}),
        ({}, {"a.b": "y"}),
        ({"a": "1", "a.b": "x"}, {"a": "1", "a.b": "y"}),
        ({"a": "1", "a.b": "x"}, {"a": "1"}),
    ],
    ids=["edited", "removed", "added", "edited beside a shorter key", "removed beside it"],
)
def test_an_ignored_metadata_key_may_have_dots(
    before: dict[str, str], after: dict[str, str]
) -> None:
    """The longest key that a path begins with is meant."""
    told, state = ignoring("metadata.a.b", metadata=before)
    edited = live(state, attributes={"metadata": after})

    assert decide(told, state, [edited]).changes[0].action is Action.NO_OP
    assert drift(situation([], [state], [edited])) == ()


def test_ignoring_a_longer_key_does_not_excuse_a_shorter_one() -> None:
    """`metadata.a.b` isn't `metadata.a`."""
    told, state = ignoring("metadata.a.b", metadata={"a": "1", "a.b": "x"})
    edited = live(state, attributes={"metadata": {"a": "2", "a.b": "y"}})
    (change,) = decide(told, state, [edited]).changes
    assert (change.after or {})["metadata"] == {"a": "1", "a.b": "y"}


def test_an_ignored_attribute_that_was_removed_stays_removed() -> None:
    """An absent live value is a live value too."""
    told = make_assistant(instructions="a", lifecycle=Lifecycle(ignore_changes=("instructions",)))
    state = record(told, "asst_1")
    bare = replace(live(state), attributes={"name": "bot", "model": "gpt-4o"})
    assert decide(told, state, [bare]).changes[0].action is Action.NO_OP


def test_an_ignored_attribute_is_still_set_on_create() -> None:
    """There is no live value to leave alone yet."""
    told = make_assistant(instructions="a", lifecycle=Lifecycle(ignore_changes=("instructions",)))
    (change,) = decide(told, None, []).changes
    assert (change.after or {})["instructions"] == "a"


def test_drift_shows_edits_and_deletions_by_address() -> None:
    """Recorded is before, live is after; what is as applied isn't listed."""
    wanted = [make_assistant(each, instructions="a") for each in (OTHER, BOT)]
    calm = make_assistant(Address("assistant", "calm"))
    states = [record(each, f"asst_{each.address.name}") for each in (*wanted, calm)]
    edited = live(states[0], attributes={"instructions": "b"})
    gone_bot, edited_other = drift(situation([], states, [edited, live(states[2])]))

    assert (gone_bot.address, gone_bot.action) == (BOT, Action.DELETE)
    assert (edited_other.address, edited_other.action) == (OTHER, Action.UPDATE)
    assert (edited_other.before or {})["instructions"] == "a"
    assert (edited_other.after or {})["instructions"] == "b"


def imported(module: str) -> set[str]:
    """List what a module imports, by full names, functions' own imports included."""
    found: set[str] = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            found.update(each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
            found.update(f"{node.module}.{each.name}" for each in node.names)
    return found


def tree(module: str) -> ast.Module:
    """Parse a module's source."""
    spec = find_spec(module)
    assert spec is not None
    assert spec.origin is not None
    return ast.parse(Path(spec.origin).read_text(encoding="utf-8"))


def is_module(name: str) -> bool:
    """Say whether a full name is a module of the program's own."""
    if not name.startswith("provisioner."):
        return False
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def reachable(module: str) -> set[str]:
    """List a module and every module of the program that it imports, directly or not."""
    found, waiting = set(), [module]
    while waiting:
        each = waiting.pop()
        if each not in found:
            found.add(each)
            waiting.extend(filter(is_module, imported(each)))
    return found


OUTSIDE_WORLD = {"asyncio", "http", "httpx2", "io", "openai", "os", "pathlib", "random", "requests"}
OUTSIDE_WORLD |= {"secrets", "shutil", "socket", "subprocess", "tempfile", "time", "urllib", "uuid"}


def test_the_planner_can_reach_no_client_no_clock_and_no_path() -> None:
    """Neither the planner nor anything it imports knows of the world outside."""
    modules = reachable("provisioner.planner")
    rooms = {".".join(each.split(".")[:2]) for each in modules}
    roots = {each.split(".")[0] for module in modules for each in imported(module)}
    calls = {
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        for module in modules
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Call)
    }

    assert "provisioner.situation" in modules
    assert not rooms & {"provisioner.providers", "provisioner.state", "provisioner.operations"}
    assert not roots & OUTSIDE_WORLD
    assert not calls & {"now", "today", "utcnow", "open", "input", "print"}


LOST = LostCreate("op-9", BOT, 1000.0)
ARRIVED = replace(LIVE, id="asst_9", owner=owner(operation="op-9"), created_at=1300)
BOTH = [LIVE, ARRIVED]


def late(
    *alive: RemoteObject,
    desired: list[Resource] | None = None,
    recorded: list[ResourceState] | None = None,
    refactoring: Refactoring = UNCHANGED,
    **given: Any,
) -> Decisions:
    """Plan where a create was lost, by default with another object in its place."""
    wanted = [RESOURCE] if desired is None else desired
    states = [STATE] if recorded is None else recorded
    there = situation(wanted, states, alive, refactoring)
    return plan(replace(there, lost_creates=(LOST,)), **given)


def deletes(decisions: Decisions) -> list[tuple[str | None, bool]]:
    """List what is deleted, and whether as a leftover."""
    return [(each.id, each.deposed) for each in decisions.changes if each.action is Action.DELETE]


def test_what_a_lost_create_made_is_deleted_when_another_stands_there() -> None:
    """It is a leftover of ours: neither an orphan to be reported, nor counted by the brake."""
    decisions = late(*BOTH)

    assert deletes(decisions) == [("asst_9", True)]
    assert decisions.warnings == ()


@pytest.mark.parametrize(
    "arrived",
    [
        pytest.param(replace(ARRIVED, owner=owner(operation="op-1")), id="another operation"),
        pytest.param(replace(ARRIVED, owner=owner()), id="no operation"),
        pytest.param(replace(ARRIVED, created_at=900), id="made before it was sent"),
        pytest.param(replace(ARRIVED, created_at=1961), id="made when it couldn't arrive any more"),
    ],
)
def test_what_only_looks_like_a_lost_create_is_left_alone(arrived: RemoteObject) -> None:
    """People copy metadata: it is reported."""
    decisions = late(LIVE, arrived)

    assert deletes(decisions) == []
    assert [each.code for each in decisions.warnings] == ["P101"]


def test_a_lost_create_and_a_copy_of_it_are_both_left_alone() -> None:
    """It was sent once, so one of the two is somebody's, and nobody knows which."""
    decisions = late(*BOTH, replace(ARRIVED, id="asst_8"))

    assert deletes(decisions) == []
    assert [each.code for each in decisions.warnings] == ["P101", "P101"]


def test_a_copy_of_an_adopted_late_create_is_left_alone() -> None:
    """The one that was sent is recorded; a second one can't be of that send."""
    adopted = replace(LIVE, owner=owner(operation="op-9"), created_at=1300)
    assert deletes(late(adopted, ARRIVED)) == []


def test_a_late_create_of_an_address_that_is_gone_is_deleted() -> None:
    """Nothing is declared or recorded there any more."""
    assert deletes(late(ARRIVED, desired=[], recorded=[])) == [("asst_9", True)]


def test_a_late_create_is_adopted_where_nothing_else_is() -> None:
    """That is one object for the address, too."""
    decisions = late(ARRIVED, recorded=[])

    assert deletes(decisions) == []
    assert [(each.action, each.id) for each in decisions.changes] == [(Action.NO_OP, "asst_9")]


def test_of_a_late_create_and_another_of_our_tag_the_other_is_adopted() -> None:
    """After the record was forgotten by hand, for example."""
    decisions = late(*BOTH, recorded=[])

    assert deletes(decisions) == [("asst_9", True)]
    assert [each.id for each in decisions.changes if each.action is Action.NO_OP] == ["asst_1"]


def test_a_late_create_doesnt_stand_for_a_recorded_object_that_is_gone() -> None:
    """A new one is made, as ever, and the late one goes."""
    decisions = late(ARRIVED)
    assert [each.action for each in decisions.changes] == [Action.CREATE, Action.DELETE]


def test_a_late_create_of_a_renamed_address_is_deleted() -> None:
    """Its tag says the name that the address had then."""
    arrived = replace(ARRIVED, owner=owner(OTHER, operation="op-9"))
    assert deletes(late(LIVE, arrived, refactoring=RENAME)) == [("asst_9", True)]


def test_a_late_create_that_is_forgotten_is_left_alone() -> None:
    """`removed` says that nothing there is to be destroyed."""
    decisions = late(*BOTH, desired=[], refactoring=removed(BOT))

    assert deletes(decisions) == []
    assert decisions.warnings == ()


def test_a_late_create_that_is_imported_elsewhere_is_left_alone() -> None:
    """Somebody has a use for it."""
    other = make_assistant(OTHER, instructions="Be brief.")
    decisions = late(*BOTH, desired=[RESOURCE, other], refactoring=ELSEWHERE_IMPORT)
    assert deletes(decisions) == []


def test_a_late_create_outside_of_the_scope_is_left_for_later() -> None:
    """A plan for a part is for that part."""
    other = make_assistant(OTHER)
    decisions = late(*BOTH, desired=[RESOURCE, other], scope=frozenset({OTHER}))
    assert deletes(decisions) == []


def test_a_protected_address_doesnt_protect_what_came_late() -> None:
    """It is not what the protection is for."""
    assert deletes(late(*BOTH, protected=frozenset({BOT}))) == [("asst_9", True)]


def test_a_late_file_that_something_uses_stays() -> None:
    """Deleting it would pull it out of there."""
    upload = LostCreate("op-9", DATA, 1000.0, "data.csv", 8, "a" * 64)
    arrived = replace(FILE_LIVE, id="file-9")
    holder = RemoteObject("assistant", "asst_x", holding("file-9"))
    there = situation([FILE], [FILE_STATE], [FILE_LIVE, arrived, holder])
    decisions = plan(replace(there, late_files={"file-9": upload}))

    assert deletes(decisions) == []
    assert [each.code for each in decisions.warnings] == ["P102"]
