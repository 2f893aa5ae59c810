"""What export writes as YAML is read back as it was, by our parser and by YAML 1.1 readers."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.export.yaml_text import Noted, dump
from provisioner.manifest.yaml_nodes import parse

REPEATABLE = settings(deadline=None, derandomize=True, database=None)

texts = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    [
        *("null", "Yes", "on", "1e3", "0x1f", "~", "", " ", "-", "- a", "a: b", "a #b", "#", "<<"),
        *("=", "2024-01-01", "1:30", "1_000", ".inf", "!!str", "&a", "*a", "@a", "`", "%", "---"),
        *("a\n", "a\n\n", "a\nb", "\na", " a\nb", "a\n b\n", "a \nb", "a\n \nb", "a\r\nb", "a\tb"),
        *(
            "\u2028",
            "\x85a\nb",
            "\ufeff",
            "\x00",
            "\x7f",
            "日本語",
            "😀\n😀",
            "é: è",
            "...\n---\n",
            "a:",
        ),
    ]
)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(texts, inside, max_size=4),
    max_leaves=15,
)


def read(text: str) -> Any:
    """Read a text with our own strict parser, which must find nothing wrong with it."""
    (document,), problem = parse(text)
    assert problem is None
    assert document.problems == ()
    return document.data


@REPEATABLE
@given(st.dictionaries(texts, values, min_size=1, max_size=4))
def test_what_is_written_is_read_back(value: dict[str, Any]) -> None:
    """Every JSON value comes back from our parser and from a YAML 1.1 reader."""
    written = dump(value)

    assert read(written) == value
    assert yaml.safe_load(written) == value


@REPEATABLE
@given(texts)
def test_a_text_is_the_same_text_at_every_place(text: str) -> None:
    """As a key, a value, in a list and in a list of a list."""
    value = {"a": text, text: [text, [text, {text: text}]], "z": {"b": {"c": text}}}
    value = {**value, "last": "word"}

    assert read(dump(value)) == value


def test_a_key_may_be_longer_than_yaml_reads_without_help() -> None:
    """Property names of a function are the user's own."""
    value = {"k" * 3000: {"q" * 3000: ["v"]}, "m": {"é" * 3000: "v" * 9000}}

    assert read(dump(value)) == value == yaml.safe_load(dump(value))


def test_it_looks_like_what_people_write() -> None:
    """Two blanks of indentation, items under their key, quotes only where they are needed."""
    value = {
        "name": "Data Visualization",
        "metadata": {"cost_center": "4711", "on": "yes"},
        "tools": [{"type": "code_interpreter", "files": ["sales", {"id": "assistant-1"}]}, []],
        "text": "One.\n\nTwo: three.\n",
        "none": {},
        "share": 1e-07,
    }

    assert dump(value) == (
        "name: Data Visualization\n"
        "metadata:\n"
        '  cost_center: "4711"\n'
        '  "on": "yes"\n'
        "tools:\n"
        "  - type: code_interpreter\n"
        "    files:\n"
        "      - sales\n"
        "      - id: assistant-1\n"
        "  - []\n"
        "text: |\n"
        "  One.\n"
        "\n"
        "  Two: three.\n"
        "none: {}\n"
        "share: 1.0e-07\n"
    )


@pytest.mark.parametrize("note", ["sales.csv", "a\nb: c", "\u2028x: y", "x" * 500, "# #", ""])
def test_a_note_is_a_comment_and_nothing_else(note: str) -> None:
    """Whatever stands in it, the value beside it is read, and no line more."""
    assert read(dump({"id": Noted("assistant-1", note), "z": "y"})) == {
        "id": "assistant-1",
        "z": "y",
    }
