"""The line of a diagnostic: what of it is shown, and where the mark stands."""

from __future__ import annotations

import json

import pytest
from wcwidth import wcswidth

from provisioner.diagnostics import Position, error
from provisioner.source import Source
from provisioner.views import diagnostics


def shown(line: str, column: int, end: int | None = None) -> tuple[str, str]:
    """Show a diagnostic of a manifest's only line; give the line and the mark without gutter."""
    place = Position("a.yaml", 1, column, (1, end) if end else None)
    found = [error("M101", "Unknown field", "No.", place)]
    text = diagnostics.text(found, {"a.yaml": Source.of(line)}, color=False)
    _, above, below, _ = text.split("\n", 3)
    assert above.startswith("  1 | ")
    assert below.startswith("    | ")
    return above[6:], below[6:]


def marked(line: str, column: int, end: int | None = None) -> str:
    """Give what stands above the mark, column by column of a terminal."""
    above, below = shown(line, column, end)
    start, size = len(below) - len(below.lstrip()), below.count("^")
    begin = next(at for at in range(len(above) + 1) if wcswidth(above[:at]) == start)
    return next(
        above[begin:at] for at in range(len(above), begin, -1) if wcswidth(above[begin:at]) == size
    )


@pytest.mark.parametrize(
    ("before", "what"),
    [
        ("  ", "temprature"),
        ("\t", "temprature"),
        ("a: {名前: ", "日本語"),
        ("e\u0301\u0301: ", "o\u0308p"),
        ("😀 👨‍👩‍👧: ", "👍🏽"),
        ("\x1b[2J", "word"),
        ("\u202eabc\u202c: ", "d\u2066e"),
        ("\u00a0\u200b: ", "x"),
    ],
)
def test_the_mark_stands_under_its_value(before: str, what: str) -> None:
    """Also behind tabs, wide and combining characters, and what is shown as an escape."""
    line = f"{before}{what}: after"
    start = len(before) + 1

    under = marked(line, start, start + len(what))

    assert under == what.replace("\u2066", "\\u2066")


def test_what_could_move_the_cursor_is_shown_as_an_escape() -> None:
    """Nothing of a manifest reaches the terminal as a control character."""
    above, _ = shown("a: \x1b[31m\u202e\x9b\x07", 1)

    assert above == "a: \\x1b[31m\\u202e\\x9b\\x07"


def test_where_the_end_is_unknown_one_character_is_marked() -> None:
    """And at the end of a line the place behind it."""
    assert shown("spec: x", 1) == ("spec: x", "^")
    assert shown("spec", 5) == ("spec", "    ^")
    assert shown("spec", 99) == ("spec", "    ^")


def test_what_goes_on_below_is_marked_to_the_end_of_its_line() -> None:
    """Blanks at the end aside."""
    place = Position("a.yaml", 1, 4, (3, 2))
    sources = {"a.yaml": Source.of("a: {b: 1,  \r\nc: 2\r\n}\r\n")}
    text = diagnostics.text([error("M101", "S", "D", place)], sources, color=False)

    assert text.split("\n")[1:3] == ["  1 | a: {b: 1,", "    |    ^^^^^^"]


@pytest.mark.parametrize("fill", ["x", "日", "e\u0301", "\x1b", "\u0301"])
@pytest.mark.parametrize("at", [0, 500, 999])
def test_a_long_line_is_cut_around_the_mark(fill: str, at: int) -> None:
    """What is left out shows as an ellipsis, and the row stays a row."""
    line = fill * at + "!HERE!" + fill * (999 - at)
    column = len(fill) * at + 1

    above, below = shown(line, column, column + 6)

    assert marked(line, column, column + 6).strip("\u0301") == "!HERE!"
    assert wcswidth(above) <= 90
    assert len(above) <= 90
    assert above.startswith("…") is (at > 0)
    assert above.endswith("…") is (at < 999)
    assert below.strip() == "^" * 6


def test_a_value_longer_than_the_row_is_marked_as_far_as_it_is_shown() -> None:
    """The mark ends with what is shown."""
    above, below = shown("a: " + "x" * 1000, 4, 1004)

    assert len(above) - len("…") == len(below)


@pytest.mark.parametrize("text", ["", "\n\n", "a: 1\n"])
def test_a_line_that_is_not_there_any_more_is_not_shown(text: str) -> None:
    """The manifest may have changed; nothing is guessed."""
    place = Position("a.yaml", 2, 1)
    found = [error("M101", "Unknown field", "No.", place)]

    shown = diagnostics.text(found, {"a.yaml": Source.of(text)}, color=False)

    assert shown == "a.yaml:2:1: error M101: Unknown field\n  No.\n"


def test_programs_are_given_characters_and_bytes() -> None:
    """Offsets of the snippet count characters of its code, `byte` those of the file."""
    sources = {"a.yaml": Source.of("ä: 1\r\nß: 😀 value\n")}
    found = [error("M101", "S", "D", Position("a.yaml", 2, 6, (2, 11)))]

    (each,) = json.loads(diagnostics.as_json(found, sources))["diagnostics"]

    assert each["range"]["start"] == {"line": 2, "column": 6, "byte": 16}
    assert each["range"]["end"] == {"line": 2, "column": 11, "byte": 21}
    snippet = each["snippet"]
    code = snippet["code"]
    assert code == "ß: 😀 value"
    assert code[snippet["highlight_start_offset"] : snippet["highlight_end_offset"]] == "value"


def test_a_huge_line_costs_programs_little() -> None:
    """Of a line as long as a file the part around the place is given."""
    line = "x" * 1_000_000 + "HERE" + "x" * 1_000_000
    found = [error("M101", "S", "D", Position("a.yaml", 1, 1_000_001, (1, 1_000_005)))]

    (each,) = json.loads(diagnostics.as_json(found, {"a.yaml": Source.of(line)}))["diagnostics"]

    snippet = each["snippet"]
    assert len(snippet["code"]) <= 400
    start, end = snippet["highlight_start_offset"], snippet["highlight_end_offset"]
    assert snippet["code"][start:end] == "HERE"
