"""What is injected really comes: a fault that never happens tests nothing."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import count

import pytest
from bench import KILLED, Bench, Site
from fault_proxy import HANDLED, LATE, UNHANDLED
from invention import V2, Declared, add_file, write
from playing import APPLY, clear, disturbed
from storage_proxy import STORAGE_HANDLED, STORAGE_KILLS, STORAGE_UNHANDLED

FILE = "file.rates"
BY_FILE = {"before": KILLED, "after": KILLED, "tear": KILLED, "full": 1, "broken": 1}


thorough = pytest.mark.thorough
NUMBERS = count(1_000_000)


@pytest.fixture
def site(bench: Bench) -> Iterator[Site]:
    """Declare one file in a project of its own."""
    site = Site(bench, next(NUMBERS), V2)
    declared = Declared(f"i{site.seed}", V2)
    add_file(random.Random(1), declared)  # noqa: S311
    write(declared, site.project, site.faults.url)
    yield site
    site.faults.begin()
    site.faults.drain()
    clear(site)
    site.clear()


def boundaries(site: Site) -> list[str]:
    """Name the changes of files that the first apply makes."""
    trace = site.folder / "trace"
    site.faults.begin()
    assert site.run(*APPLY, "--parallelism", "1", trace=str(trace)).code == 0
    return trace.read_text(encoding="utf-8").splitlines()


def test_every_change_below_the_state_folder_is_a_boundary(site: Site) -> None:
    """Writes through file objects, by file descriptor, fsyncs, renames: nothing escapes."""
    found = boundaries(site)
    assert {"mkdir", "open", "write", "fsync", "replace", "unlink", "utime"} <= set(found)
    # The journal's head, intent and result; lock, generation, state, revision and its content.
    assert found.count("write") >= 8


@pytest.mark.parametrize("what", BY_FILE)
def test_a_boundary_can_be_where_it_ends(site: Site, what: str) -> None:
    """A kill is a real SIGKILL, an error a refusal with a code; half a write is half a write."""
    at = boundaries(site).index("write")
    lasting = what in ("full", "broken")
    ended = disturbed(site, (*APPLY, "--replace", FILE), at=at, what=what, lasting=lasting)

    assert ended.code == BY_FILE[what]
    assert site.hurt[f"{what} (file)"] == 1


@pytest.mark.parametrize("fault", [*UNHANDLED, *HANDLED, *LATE])
def test_a_request_meets_its_fault(site: Site, fault: str) -> None:
    """What the service has handled then, and what not, is as the fault says."""
    disturbed(site, APPLY, due={("write", 0): fault})
    files = site.service.files()

    assert site.hurt[fault] == 1
    if fault in HANDLED:
        assert len(files) == 1
    elif fault in LATE:
        assert files == []
        assert site.faults.drain() == 1
        assert len(site.service.files()) == 1
    elif fault != "busy":
        assert files == []


def test_a_list_can_lag_behind(site: Site) -> None:
    """What was just made is left out of a list; asked for by its id it is there."""
    disturbed(site, APPLY, seed=0.5, lag=3)
    site.faults.begin()
    for _ in range(4):
        assert site.run("plan", "--detailed-exitcode").code == 0
    assert site.faults.met["lag"]


@pytest.mark.parametrize(
    "fault",
    [
        each if each in ("drop-after", "kill-before") else pytest.param(each, marks=thorough)
        for each in (*STORAGE_UNHANDLED, *STORAGE_HANDLED, *STORAGE_KILLS)
    ],
)
def test_a_request_to_the_storage_meets_its_fault(site: Site, fault: str) -> None:
    """A kill ends the run; anything else is repeated, without a pause."""
    declared = Declared(f"i{site.seed}", V2, state=site.store_remotely())
    write(declared, site.project, site.faults.url)
    ended = disturbed(site, APPLY, stored={("any", 1): fault})

    assert ended.code == (KILLED if fault in STORAGE_KILLS else 0)
    assert site.hurt[f"storage {fault}"] == 1


def test_a_clock_can_jump(site: Site) -> None:
    """The state's own times show it."""
    disturbed(site, APPLY, clock=-36_000_000.0)
    (revision,) = (site.project / ".provisioner" / "test" / "history" / "revisions").iterdir()
    written = json.loads(revision.read_text(encoding="utf-8"))["revision"]
    made = datetime.fromisoformat(written["created"])
    assert datetime.now(timezone.utc) - made > timedelta(days=400)
