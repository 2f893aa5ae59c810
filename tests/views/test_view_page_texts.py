"""Texts side by side, as the HTML page shows them."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from provisioner.views.alignment import lines
from provisioner.views.page.spans import Span, spans
from provisioner.views.page.texts import Line, Row, text_diff

TEXTS = st.lists(st.text("ab ,", max_size=12), max_size=40).map("\n".join)
VALUE = "(sensitive:token:0123456789abcdef)"


def written(found: Iterable[Span]) -> str:
    """Give the text of spans, spaces as they were."""
    return "".join(each.text for each in found).replace("␣", " ")


def side(rows: Iterable[Row], name: str) -> list[tuple[int, str]]:
    """Give the numbered lines of one side, folded ones too."""
    found = []
    for row in rows:
        line: Line | None = getattr(row, name)
        if line is None:
            continue
        texts = written(row.folded).split("\n") if row.folded else [written(line.spans)]
        found += list(enumerate(texts, line.number))
    return found


def shown(before: str, after: str) -> list[tuple[str, str | None, str | None]]:
    """Give the rows as mark, before and after."""
    rows = text_diff(before, after).rows
    sides = ((row.mark, row.before, row.after) for row in rows)
    return [
        (mark, *(None if line is None else written(line.spans) for line in both))
        for mark, *both in sides
    ]


@given(TEXTS, TEXTS)
def test_nothing_is_lost(before: str, after: str) -> None:
    """Both texts can be read in full, each line with its number."""
    rows = text_diff(before, after).rows

    assert side(rows, "before") == list(enumerate(lines(before), 1))
    assert side(rows, "after") == list(enumerate(lines(after), 1))


def test_lines_that_come_stand_beside_those_that_go() -> None:
    """Also where they have nothing in common; what has no counterpart stands alone."""
    assert shown("same\nBe kind.\nGo.", "same\nStay here.") == [
        ("same", "same", "same"),
        ("changed", "Be kind.", "Stay here."),
        ("changed", "Go.", None),
    ]


def test_changed_words_are_marked_on_their_side() -> None:
    """What goes is marked before, what comes after."""
    (row,) = text_diff("Answer in English only.", "Answer in French only.").rows
    assert row.before
    assert row.after
    assert [each.text for each in row.before.spans if each.tag] == ["English"]
    assert [each.tag for each in row.before.spans] == ["", "del", ""]
    assert [each.text for each in row.after.spans if each.tag] == ["French"]
    assert [each.tag for each in row.after.spans] == ["", "ins", ""]


def test_whitespace_is_named() -> None:
    """In the line that it changes, for a whole text, and where only the last newline differs."""
    row, _ = text_diff("Be  kind.\nGo.", "Be kind.\nStay here.").rows
    assert row.note == "only whitespace differs"
    assert text_diff("Be kind.\n\nGo.", "Be kind.\nGo.").note == "only whitespace differs"
    assert text_diff("Be kind.\n", "Be kind.").note == "no newline at the end any more"
    assert text_diff("Be kind.", "Be rude.").note is None


def test_spaces_that_are_the_change_can_be_seen() -> None:
    """Each space, tab and other blank has a sign of its own."""
    assert [each.text for each in spans(" \t\xa0", "ins")] == ["␣\\t\\xa0"]
    assert [each.text for each in spans(" \t\xa0")] == [" \t\xa0"]


def test_far_lines_are_folded() -> None:
    """Three lines stay on both sides of a change; one more is not worth a fold."""
    text = [f"line {number}" for number in range(20)]
    rows = text_diff("\n".join(text), "\n".join([*text, "more"])).rows
    assert [row.mark for row in rows] == ["folded", "same", "same", "same", "changed"]
    assert rows[0].count == 17

    rows = text_diff("\n".join(text[:4]), "\n".join([*text[:4], "more"])).rows
    assert [row.mark for row in rows] == ["same"] * 4 + ["changed"]


def test_placeholders_stand_apart() -> None:
    """What is sensitive is told by the name of its variable, and by a part of the hash."""
    found = list(spans(f"Use {VALUE}."))
    assert [(each.text, each.is_sensitive) for each in found] == [
        ("Use ", False),
        ("token 012345", True),
        (".", False),
    ]
