"""A revision for each test."""

from __future__ import annotations

import sys
from datetime import datetime, timezone
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

from factories import SERVICE

from provisioner.history.revision import Commit, Revision
from provisioner.plan import Counts
from provisioner.state.actor import Actor


@pytest.fixture
def revision() -> Revision:
    """Make a revision with everything that one can have."""
    return Revision(
        serial=12,
        lineage="0b1c2d3e-0000-4000-8000-000000000000",
        operation="rollback",
        created=datetime(2026, 11, 22, 22, 8, 35, tzinfo=timezone.utc),
        actor=Actor("maria", "desk-3", "https://ci.example/runs/1"),
        counts=Counts(1, 2, 3, 4),
        service=SERVICE,
        resources=9,
        content="c" * 64,
        files=("f" * 64,),
        commit=Commit("9f1c2e7d", dirty=True),
        rolled_back_to=7,
        selection=("--target assistant.bot",),
    )
