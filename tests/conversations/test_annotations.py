"""Annotations: marks in answers become numbers, and numbers footnotes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from provisioner.conversation import Annotation, Text
from provisioner.conversations.annotations import resolve
from provisioner.conversations.turn import Footnote

NAMES = {"f1": "facts.txt", "f2": "sales.csv", "gone": None}


def cited(mark: str, at: int, file: str = "f1", quote: str = "") -> Annotation:
    """Cite a file at a place."""
    return Annotation(mark, at, at + len(mark), file, is_path=False, quote=quote)


def path(mark: str, at: int, file: str = "f2") -> Annotation:
    """Lead to a produced file at a place."""
    return Annotation(mark, at, at + len(mark), file, is_path=True)


def resolved(value: str, *annotations: Annotation) -> tuple[str, tuple[Footnote, ...]]:
    """Resolve one text."""
    (text,), footnotes = resolve([Text(value, annotations)], NAMES)
    return text, footnotes


def test_marks_become_numbered_footnotes_with_file_names() -> None:
    """As in Azure's page: counted from 0, in the order of the annotations."""
    value = "Look【13†source】 and at sandbox:/mnt/data/a.csv."
    text, footnotes = resolved(
        value,
        cited("【13†source】", 4, quote="It is so."),
        path("sandbox:/mnt/data/a.csv", value.index("sandbox")),
    )

    assert text == "Look [0] and at [1]."
    assert footnotes == (
        Footnote(0, "f1", "facts.txt", is_path=False, quote="It is so."),
        Footnote(1, "f2", "sales.csv", is_path=True, quote=""),
    )


def test_what_is_cited_twice_has_one_number() -> None:
    """Wherever in the answer, and in whichever of its texts."""
    texts, footnotes = resolve(
        [Text("a[x]b[y]", (cited("[x]", 1), cited("[y]", 5))), Text("c[z]", (cited("[z]", 1),))],
        NAMES,
    )

    assert texts == ["a [0]b [0]", "c [0]"]
    assert len(footnotes) == 1


def test_one_mark_may_stand_for_two_files() -> None:
    """Where the places are told, each place has its own file."""
    text, _ = resolved("a[x] b[x]", cited("[x]", 1, "f1"), cited("[x]", 6, "f2"))

    assert text == "a [0] b [1]"


def test_a_mark_inside_a_longer_one_is_left_alone() -> None:
    """The longest marks are looked for first, also where no place is right."""
    text, _ = resolved(
        "s:/a.csv.zip and s:/a.csv", path("s:/a.csv", 900, "f1"), path("s:/a.csv.zip", 900, "f2")
    )

    assert text == " [1] and [0]"


def test_marks_that_overlap_make_way_together() -> None:
    """Nothing of either is left, and both numbers are there."""
    text, _ = resolved("so【1†a】【2】.", cited("【1†a】【", 2, "f1"), cited("】【2】", 6, "f2"))

    assert text == "so [0] [1]."


def test_a_mark_is_found_where_its_place_is_wrong() -> None:
    """Some services count otherwise; every occurrence makes way then."""
    text, _ = resolved("😀 one【1】 two【1】", cited("【1】", 0))

    assert text == "😀 one [0] two [0]"


def test_a_link_to_a_mark_makes_way_whole() -> None:
    """Its words stay."""
    text, _ = resolved("Get [the file](s:/a.csv), please.", path("s:/a.csv", 15))

    assert text == "Get [the file] [0], please."


def test_a_file_that_is_gone_has_a_footnote_without_a_name() -> None:
    """And so has a mark that isn't in the text at all."""
    text, footnotes = resolved("Look.", cited("【1】", 0, "gone"))

    assert text == "Look."
    assert footnotes == (Footnote(0, "gone", None, is_path=False, quote=""),)


marks = st.text("ab【】(", max_size=4)
annotations = st.builds(
    Annotation,
    marks,
    st.integers(-3, 12),
    st.integers(-3, 12),
    st.sampled_from(["f1", "f2"]),
    st.booleans(),
    st.just(""),
)


@given(st.text("ab【】]()", max_size=10), st.lists(annotations, max_size=4))
def test_whatever_is_annotated_no_mark_is_left_beside_its_number(
    value: str, given: list[Annotation]
) -> None:
    """And nothing else than marks, and blanks before them, is lost."""
    (text,), _ = resolve([Text(value, tuple(given))], NAMES)

    if not any(each.mark and each.mark in value for each in given):
        assert text == value
    else:
        assert "[0]" in text or "[1]" in text or "[2]" in text or "[3]" in text
