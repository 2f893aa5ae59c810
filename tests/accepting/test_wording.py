"""Live texts in the words of manifests: variables stay, unless what they fill in was edited."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.accepting.wording import UnwordableError, worded, worded_text
from provisioner.manifest.variables import Scalar, fill_text

VALUES: dict[str, Scalar] = {"who": "all", "n": 5, "lines": "one\ntwo", "none": ""}


@pytest.mark.parametrize(
    ("written", "live", "said"),
    [
        ("For ${var.who}.", "For all!", "For ${var.who}!"),
        ("For ${var.who}.", "Not for all.", "Not for ${var.who}."),
        ("For ${var.who}, ${var.n}.", "For all, or 5.", "For ${var.who}, or ${var.n}."),
        ("a\n${var.who}\nb\n", "a\nx\nall\nb\nc\n", "a\nx\n${var.who}\nb\nc\n"),
        ("a ${var.lines} b\nc", "a one\ntwo b\nd", "a ${var.lines} b\nd"),
        (
            "$${var.n} of ${var.n}",
            "${var.n} and ${var.n} of 5",
            "$${var.n} and $${var.n} of ${var.n}",
        ),
        ("$${var.n} of ${var.n}", " of 5", " of ${var.n}"),
        ("Plain", "Asks for ${var.n}", "Asks for $${var.n}"),
    ],
)
def test_what_is_beside_a_variable_can_be_edited(written: str, live: str, said: str) -> None:
    """It is kept as it is written; what looks like one is escaped."""
    assert worded_text(written, live, VALUES) == said
    assert fill_text(said, VALUES) == live


@pytest.mark.parametrize(
    ("written", "live"),
    [
        ("For ${var.who}.", "For nobody."),
        ("For ${var.who}.", "For ."),
        ("${var.n}", ""),
        ("For ${var.who}", "For alll"),
        ("${var.n}5", "555"),
        ("${var.n}5", "5"),
        ("Empty: ${var.none}", "Empty: no"),
        ("${var.lines}", "one\nthree\ntwo"),
    ],
)
def test_what_a_variable_fills_in_can_not(written: str, live: str) -> None:
    """Nor what can be told apart from it in two ways."""
    with pytest.raises(UnwordableError):
        worded_text(written, live, VALUES)


@pytest.mark.parametrize(
    ("written", "live", "said"),
    [
        (1.0, 1, 1.0),
        ({"a": "${var.who}", "b": 1}, {"a": "all", "c": "$"}, {"a": "${var.who}", "c": "$"}),
        (["${var.who}", "x"], ["all", "y"], ["${var.who}", "y"]),
        (["${var.who}", "x"], ["x", "all", "z"], ["x", "${var.who}", "z"]),
        (None, {"a": ["${var.n}"]}, {"a": ["$${var.n}"]}),
        ({"a": "x ${var.who}"}, {"a": "y all"}, {"a": "y ${var.who}"}),
    ],
)
def test_values_with_parts_are_worded_part_by_part(written: Any, live: Any, said: Any) -> None:
    """What hasn't changed stays as it is written."""
    assert worded(written, live, VALUES) == said


@pytest.mark.parametrize(
    ("written", "live"), [("${var.n}", 6), (["${var.who}"], []), ({"a": "${var.n}"}, "x")]
)
def test_a_variable_that_would_go_is_in_the_way(written: Any, live: Any) -> None:
    """It isn't replaced by its value."""
    with pytest.raises(UnwordableError):
        worded(written, live, VALUES)


PIECES = st.sampled_from(
    ["${var.who}", "${var.n}", "$${var.n}", "a", "ll", "5", "\n", " ", "$", "{"]
)


@settings(max_examples=500, deadline=None)
@given(st.lists(PIECES).map("".join), st.lists(PIECES).map("".join), st.integers(0), st.integers(0))
def test_what_is_said_becomes_what_is_live_and_keeps_every_variable(
    written: str, inserted: str, start: int, length: int
) -> None:
    """Or it is refused."""
    filled = fill_text(written, VALUES)
    at = start % (len(filled) + 1)
    live = filled[:at] + inserted + filled[at + length % 3 :]

    try:
        said = worded_text(written, live, VALUES)
    except UnwordableError:
        return

    assert fill_text(said, VALUES) == live
    for reference in ("${var.who}", "${var.n}"):
        escaped = f"${reference}"
        before = written.count(reference) - written.count(escaped)
        assert said.count(reference) - said.count(escaped) == before
