"""Texts: line by line, word by word, folded, and never ambiguous."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from provisioner.views.prose import block, difference
from provisioner.views.style import painter
from provisioner.views.words import WIDTH, Piece, changed_words, fold

LINES = st.text(st.sampled_from("ab ,\t"), max_size=60)


def shown(before: str, after: str) -> list[str]:
    """Give the rows of a difference without colours."""
    return [row.paint(painter(color=False))[2:] for row in difference(before, after)]


def test_words_are_marked_inside_their_line() -> None:
    """A line that changed a little is shown once, its old and new words side by side."""
    rows = shown("Answer briefly and in English.\n", "Answer briefly and in French.\n")
    assert rows == ["~ Answer briefly and in [-English-]{+French+}."]


def test_colons_beside_changed_words_stay() -> None:
    """They command no pipeline: a mark stands before them on their line."""
    rows = shown("Prefer std::vector in all examples.\n", "Prefer my::vector in all examples.\n")
    assert rows == ["~ Prefer [-std-]{+my+}::vector in all examples."]


def test_lines_that_differ_altogether_are_old_and_new() -> None:
    """Words are marked only where two lines have enough in common."""
    assert shown("Be kind.\nGo.", "Be kind.\nStay here.") == ["  Be kind.", "- Go.", "+ Stay here."]


def test_markers_in_the_text_are_never_taken_for_ours() -> None:
    """A line that holds a marker itself is shown as old and new."""
    before, after = "Write {+new+} for a new word.", "Write {+new+} for a fresh word."
    assert shown(f"{before}\n", f"{after}\n") == [f"- {before}", f"+ {after}"]


def test_remarks_cannot_be_forged() -> None:
    """A text that reads like a remark stands a mark's width away from where remarks stand."""
    assert shown("… 9 unchanged lines\na", "… 9 unchanged lines\nb")[0] == "  … 9 unchanged lines"


def test_unchanged_lines_far_away_are_counted() -> None:
    """Two lines on either side of a change are shown, the others counted."""
    lines = [f"line {number}" for number in range(20)]
    after = [*lines[:10], "something else altogether", *lines[10:]]
    assert shown("\n".join(lines), "\n".join(after)) == [
        "… 8 unchanged lines",
        "  line 8",
        "  line 9",
        "+ something else altogether",
        "  line 10",
        "  line 11",
        "… 8 unchanged lines",
    ]


def test_one_line_is_shown_rather_than_counted() -> None:
    """A count of one line would take as much room as the line."""
    assert shown("a\nb\nc\nX", "a\nb\nc\nY") == ["  a", "  b", "  c", "- X", "+ Y"]


def test_whitespace_is_made_visible() -> None:
    """Changes that the eye would miss are marked and said to be nothing else."""
    remark = "… only whitespace differs in this line"
    assert shown("a b c\n", "a  b c\n") == ["~ a[- -]{+  +}b c", remark]
    assert shown("\ta\n", "    a\n") == ["~ [-\\t-]{+    +}a", remark]
    assert shown("a \nb\n", "a\nb\n") == ["~ a[- -]", remark, "  b"]


def test_a_newline_at_the_end_is_spoken_of_when_it_comes_or_goes() -> None:
    """The last newline can't be seen, so that its change is said."""
    assert shown("a\n", "a") == ["  a", "… no newline at the end any more"]
    assert shown("a", "a\n") == ["  a", "… a newline is added at the end"]
    assert shown("a\n", "a\n\n") == ["  a", "+"]
    assert shown("", "a\n") == ["+ a"]


def test_carriage_returns_are_seen() -> None:
    """A change of line ends is visible as such."""
    assert shown("a\r\n", "a\n") == [
        "~ a[-\\r-]",
        "… only whitespace differs in this line",
    ]


def test_ideographs_are_words() -> None:
    """In scripts without spaces the characters are compared."""
    assert shown("请用中文回答问题。\n", "请用英文回答问题。\n") == [
        "~ 请用[-中-]{+英+}文回答问题。"
    ]


def test_a_long_line_is_cut_around_its_changes() -> None:
    """Of a paragraph on one line only the surroundings of a change are shown."""
    words = " ".join(f"word{number}" for number in range(200))
    (row,) = shown(f"{words}\n", words.replace("word100 ", "this one ") + "\n")
    assert row.startswith("~ … word9")
    assert "word99 [-word100-]{+this one+} word101" in row
    assert row.endswith(" …")
    assert len(row) <= WIDTH + 20


def test_unchanged_long_lines_are_only_begun() -> None:
    """A paragraph that is there for orientation takes one row."""
    rows = shown("word " * 100 + "\nold", "word " * 100 + "\nnew words")
    assert len(rows) == 3
    assert rows[0].endswith(" …")


def test_a_whole_text_is_folded() -> None:
    """Rows that go on are marked, so that they can't be taken for lines of the text."""
    rows = [row.mark for row in block("word " * 40 + "\nshort\n" + "x" * 200)]
    assert rows == [" ", "↳", "↳", " ", " ", "↳", "↳"]


@given(st.text(st.characters(), max_size=300))
def test_folding_loses_nothing(text: str) -> None:
    """The rows of a folded text put together are the text."""
    rows = fold((Piece("", text),))
    assert "".join(piece.text for row in rows for piece in row) == text
    assert all(len("".join(piece.text for piece in row).rstrip()) <= WIDTH for row in rows)


@given(LINES, LINES)
def test_both_texts_can_be_read_from_marked_words(before: str, after: str) -> None:
    """Without the marked words of one side a row is the other side."""
    rows = changed_words(before, after)
    if rows is None or len(before) + len(after) > WIDTH:
        return
    pieces = [piece for row in rows for piece in row]
    old = "".join(piece.text.strip("[-]") for piece in pieces if piece.role != "added")
    new = "".join(piece.text.strip("{+}") for piece in pieces if piece.role != "removed")
    assert old.replace("\\t", "\t") == before
    assert new.replace("\\t", "\t") == after


def test_large_texts_are_compared_quickly() -> None:
    """Texts as long as the service takes them don't keep anybody waiting."""
    lines = [
        f"{number} rule about {number % 7} things of {number % 11} kinds" for number in range(4000)
    ]
    rewritten = [line.replace("rule", "law").replace("things", "matters") for line in lines]
    paragraphs = " ".join(lines), " ".join(reversed(rewritten))
    began = time.process_time()
    difference("\n".join(lines), "\n".join(rewritten))
    difference(*paragraphs)
    difference("a b " * 60_000, "b a c " * 40_000)
    assert time.process_time() - began < 10


def test_whitespace_in_a_line_with_markers_is_old_and_new() -> None:
    """Even where only whitespace differs, a marker in the text must not mislead."""
    assert shown("{+ a\n", "{+  a\n") == ["- {+ a", "+ {+  a"]


def test_what_stands_next_to_an_added_first_or_last_line_is_shown() -> None:
    """A text that only begins or ends with something new is shown around that place."""
    text = "".join(f"line {number}\n" for number in range(9))
    assert shown(text, f"Hear me first.\n{text}")[:4] == [
        "+ Hear me first.",
        "  line 0",
        "  line 1",
        "… 7 unchanged lines",
    ]
    assert shown(text, f"{text}And last.\n")[-2:] == ["  line 8", "+ And last."]


def test_a_placeholder_is_one_word() -> None:
    """It is never cut in two, and its length doesn't make short lines differ altogether."""
    before, after = (f"(sensitive:token:{digit * 16})" for digit in "01")
    assert shown(f"Use {before}.\n", f"Use {after}.\n") == [f"~ Use [-{before}-]{{+{after}+}}."]
