"""Retargeting: what counts as the recorded object at the new endpoint."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from factories import BOT, OTHER, SERVICE, codes, live, make_assistant, make_file, make_state
from factories import owner as tag
from factories import record as recorded
from fake_provider import SILENT, FakeProvider
from local_state import LocalState
from test_taking_over import workspace

from provisioner.errors import StateError
from provisioner.operations.connection import Connection
from provisioner.operations.retargeting import Retargeted, retarget
from provisioner.resource import RemoteObject
from provisioner.state.model import ServiceIdentity

BOT_STATE = recorded(make_assistant(), "asst_1")
FILE_STATE = recorded(make_file(), "assistant-1", deposed=("assistant-0",))
NEW = replace(SERVICE, endpoint="https://new.example")
OLD_FILE = RemoteObject("file", "assistant-0", {"filename": "old.csv", "purpose": "assistants"})


def run(
    folder: Path, *found: RemoteObject, service: ServiceIdentity = NEW
) -> tuple[Retargeted, FakeProvider]:
    """Retarget a state of an assistant and of a file with a predecessor."""
    site, provider = workspace(folder), FakeProvider.holding(found)
    backend = LocalState(site.project.state_folder("test"))
    backend.write(make_state(BOT_STATE, FILE_STATE, serial=3))
    done = retarget(site.project, site.environment, backend, Connection(provider, service, SILENT))
    return done, provider


def test_everything_that_is_there_is_taken_along_and_nothing_is_sent(tmp_path: Path) -> None:
    """Predecessors that wait for their deletion too: nobody recorded what they hold."""
    done, provider = run(tmp_path, live(BOT_STATE), live(FILE_STATE), OLD_FILE)
    assert done.rewritten is not None
    assert (done.found, done.rewritten.state.service) == (3, NEW)
    assert done.rewritten.state.serial == 4
    assert provider.writes == []


def test_what_was_moved_by_hand_is_still_ours(tmp_path: Path) -> None:
    """Its tag has the former address until the next apply."""
    other = live(BOT_STATE, owner=tag(OTHER))
    assert run(tmp_path, other, live(FILE_STATE), OLD_FILE)[0].rewritten


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([live(FILE_STATE), OLD_FILE], "asst_1 is not there"),
        ([live(BOT_STATE), live(FILE_STATE)], "assistant-0 is not there"),
        ([live(BOT_STATE, owner=None), live(FILE_STATE), OLD_FILE], "doesn't carry"),
        (
            [live(BOT_STATE, owner=tag(BOT, uid="others")), live(FILE_STATE), OLD_FILE],
            "doesn't carry",
        ),
        (
            [live(BOT_STATE), live(FILE_STATE, attributes={"bytes": 9}), OLD_FILE],
            "assistant-1 is there, but is another file: bytes 9",
        ),
    ],
)
def test_one_that_is_missing_or_another_stops_it(
    tmp_path: Path, found: list[RemoteObject], said: str
) -> None:
    """An id alone says little: at another resource it may be anybody's."""
    with pytest.raises(StateError) as caught:
        run(tmp_path, *found)
    assert codes(caught.value) == ["S019"]
    assert said in caught.value.diagnostics[0].detail
    backend = LocalState(workspace(tmp_path).project.state_folder("test"))
    state = backend.read().state
    assert state is not None
    assert (state.serial, state.service) == (3, SERVICE)


def test_a_state_of_this_service_is_left_as_it_is(tmp_path: Path) -> None:
    """Nothing is even asked."""
    done, provider = run(tmp_path, service=SERVICE)
    assert (done.rewritten, provider.calls) == (None, [])
