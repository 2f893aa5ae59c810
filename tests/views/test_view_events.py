"""Events: Terraform's lines, and the sum of an apply."""

from __future__ import annotations

import click
import pytest

from provisioner.address import Address
from provisioner.diagnostics import error
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
from provisioner.views import events

BOT, DATA = Address("assistant", "bot"), Address("file", "data")
FAILURE = Failed(BOT, Operation.CREATE, None, 1.2, (error("R004", "Busy", "Wait a minute."),))
LINES: list[tuple[Event, str]] = [
    (Started(BOT, Operation.CREATE, None), "assistant.bot: Creating..."),
    (
        Succeeded(BOT, Operation.CREATE, "asst_1", 2.4),
        "assistant.bot: Creation complete after 2s [id=asst_1]",
    ),
    (Started(BOT, Operation.UPDATE, "asst_1"), "assistant.bot: Modifying... [id=asst_1]"),
    (
        Succeeded(BOT, Operation.UPDATE, "asst_1", 0.1),
        "assistant.bot: Modifications complete after 0s [id=asst_1]",
    ),
    (Started(BOT, Operation.MOVE, "asst_1"), "assistant.bot: Moving... [id=asst_1]"),
    (
        Succeeded(BOT, Operation.IMPORT, "asst_1", 1, imported=True),
        "assistant.bot: Import complete after 1s [id=asst_1]",
    ),
    (Started(BOT, Operation.DELETE, "asst_1"), "assistant.bot: Destroying... [id=asst_1]"),
    (
        Succeeded(BOT, Operation.DELETE, "asst_1", 65),
        "assistant.bot: Destruction complete after 1m5s",
    ),
    (
        Started(DATA, Operation.DELETE, "assistant-9", deposed=True),
        "file.data (deposed object assistant-9): Destroying...",
    ),
    (
        Succeeded(DATA, Operation.DELETE, "assistant-9", 0, deposed=True),
        "file.data (deposed object assistant-9): Destruction complete after 0s",
    ),
    (
        Progressed(Address("vectorstore", "handbook"), Operation.CREATE, None, 5.2, 3, 10),
        "vectorstore.handbook: Still indexing... 3 of 10 files [5s elapsed]",
    ),
    (
        Continuing(BOT, Operation.CREATE, None, 10.2),
        "assistant.bot: Still creating... [10s elapsed]",
    ),
    (NotStarted(BOT, Operation.CREATE, None), "assistant.bot: Not started"),
    (Started(BOT, Operation.FORGET, "asst_1"), "assistant.bot: Forgetting... [id=asst_1]"),
    (Succeeded(BOT, Operation.FORGET, None, 0), "assistant.bot: Forgotten"),
    (
        FAILURE,
        "assistant.bot: Creation failed after 1s\n\nError: Busy [R004]\n  Wait a minute.",
    ),
    (
        Failed(BOT, Operation.DELETE, "a", 7200, ()),
        "assistant.bot: Destruction failed after 2h0m0s",
    ),
    (
        Skipped(BOT, Operation.CREATE, None, DATA),
        "assistant.bot: Skipped, because file.data failed",
    ),
    (
        Skipped(DATA, Operation.DELETE, "assistant-old", BOT, deposed=True),
        "file.data (deposed object assistant-old): Skipped, because assistant.bot failed",
    ),
    (Started(BOT, Operation.UPDATE, "\x1b[2J\n"), "assistant.bot: Modifying... [id=\\x1b[2J\\n]"),
]


@pytest.mark.parametrize(("event", "expected"), LINES)
def test_events_have_their_lines(event: Event, expected: str) -> None:
    """Each event has the line that users of Terraform know; colours add nothing to it."""
    assert events.line(event, color=False) == expected
    assert click.unstyle(events.line(event, color=True)) == expected


def test_a_complete_apply_is_summed_up() -> None:
    """A replacement counts as one added and one destroyed."""
    done = [
        Succeeded(DATA, Operation.CREATE, "new", 1),
        Succeeded(BOT, Operation.UPDATE, "asst_1", 1),
        Succeeded(DATA, Operation.DELETE, "old", 1, deposed=True),
    ]
    assert events.summary(done, destroy=False, again="provisioner apply") == (
        "Apply complete! Resources: 1 added, 1 changed, 1 destroyed."
    )


def test_imports_are_counted_and_renames_are_not() -> None:
    """An import that changed its object counts as both; without imports nothing is said of them."""
    done = [
        Succeeded(BOT, Operation.MOVE, "asst_1", 1),
        Succeeded(DATA, Operation.IMPORT, "file-1", 1, imported=True),
        Succeeded(BOT, Operation.UPDATE, "asst_2", 1, imported=True),
    ]
    assert events.summary(done, destroy=False, again="provisioner apply") == (
        "Apply complete! Resources: 2 imported, 0 added, 1 changed, 0 destroyed."
    )
    assert events.summary(done[:1], destroy=False, again="provisioner apply") == (
        "Apply complete! Resources: 0 added, 0 changed, 0 destroyed."
    )


def test_a_complete_destroy_is_summed_up() -> None:
    """Destroy counts what it destroyed."""
    done = [Succeeded(each, Operation.DELETE, "x", 0) for each in (BOT, DATA)]
    assert (
        events.summary(done, destroy=True, again="provisioner apply")
        == "Destroy complete! Resources: 2 destroyed."
    )


def test_an_incomplete_apply_names_what_is_missing() -> None:
    """Whatever failed or was skipped is named once, and so is the way on."""
    seen: list[Event] = [
        Succeeded(DATA, Operation.CREATE, "x", 1),
        FAILURE,
        Skipped(DATA, Operation.DELETE, "assistant-old", BOT, deposed=True),
        Skipped(Address("assistant", "other"), Operation.UPDATE, "asst_2", BOT),
    ]
    assert events.summary(seen, destroy=False, again="provisioner apply") == (
        "Apply incomplete. Resources: 1 added, 0 changed, 0 destroyed; 1 failed, 2 skipped.\n\n"
        "  Failed:  assistant.bot\n"
        "  Skipped: file.data (deposed object assistant-old), assistant.other\n\n"
        "Mend what is said above. To go on, run:\n\n"
        "  provisioner apply"
    )


def test_an_answer_that_differs_is_no_complete_apply() -> None:
    """What was made, but not as it was sent, is counted and named."""
    differs = Succeeded(BOT, Operation.UPDATE, "x", 1, diagnostics=FAILURE.diagnostics)
    text = events.summary([differs], destroy=False, again="provisioner apply")

    assert text.startswith("Apply incomplete. Resources: 0 added, 1 changed, 0 destroyed;")
    assert "  Differs: assistant.bot" in text
    assert FAILURE.diagnostics[0].summary in events.line(differs, color=False)


def test_what_was_not_started_is_named_with_the_way_on() -> None:
    """Nothing has to be mended, and the command is ready to be copied."""
    seen: list[Event] = [
        Succeeded(DATA, Operation.CREATE, "x", 1),
        NotStarted(BOT, Operation.CREATE, None),
    ]
    assert events.summary(seen, destroy=False, again="provisioner -e 'my env' apply") == (
        "Apply incomplete. Resources: 1 added, 0 changed, 0 destroyed; 0 failed, 0 skipped,"
        " 1 not started.\n\n"
        "  Not started: assistant.bot\n\n"
        "To go on, run:\n\n"
        "  provisioner -e 'my env' apply"
    )


def test_an_incomplete_destroy_is_summed_up() -> None:
    """A destroy that failed says so in its own words."""
    text = events.summary(
        [Failed(BOT, Operation.DELETE, "x", 0, ())], destroy=True, again="provisioner apply"
    )
    first = "Destroy incomplete. Resources: 0 destroyed; 1 failed, 0 skipped."
    assert text.startswith(f"{first}\n\n  Failed:  assistant.bot\n\nMend")
