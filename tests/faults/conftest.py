"""One bench for each worker: a case takes a second, and its set-up would take two."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
sys.path.insert(0, str(Path(__file__).parents[1] / "blob"))

from bench import Bench
from bench import bench as set_up


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Set up a bench that serves all cases of this worker."""
    with set_up(tmp_path_factory.mktemp("faults")) as found:
        yield found
