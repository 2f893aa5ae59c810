"""Texts beside what they become: `=== name`, the text, `~~~` with the data, and what is written."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from provisioner.editing.documents import edited
from provisioner.editing.extents import Unplaceable
from provisioner.manifest.yaml_nodes import parse

GOLDEN = (Path(__file__).parent / "golden/edits.txt").read_text(encoding="utf-8")
PAIR = re.compile(r"^=== (.+)\n((?s:.*?))^~~~ (.+)\n((?s:.*?))(?=^=== |\Z)", re.MULTILINE)


def data(text: str) -> Any:
    """Read the first document of a text."""
    return parse(text)[0][0].data


@pytest.mark.parametrize(
    ("before", "becomes", "after"),
    [pytest.param(*each[1:], id=each[0]) for each in PAIR.findall(GOLDEN)],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_an_edit_writes_what_people_would_write(
    before: str, becomes: str, after: str, line_end: str
) -> None:
    """Whatever ends the lines."""
    written = before.replace("\n", line_end)

    assert edited(written, data(written), json.loads(becomes)) == after.replace("\n", line_end)


def test_no_pair_is_overlooked() -> None:
    """Every name has its pair."""
    assert len(PAIR.findall(GOLDEN)) == len(re.findall(r"^=== ", GOLDEN, re.MULTILINE))


@pytest.mark.parametrize(
    ("text", "becomes", "at"),
    [
        ("a: &x one\nb: *x\n", {"a": "two", "b": "one"}, "a:"),
        ("a: &x {y: 1}\nb: *x\n", {"a": {"y": 1}, "b": {"y": 2}}, "*x"),
        ("a: &x {y: 1}\nb: {<<: *x, z: 1}\n", {"a": {"y": 1}, "b": {"z": 1}}, "{<<"),
        ("a:\n  b: 1  # one\n  c: 2\n", {"a": "x"}, "b: 1"),
        ("a: 1\r\nb: 2\n", {"a": 2, "b": 2}, "a: 1"),
        ("- a: 1 # one\n  b: 2\n", [{"b": 2}], "# one"),
    ],
)
def test_what_can_not_be_edited_safely_is_refused(text: str, becomes: Any, at: str) -> None:
    """With the place where it stands."""
    with pytest.raises(Unplaceable) as refusal:
        edited(text, data(text), becomes)

    assert text[refusal.value.offset :].lstrip().startswith(at)


def test_other_documents_of_the_file_stay_byte_for_byte() -> None:
    """Also those that hold nearly the same."""
    text = "# top\nk: {a: 1}\n--- # second\nk: {a: 2 }\n...\n---\nother: !x [1]\n"
    text = text.replace("!x ", "")
    made = edited(text, {"k": {"a": 2}}, {"k": {"a": 3}})

    assert made == text.replace("2 ", "3 ")


@pytest.mark.parametrize(
    ("before", "becomes", "after"),
    [
        ("a: |-\n  One.", {"a": "One.\nTwo.\n"}, "a: |\n  One.\n  Two.\n"),
        ("a: b   \nc: 1", {"a": "x\ny\n", "c": 1}, "a: |\n  x\n  y\nc: 1"),
        ("a: b   \nc: 1", {"a": "x", "c": 2}, "a: x   \nc: 2"),
        ("a: 1", {"a": 1, "b": "x\ny\n"}, "a: 1\nb: |\n  x\n  y\n"),
    ],
)
def test_ends_of_lines_and_files_are_no_part_of_a_text(
    before: str, becomes: Any, after: str
) -> None:
    """A newline is added only where a block text needs it."""
    assert edited(before, data(before), becomes) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a:\n  - b\nc: 1\n", "a: []\nc: 1\n"),
        ("a:  # why\n  - b\nc: 1\n", "a:  # why\n  []\nc: 1\n"),
        ("a:\n  # why:\n  - b\nc: 1\n", "a:\n  # why:\n  []\nc: 1\n"),
    ],
)
def test_a_list_that_is_emptied_becomes_brackets(before: str, after: str) -> None:
    """Behind its key, unless a comment stands between."""
    assert edited(before, data(before), {"a": [], "c": 1}) == after


@pytest.mark.parametrize(
    ("before", "becomes", "after"),
    [
        ("a: 1", {"a": 1, "b": "x\ny\n"}, "a: 1\nb: |\n  x\n  y\n"),
        ("a: old", {"a": "x\ny\n"}, "a: |\n  x\n  y\n"),
        ("a: |\n  x\n\n\nb: 1\n", {"a": "x\n\n", "b": 1}, 'a: "x\\n\\n"\n\n\nb: 1\n'),
        ("a: x\n  # deep\nb: 1\n", {"a": "x\ny", "b": 1}, 'a: "x\\ny"\n  # deep\nb: 1\n'),
        ("a: 1\n\n---\nb: 1\n", {"a": 1, "c": "x\n\n"}, 'a: 1\nc: "x\\n\\n"\n\n---\nb: 1\n'),
        (
            "a:\n  - b\n      # deep\n",
            {"a": ["b", "x\ny\n"]},
            'a:\n  - b\n  - "x\\ny\\n"\n      # deep\n',
        ),
    ],
)
def test_a_text_is_written_so_that_it_takes_in_nothing_else(
    before: str, becomes: Any, after: str
) -> None:
    """Neither the blank lines and comments behind it, nor a newline fewer than it has."""
    assert edited(before, data(before), becomes) == after
