"""Whose a live assistant is, and which are exported."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from provisioner.address import Address
from provisioner.errors import PlanError
from provisioner.export.selection import Found, Ownership, select, tell_owners
from provisioner.resource import Owner, RemoteObject, ResourceState

BOT = Address("assistant", "bot")


def live(id_: str, owner: str | None = None, created_at: int = 0) -> RemoteObject:
    """Make a live assistant; `owner` is `uid/environment/name`."""
    tag = None
    if owner:
        uid, environment, name = owner.split("/")
        tag = Owner(uid, environment, Address.parse(name))
    return RemoteObject("assistant", id_, {"model": "m"}, tag, created_at)


def tell(
    *objects: RemoteObject, recorded: str | None = None, address: Address = BOT
) -> dict[str, Address | None]:
    """Tell by id where each object stands."""
    state = {address: ResourceState(address, recorded, {})} if recorded else {}
    found = tell_owners(objects, Ownership("u1", "prod", state))
    return {each.live.id: each.address for each in found}


@pytest.mark.parametrize(
    ("objects", "recorded", "stands"),
    [
        ([live("a")], None, {"a": None}),
        ([live("a")], "a", {"a": BOT}),
        ([live("a", "u1/prod/assistant.bot")], None, {"a": BOT}),
        ([live("a", "u1/dev/assistant.bot")], None, {"a": None}),
        ([live("a", "u2/prod/assistant.bot")], None, {"a": None}),
        ([live("a", "u2/prod/assistant.bot")], "a", {"a": None}),
        ([live("a", "u1/prod/assistant.other")], "a", {"a": BOT}),
        ([live("a", "u1/prod/file.bot")], None, {"a": None}),
        (
            [live("a", "u1/prod/assistant.bot"), live("b", "u1/prod/assistant.bot")],
            None,
            {"a": None, "b": None},
        ),
        (
            [live("a", "u1/prod/assistant.bot"), live("b", "u1/prod/assistant.bot")],
            "b",
            {"a": None, "b": BOT},
        ),
        ([live("a", "u1/prod/assistant.bot")], "gone", {"a": None}),
    ],
)
def test_the_recorded_one_is_ours_and_the_only_tagged_one(
    objects: list[RemoteObject], recorded: str | None, stands: dict[str, Address | None]
) -> None:
    """People copy metadata: of several with one tag none is told to be ours."""
    assert tell(*objects, recorded=recorded) == stands


def test_the_oldest_come_first() -> None:
    """So that names stay the same when there are more."""
    assert list(tell(live("b", created_at=1), live("a", created_at=2))) == ["b", "a"]


FOUND = [
    Found(live("ours", "u1/prod/assistant.bot"), BOT),
    Found(live("free")),
    Found(live("theirs", "u2/prod/assistant.bot")),
]


@pytest.mark.parametrize(
    ("targets", "foreign", "ids"),
    [
        ((), False, ["ours"]),
        ((), True, ["ours", "free"]),
        (("assistant.bot",), False, ["ours"]),
        (("free", "theirs"), False, ["free", "theirs"]),
    ],
)
def test_what_is_theirs_is_chosen_by_its_id_only(
    targets: Sequence[str], foreign: bool, ids: list[str]
) -> None:
    """Everything means: whatever nobody else owns."""
    chosen, notes = select(FOUND, targets, foreign=foreign)

    assert [each.live.id for each in chosen] == ids
    assert len(notes) == (foreign and not targets)


def test_unknown_targets_are_told_all_at_once() -> None:
    """With what was probably meant."""
    with pytest.raises(PlanError) as caught:
        select(FOUND, ("assistant.bto", "nobody"), foreign=False)

    assert [each.code for each in caught.value.diagnostics] == ["P040", "P040"]
    assert "assistant.bot" in caught.value.diagnostics[0].detail
