"""The live view's lines: what is under way, what waits for what, how much is done."""

from __future__ import annotations

from provisioner.address import Address
from provisioner.events import Failed, Operation, Progressed, Skipped, Started, Succeeded
from provisioner.plan import Action, Change
from provisioner.steps import steps
from provisioner.views.progress import Progress

DATA, STORE, BOT = (
    Address("file", "data"),
    Address("vectorstore", "store"),
    Address("assistant", "b"),
)


def create(address: Address, *depends_on: Address) -> Change:
    """Plan to create something."""
    return Change(address, Action.CREATE, None, {}, {}, depends_on=depends_on)


def board() -> Progress:
    """Begin a run of a file, the store that holds it, and the assistant that searches the store."""
    return Progress(steps([create(DATA), create(STORE, DATA), create(BOT, STORE)]), 100)


def test_at_first_everything_waits_for_what_is_under_way() -> None:
    """Who waits is named with whom it waits for."""
    progress = board()
    progress.take(Started(DATA, Operation.CREATE, None), 100)
    assert progress.lines(103) == [
        "  file.data: Creating... [3s elapsed]",
        "  vectorstore.store: Waiting for file.data",
        "  assistant.b: Waiting for vectorstore.store",
        "0 of 3 done, 1 under way [3s elapsed]",
    ]


def test_indexing_tells_how_far_it_is() -> None:
    """Its time counts from the beginning of its call."""
    progress = board()
    progress.take(Started(DATA, Operation.CREATE, None), 100)
    progress.take(Succeeded(DATA, Operation.CREATE, "file-1", 1), 101)
    progress.take(Started(STORE, Operation.CREATE, None), 101)
    progress.take(Progressed(STORE, Operation.CREATE, None, 4, 3, 10), 105)
    assert progress.lines(111) == [
        "  vectorstore.store: Indexing... 3 of 10 files [10s elapsed]",
        "  assistant.b: Waiting for vectorstore.store",
        "1 of 3 done, 1 under way [11s elapsed]",
    ]


def test_failures_and_what_they_hold_up_are_counted() -> None:
    """They are ended, so nothing is said to wait for them any more."""
    progress = board()
    progress.take(Started(DATA, Operation.CREATE, None), 100)
    progress.take(Failed(DATA, Operation.CREATE, None, 1, ()), 101)
    progress.take(Skipped(STORE, Operation.CREATE, None, DATA), 101)
    progress.take(Skipped(BOT, Operation.CREATE, None, DATA), 101)
    assert progress.lines(101) == ["0 of 3 done, 1 failed, 2 skipped, 0 under way [1s elapsed]"]


def test_of_many_some_are_named_and_the_others_counted() -> None:
    """The view has to fit below what has ended."""
    bots = [Address("assistant", f"bot-{each:02}") for each in range(20)]
    held = [Address("vectorstore", f"store-{each}") for each in range(5)]
    progress = Progress(
        steps([*(create(each) for each in bots), *(create(each, bots[0]) for each in held)]), 0
    )
    for each in bots[:12]:
        progress.take(Started(each, Operation.CREATE, None), 0)
    lines = progress.lines(1)
    assert lines[8:] == [
        "  and 4 more",
        "  vectorstore.store-0: Waiting for assistant.bot-00",
        "  vectorstore.store-1: Waiting for assistant.bot-00",
        "  vectorstore.store-2: Waiting for assistant.bot-00",
        "  and 2 more that wait for others",
        "0 of 25 done, 12 under way [1s elapsed]",
    ]
