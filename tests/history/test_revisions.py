"""A revision's form on disk, and what its content is made of."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

import pytest
from factories import BOT, DATA, OTHER, SERVICE, UID, holding, make_assistant, make_file, record

from provisioner.history.content import Kept, RevisionContent, content_of
from provisioner.history.content import dump as dump_content
from provisioner.history.content import load as load_content
from provisioner.history.revision import NewerRevisionError, Revision, dump, load
from provisioner.resource import Lifecycle, Resource, ResourceState
from provisioner.state.model import State


def state(*recorded: ResourceState) -> State:
    """Make a state that has recorded this."""
    new = State.new("demo", UID, "test", SERVICE)
    return replace(new, resources={each.address: each for each in recorded})


def everything() -> list[Resource]:
    """Declare an assistant with all that one can have, and its file."""
    lifecycle = Lifecycle(prevent_destroy=True, ignore_changes=("metadata.owner",))
    bot = make_assistant(
        **holding(DATA, "assistant-foreign"),
        instructions="Antworte höflich. ☃ \ud800\n",
        metadata={"$address": "assistant.other"},
        labels={"team": "analytics"},
        lifecycle=lifecycle,
    )
    return [bot, make_file()]


def recorded(resources: Iterable[Resource]) -> State:
    """Record resources as applied."""
    ids = {BOT: "asst_1", OTHER: "asst_2", DATA: "assistant-1"}
    return state(*(record(each, ids[each.address], ids) for each in resources))


def test_content_is_what_was_declared() -> None:
    """References are addresses again, but for those to what isn't ours."""
    content = content_of(recorded(everything()))

    assert [each.resource for each in content.kept] == everything()
    assert [each.id for each in content.kept] == ["asst_1", "assistant-1"]
    assert list(content.files) == ["a" * 64]


def test_content_is_read_as_it_was_written() -> None:
    """Twice the same bytes for the same content."""
    content = content_of(recorded(everything()))

    assert load_content(dump_content(content)) == content
    assert dump_content(content) == dump_content(load_content(dump_content(content)))


@pytest.mark.parametrize("data", [b"", b"no zlib", dump_content(RevisionContent())[:-3]])
def test_damaged_content_is_refused(data: bytes) -> None:
    """It is never taken for an empty one."""
    with pytest.raises(ValueError, match=r"."):
        load_content(data)


@pytest.mark.parametrize(
    "resource",
    [
        Resource(BOT, {"tools": 5}),
        Resource(BOT, {"tools": [{}]}),
        Resource(replace(BOT, kind="agent"), {}),
    ],
)
def test_content_that_no_object_can_have_is_refused(resource: Resource) -> None:
    """Nobody plans with it."""
    data = dump_content(RevisionContent((Kept(resource, "x"),)))
    with pytest.raises(ValueError, match=r"."):
        load_content(data)


def test_a_revision_is_read_as_it_was_written(revision: Revision) -> None:
    """Every field of it."""
    assert load(dump(revision)) == revision


def test_a_newer_revision_is_told_from_a_damaged_one(revision: Revision) -> None:
    """Nothing of either is guessed."""
    document = json.loads(dump(revision))
    with pytest.raises(NewerRevisionError, match="version is 2"):
        load(json.dumps({**document, "provisioner_revision": 2}))
    for broken in ({**document, "revision": {}}, {}, [], 5):
        with pytest.raises(ValueError, match="damaged"):
            load(json.dumps(broken))


def test_revisions_have_names_of_their_own(revision: Revision) -> None:
    """Also where a state was put back, and counts the same serial again."""
    other = replace(revision, content="d" * 64)

    assert revision.name == "00000012-0b1c2d3e-cccccccccccc.json"
    assert other.name != revision.name
