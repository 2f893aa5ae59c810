"""Sources: lines as the YAML parser counts them, and bytes."""

from __future__ import annotations

import yaml
from hypothesis import given
from hypothesis import strategies as st

from provisioner.source import Source

BREAKS = ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"]


@given(st.lists(st.tuples(st.sampled_from(["a", "ä", "😀", ""]), st.sampled_from(BREAKS))))
def test_lines_and_bytes_are_those_of_the_text(parts: list[tuple[str, str]]) -> None:
    """Every place leads back to the byte that it stands at."""
    text = "".join(word + end for word, end in parts) + "x"
    source = Source.of(text)

    last = len(source.lines)
    assert source.line(last).endswith("x")
    column = len(source.line(last))
    before = text.encode()[: source.offset(last, column)]
    assert text.encode()[len(before) :] == b"x"


def test_lines_end_where_the_parser_ends_them() -> None:
    """Or a position would lead to another line."""
    text = "".join(f"key{n}: 1{end}" for n, end in enumerate(BREAKS))
    source = Source.of(text)
    node = yaml.compose(text, Loader=yaml.CSafeLoader)

    assert isinstance(node, yaml.MappingNode)
    for key, _ in node.value:
        assert source.line(key.start_mark.line + 1).startswith(key.value)


def test_a_line_that_is_not_there_is_empty() -> None:
    """Before the first, and after the last."""
    source = Source.of("a\nb")

    assert [source.line(number) for number in (0, 1, 2, 3, -1)] == ["", "a", "b", "", ""]
    assert source.offset(9, 9) == len("a\n")
