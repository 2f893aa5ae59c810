"""Escaping: nothing untrusted reaches a terminal as a control character."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hostile_plans import is_command
from hypothesis import given
from hypothesis import strategies as st

from provisioner.views import escape

REQUIRED = [
    *(chr(number) for number in range(0xA0) if number not in (9, 10) and not 0x20 <= number < 0x7F),
    *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",
]


@pytest.mark.parametrize("character", REQUIRED, ids=lambda it: f"{ord(it):04x}")
def test_control_characters_become_visible(character: str) -> None:
    """Every control and bidirectional character is written as an escape."""
    assert escape.text(f"a{character}b").isascii()
    assert character not in escape.text(f"a{character}b")


@pytest.mark.parametrize("harmless", ["a\nb\tc", "Grüße, 你好", "👩‍🔬", "نمی‌خواهم", "a\u00a0b"])
def test_ordinary_text_stays(harmless: str) -> None:
    """Newlines, tabs, letters of all scripts and emoji come out as they are."""
    assert escape.text(harmless) == harmless


@pytest.mark.parametrize(
    ("raw", "written"),
    [
        ("\x1b[2J", "\\x1b[2J"),
        ("a\rb", "a\\rb"),
        ("\u202e", "\\u202e"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("a\nb\tc", "a\\nb\\tc"),
    ],
)
def test_lines_are_written_as_python_would(raw: str, written: str) -> None:
    """In a line newlines and tabs are escaped too, by their usual names."""
    assert escape.line(raw) == written


@given(st.text(st.characters()))
def test_no_text_is_harmful(text: str) -> None:
    """Whatever comes in, what comes out can be encoded and holds no control character."""
    for written in (escape.line(text), escape.quoted(text)):
        written.encode()
        assert not any(unicodedata.category(each) in {"Cc", "Cs", "Zl"} for each in written)


@given(st.text(st.characters()))
def test_documents_keep_their_values(text: str) -> None:
    """Escapes in a JSON document are JSON's own: a reader gets the value back."""
    written = escape.document({"a": text})
    assert json.loads(written) == {"a": text}
    assert "\x1b" not in written
    assert "\u202e" not in written


def test_documents_stay_readable() -> None:
    """Letters of all scripts stand in a JSON document as themselves."""
    assert escape.document({"a": "Grüße"}) == '{\n  "a": "Grüße"\n}\n'


COMMANDS = ["::error::x", " \t::stop-commands::x", "\u3000::set-output name=a::b", "a\n ::debug::x"]
LOGGING = ["##[group]x", "a ##vso[task.complete result=Failed;]x", "###[x", "##teamcity[x]"]


@pytest.mark.parametrize("command", [*COMMANDS, *LOGGING])
def test_no_text_commands_a_pipeline(command: str) -> None:
    """What GitHub Actions and Azure Pipelines would obey is written so that they don't."""
    for written in (escape.text(command), escape.line(command), escape.quoted(command)):
        assert not any(is_command(line) for line in written.split("\n"))
    for written in (escape.document([command]), escape.json_line([command])):
        assert not any(is_command(line) for line in written.split("\n"))
        assert json.loads(written) == [command]


@pytest.mark.parametrize("harmless", ["std::vector", "a :: b", "## Role", "# [x]", "#[derive]"])
def test_what_is_no_command_stays(harmless: str) -> None:
    """Colons inside of a line, and headings, are ordinary text."""
    assert escape.text(harmless) == harmless


@given(st.text(st.sampled_from(":# \n\tav[\u00a0\u2028\x85")))
def test_no_mixture_is_a_command(text: str) -> None:
    """Whatever stands before and between; and what is safe stays as it is."""
    written = escape.text(text)
    assert not any(is_command(line) for line in written.split("\n"))
    assert escape.text(written) == written


@given(st.text(st.characters()))
def test_a_line_of_json_is_one_line(text: str) -> None:
    """It is ASCII, so that no encoding and no idea of what ends a line can break it."""
    written = escape.json_line({"a": text})
    assert written.isascii()
    assert len(written.splitlines()) == 1
    assert json.loads(written) == {"a": text}
