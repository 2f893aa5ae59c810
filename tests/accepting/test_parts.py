"""Edited instructions shared out to the parts that they are composed of."""

from __future__ import annotations

import pytest

from provisioner.accepting.instructions import _shared_out

PARTS = ["One.\n\nTwo.", "Three.", "Four.\nFive."]


@pytest.mark.parametrize(
    ("live", "said"),
    [
        ("One.\n\nTwo.\n\nThree.\n\nFour.\nFive.", PARTS),
        ("One!\n\nTwo.\n\nThree.\n\nFour.\nFive!", ["One!\n\nTwo.", "Three.", "Four.\nFive!"]),
        ("One.\n\nTwo.\nx\n\nThree.\n\nFour.\nFive.", ["One.\n\nTwo.\nx", "Three.", PARTS[2]]),
        ("One.\n\nTwo.\n\nThree.\n\nFour.\nFive.\n\nx", [*PARTS[:2], "Four.\nFive.\n\nx"]),
        ("x\nOne.\n\nTwo.\n\nThree.\n\nFive.", ["x\nOne.\n\nTwo.", "Three.", "Five."]),
    ],
)
def test_each_part_gets_its_own_lines(live: str, said: list[str]) -> None:
    """Lines that are new at the border of two belong to the one before."""
    assert _shared_out(PARTS, live) == said


@pytest.mark.parametrize("live", ["Something else.", "One.\n\nTwo. Three.\n\nFour.\nFive."])
def test_an_edit_that_goes_beyond_a_part_is_nobodys(live: str) -> None:
    """Nobody could say how to cut it."""
    assert _shared_out(PARTS, live) is None
