"""Diagnostics as workflow commands: what GitHub Actions makes of them."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.address import Address
from provisioner.diagnostics import Position, error, warning
from provisioner.views import github

COMMAND = re.compile(r"::(error|warning) ([^:]*)::(.*)")
SAMPLES = [
    warning("M402", "May be too long", "100 % is 32,768.", Position("a.yaml", 3, 3)),
    error(
        "M101",
        "Unknown field",
        "No modell.\n\nDid you mean: model?",
        Position("b,c:d.yaml", 2, 3, (2, 9)),
    ),
    error(
        "M105",
        "Wrong size",
        "Too long.",
        Position("a.yaml", 1, 4, (3, 2)),
        Address("assistant", "bot"),
    ),
    error("M010", "No project here", "Begin one."),
]


def test_annotations_read_as_they_should(golden: Callable[[str, str], None]) -> None:
    """Errors come first, and a line that counts comes last."""
    golden("diagnostics.github", github.render(SAMPLES, "infra/"))


def test_nothing_wrong_is_said_too() -> None:
    """One line, and no annotation."""
    assert github.render([], "") == "validate: no problems.\n"


def test_columns_are_for_what_stands_on_one_line() -> None:
    """GitHub takes them for no other."""
    places = [found[2] for found in COMMAND.finditer(github.render(SAMPLES, ""))]

    assert "line=2,endLine=2,col=3,endColumn=9" in places[1]
    assert "line=1,endLine=3,title" in places[0]


@pytest.mark.parametrize(("count", "said"), [(10, False), (11, True)])
def test_more_annotations_than_github_shows_are_mentioned(count: int, said: bool) -> None:
    """All stand in the log; the first ten of a type beside the change."""
    text = github.render([error("M101", "Unknown field", f"No {n}.") for n in range(count)], "")

    assert text.count("::error ") == count
    assert ("GitHub annotates the first 10" in text) is said


@given(text=st.text(), path=st.text(min_size=1))
def test_no_text_smuggles_a_command_in(text: str, path: str) -> None:
    """Whatever a manifest says, there is one command, and its parts come back as they were."""
    written = github.render([error("M101", text, f"::add-mask::{text}", Position(path, 1, 1))], "")

    first, last, rest = written.split("\n", 2)
    assert (last, rest) == ("validate: 1 error.", "")
    assert "\r" not in first
    found = COMMAND.fullmatch(first)
    assert found
    properties = dict(each.split("=", 1) for each in found[2].split(","))
    assert properties.keys() == {"file", "line", "endLine", "col", "endColumn", "title"}


def test_escapes_are_those_that_github_undoes() -> None:
    """A percent sign first, or what was one would become something else."""
    hostile = error("M101", "a:b,c%0A", "100 %0A\r\n::set-output::", Position("a%2C,b.yaml", 1, 1))

    command = github.render([hostile], "").split("\n")[0]

    assert command == (
        "::error file=a%252C%2Cb.yaml,line=1,endLine=1,col=1,endColumn=1,"
        "title=M101 a%3Ab%2Cc%250A::100 %250A\\r%0A::set-output::"
    )
