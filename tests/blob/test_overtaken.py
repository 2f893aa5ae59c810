"""A run that was overtaken by one that came to its end before it had claimed everything."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from blob_projects import Container

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

from factories import BOT, OTHER, codes, make_assistant, make_state, record

from provisioner.errors import StateError
from provisioner.events import Operation
from provisioner.state.backend import Backend, Recorded
from provisioner.state.blob import BlobStorage, Seen
from provisioner.state.blob_requests import Blobs
from provisioner.state.folder import Folder
from provisioner.state.journal import Intent

BEFORE = make_state(record(make_assistant(OTHER), "asst_2"), serial=3)
CREATE = Intent("op-1", Operation.CREATE, BOT, None, record(make_assistant(), ""), sent_at=12.5)


def backend(container: Container, folder: Path) -> Backend:
    """Open the state as one machine does."""
    return Backend(BlobStorage(Blobs(container.client, "demo/test"), Folder(folder)), "test")


def claim_the_log_alone(machine: Backend, recorded: Recorded) -> None:
    """Do the first thing that a run does, and no more."""
    assert isinstance(machine.storage, BlobStorage)
    assert isinstance(recorded.seen, Seen)
    half = recorded.seen.half
    assert half
    machine.storage.blobs.mark(half.name, {}, half.etag)


def test_what_it_did_is_not_written_to_the_state(container: Container, tmp_path: Path) -> None:
    """Its last intent was refused; whoever goes on reads the journal, and looks."""
    first, second = backend(container, tmp_path / "1"), backend(container, tmp_path / "2")
    first.write(BEFORE)
    recorder = first.open(first.read(), BEFORE)
    recorder.intend(CREATE)
    claim_the_log_alone(second, second.read())
    recorder.done(CREATE, "asst_1", {})

    for act in (lambda: recorder.intend(replace(CREATE, operation_id="op-2")), recorder.close):
        with pytest.raises(StateError) as caught:
            act()
        assert codes(caught.value) == ["S024"]

    left = second.read()
    assert left.stored == BEFORE
    assert left.pending == (CREATE,)
