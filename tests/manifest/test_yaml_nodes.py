"""YAML read strictly: scalars, keys, tags, merges, anchors and bounds."""

from __future__ import annotations

import pytest

from provisioner.manifest.yaml_nodes import Parsed, find, parse, span


def one(text: str) -> Parsed:
    """Read a text that holds one document."""
    [parsed], problem = parse(text)
    assert problem is None
    return parsed


def problems(text: str) -> list[tuple[str, int, int]]:
    """Read a text; give code, line and column of every problem."""
    documents, problem = parse(text)
    every = [each for document in documents for each in document.problems]
    return [
        (each.code, each.line, each.column) for each in (*every, *([problem] if problem else []))
    ]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        *((text, text) for text in ("yes", "no", "on", "Off", "y", "1:30", "2024-01-01", "1_000")),
        *((text, text) for text in ("0b1", "1e", "e1", ".", "+", "nan", "inf", "-0x1", "=")),
        *((text, None) for text in ("", "~", "null", "Null", "NULL")),
        *((text, True) for text in ("true", "True", "TRUE")),
        *((text, False) for text in ("false", "False", "FALSE")),
        ("0", 0),
        ("010", 10),
        ("-12", -12),
        ("+12", 12),
        ("0o17", 15),
        ("0x1F", 31),
        ("1.5", 1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-1.5E-1", -0.15),
        ('"5"', "5"),
        ("'true'", "true"),
        ("!!str 5", "5"),
        ("!!int '5'", 5),
        ("!!float 5", 5.0),
        ("!!bool 'true'", True),
        ("!!null ''", None),
    ],
)
def test_scalars_follow_the_core_schema(written: str, value: object) -> None:
    """YAML 1.2: no yes, no sexagesimals, no dates."""
    read = one(f"a: {written}\n").data["a"]

    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("written", [".nan", ".NaN", ".inf", "-.INF", "+.Inf", "1e400"])
def test_numbers_are_finite(written: str) -> None:
    """JSON has no others."""
    assert problems(f"a: {written}") == [("M027", 1, 4)]


@pytest.mark.parametrize(
    "written", ["!!int x", "!!bool yes", "!!float x", "!!null x", "!!int '1.5'", "9" * 5000]
)
def test_a_value_fits_its_tag(written: str) -> None:
    """And what doesn't is not printed: it may be anything."""
    [problem] = one(f"a: {written}").problems

    assert (problem.code, problem.line, problem.column) == ("M026", 1, 4)
    assert written.rpartition(" ")[2] not in problem.detail


@pytest.mark.parametrize(
    "written",
    ["!foo x", "!foo {x: 1}", "!foo [x]", "!!set {x}", "!!binary aGk=", "!!timestamp 2024-01-01"],
)
def test_unknown_tags_are_refused(written: str) -> None:
    """On scalars, maps and lists alike."""
    assert problems(f"a: {written}") == [("M004", 1, 4)]


@pytest.mark.parametrize("key", ["1", "1.5", "true", "~", "? [a]\n", "? {a: b}\n"])
def test_keys_are_texts(key: str) -> None:
    """JSON has no other keys."""
    assert [code for code, _, _ in problems(f"{key}: x")] == ["M024"]


def test_a_duplicate_key_is_told_at_every_place() -> None:
    """Each place names another one."""
    parsed = one("a: 1\nb: {x: 1,\n  x: 2}\na: 2\na: 3\n")

    places = [
        (each.line, each.column, each.detail.split("again at ")[1][:6]) for each in parsed.problems
    ]
    assert places == [
        (2, 5, "line 3"),
        (3, 3, "line 2"),
        (1, 1, "line 4"),
        (4, 1, "line 1"),
        (5, 1, "line 1"),
    ]


def test_columns_count_characters() -> None:
    """Not bytes."""
    assert problems("😀é: [😀, {x: 1, x: 2}]") == [("M003", 1, 10), ("M003", 1, 16)]


def test_merge_keys_merge() -> None:
    """What stands there itself goes first, then the earlier of two merged maps."""
    text = "a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc: {<<: [*a, *b], y: 3}\nd: {x: 4, <<: *a}\n"

    data = one(text).data

    assert data["c"] == {"x": 1, "y": 3, "z": 2}
    assert data["d"] == {"x": 4, "y": 1}


def test_a_quoted_merge_key_is_a_key() -> None:
    """Quotes make a text of anything."""
    assert one("a: {'<<': {x: 1}}").data == {"a": {"<<": {"x": 1}}}


@pytest.mark.parametrize("merged", ["x", "[x]", "[{a: b}, x]", "~"])
def test_only_maps_can_be_merged(merged: str) -> None:
    """Anything else has no keys."""
    assert problems(f"a: {{<<: {merged}}}") == [("M025", 1, 9)]


def test_a_second_merge_key_is_a_duplicate() -> None:
    """As of any other key."""
    assert problems("a: {<<: {x: 1}, <<: {y: 1}}") == [("M003", 1, 5), ("M003", 1, 17)]


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: *a}", "a: &a {<<: *a}"])
def test_an_anchor_may_not_contain_itself(text: str) -> None:
    """The document is no JSON value then."""
    parsed = one(text)

    assert ("M023", 1, 4) in [(each.code, each.line, each.column) for each in parsed.problems]
    assert not parsed.bounded


def test_aliases_share_what_they_name() -> None:
    """And a problem in it is one problem."""
    parsed = one("a: &a {x: !foo 1}\nb: *a\nc: &c !foo 1\nd: *c\n")

    assert [(each.line, each.column) for each in parsed.problems] == [(1, 11), (3, 4)]
    assert parsed.data["b"] == {"x": "1"}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 10_000,
        "[" * 100_000 + "]" * 100_000,
        "{a: " * 100_000,
        "- " * 100_000 + "x",
        "? " * 100_000 + "x",
        "".join(f"{' ' * n}a:\n" for n in range(500)),
        "".join(f"{' ' * n}a:\n{' ' * n}-\n" for n in range(200)),
    ],
    ids=["open", "lists", "maps", "block-lists", "block-keys", "block-maps", "both"],
)
def test_deep_nesting_is_refused(text: str) -> None:
    """The parser is recursive, and would take the interpreter with it."""
    assert [code for code, _, _ in problems(text)] == ["M022"]


def test_deep_nesting_by_aliases_is_refused() -> None:
    """Every anchor adds a level."""
    text = "".join(f"a{n}: &a{n} [{f'*a{n - 1}' if n else 'x'}]\n" for n in range(150))

    assert problems(text) == [("M022", 1, 1)]


def test_reasonable_nesting_is_read() -> None:
    """The edge: a hundred levels."""
    assert not problems("[" * 100 + "]" * 100)
    assert problems("[" * 101 + "]" * 101) == [("M022", 1, 101)]


def test_brackets_in_texts_are_no_nesting() -> None:
    """However many."""
    assert not problems('a: "' + "[{" * 500 + '"\nb: |\n' + " " * 300 + "x\n")


@pytest.mark.parametrize(
    ("text", "line", "column"), [("a: b\nc: d\0", 2, 5), ("é: b\nc: \x01", 2, 4)]
)
def test_a_control_character_has_a_place(text: str, line: int, column: int) -> None:
    """Though the parser names only a byte."""
    assert problems(text) == [("M002", line, column)]


def test_documents_before_a_syntax_error_are_read() -> None:
    """So that their problems show at once with it."""
    documents, problem = parse("a: 1\n---\nb: [\n")

    assert [each.data for each in documents] == [{"a": 1}]
    assert problem is not None
    assert problem.code == "M002"


@pytest.mark.parametrize("text", ["", "---\n---\n", "# only a comment\n"])
def test_empty_documents_hold_nothing(text: str) -> None:
    """They are no problem."""
    assert not problems(text)
    assert all(each.data is None for each in parse(text)[0])


TEXT = "a:\n  - b: 1\n    c: &c {d: 2}\n  - {<<: *c, e: 3}\n"


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ((), (1, 1), (1, 1)),
        (("a",), (2, 3), (1, 1)),
        (("a", 0, "c"), (3, 8), (3, 5)),
        (("a", 0, "c", "d"), (3, 15), (3, 12)),
        (("a", 1, "e"), (4, 17), (4, 14)),
        (("a", 1, "d"), (3, 15), (3, 12)),
        (("a", 0, "missing"), (2, 5), (2, 5)),
        (("a", 9), (2, 3), (1, 1)),
        (("a", "b"), (2, 3), (1, 1)),
    ],
)
def test_a_path_leads_to_a_place(
    path: tuple[str | int, ...], value: tuple[int, int], key: tuple[int, int]
) -> None:
    """Through merges too; where it leads on to nothing, to the last node on the way."""
    node = one(TEXT).node

    assert span(find(node, path))[:2] == value
    assert span(find(node, path, key=True))[:2] == key


def test_a_map_that_merges_itself_can_be_searched() -> None:
    """The search ends."""
    node = one("&a {x: 1, <<: *a}").node

    assert find(node, ("y",)) is node


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("a: word  # comment", (1, 8)),
        ("a: 'two words'", (1, 15)),
        ("a: two\n  lines\nb: 1", (2, 8)),
        ("a: {b: 1}", (1, 10)),
        ("a: |\n  text\n\n# comment\nb: 1", (1, 5)),
        ("a:\n  b: 1\n\n# comment\nc: 1", None),
        ("a:\n  - 1\n\n", None),
        ("a:\nb: 1", (1, 3)),
    ],
)
def test_a_value_ends_where_the_parser_knows_it(text: str, end: tuple[int, int] | None) -> None:
    """Of a block text its sign counts; a block of keys or members has no end."""
    assert span(find(one(text).node, ("a",)))[2] == end
