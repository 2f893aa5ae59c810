"""A few cases of the suite, always the same; `script/faults` runs them by the thousand."""

from __future__ import annotations

import pytest
from bench import Bench, LostError
from case import FIRST_LEASE, kind, run_case
from cases import KINDS
from matrix import OPERATIONS, Spot

RANDOM = range(3 * len(KINDS))

MATRIX = tuple(
    Spot(operation, at, what)
    for number, operation in enumerate(OPERATIONS)
    for at, what in ((20 + number, "after"), (16 + number, "full"), (3, "kill-after"))
)
"""A kill, a full disk and a lost answer in the midst of each operation."""

LEASE = (
    FIRST_LEASE + 2,
    FIRST_LEASE + 5,
    pytest.param(FIRST_LEASE + 1, marks=pytest.mark.thorough),
)
"""A lease that is broken, a kill, and somebody else's state."""


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(each, marks=pytest.mark.thorough) if each >= len(KINDS) else each
        for each in RANDOM
    ],
    ids=lambda seed: f"{seed}-{kind(seed).replace(' ', '-')}",
)
def test_nothing_is_lost_of_a_project_made_up_at_random(bench: Bench, seed: int) -> None:
    """After faults undisturbed runs end with one object per address, and nothing else touched."""
    run_case(bench, seed).clear()


@pytest.mark.parametrize(
    "spot", MATRIX, ids=lambda spot: f"{spot.operation.name}-{spot.at}-{spot.what}"
)
def test_nothing_is_lost_at_a_boundary_of_any_operation(bench: Bench, spot: Spot) -> None:
    """The run that is hurt there is finished by the next."""
    site = run_case(bench, spot.seed)
    site.clear()

    assert site.hurt, "the boundary was never reached"


@pytest.mark.parametrize("seed", LEASE, ids=lambda seed: f"{seed}-{kind(seed)[7:]}")
def test_nothing_is_lost_of_a_state_in_azure_blob_storage(bench: Bench, seed: int) -> None:
    """A lease that is broken, a kill, another's state: undisturbed runs end as if it was local."""
    site = run_case(bench, seed)
    site.clear()

    assert site.hurt, "the fault never came"


def test_a_case_is_named_by_its_number_alone() -> None:
    """What a failure names can be run again."""
    spot = Spot(OPERATIONS[2], 17, "kill-after")
    assert spot.seed == 301721
    assert Spot.of(spot.seed) == spot


def test_what_is_lost_is_told_with_the_whole_story(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seed, commands, requests and faults: enough to see what happened."""
    monkeypatch.setattr("oracle.tidy", _never_tidy)
    with pytest.raises(LostError) as lost:
        run_case(bench, Spot(OPERATIONS[0], 3, "kill-after").seed)

    told = str(lost.value)
    assert told.startswith("seed 100321 (create: requests): untidy\n")
    assert "POST /openai/files  <- kill-after" in told
    assert "$ provisioner apply --auto-approve" in told


def _never_tidy(_site: object) -> None:
    raise LostError("untidy")
