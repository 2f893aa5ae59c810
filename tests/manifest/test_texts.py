"""Instructions composed, and the one thing that is special in a text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from manifest_factories import (
    assistant,
    attributes,
    codes,
    composed_instructions,
    document,
    found,
    function,
    only,
    places,
    write,
)

from provisioner.manifest.variables import fill, references


def compose(folder: Path, instructions: Any, **files: str | bytes) -> str:
    """Compose what an assistant in `bots/` says."""
    return composed_instructions(
        write(folder, {"bots/a.yaml": assistant(instructions=instructions), **files})
    )


@pytest.mark.parametrize(
    "text", ["x", "x\n\n", "\n x ", "a\r\nb\r\n", "\ufeffx\n", "", "é\t\u2028\x00", "日本\n"]
)
def test_a_lone_file_is_taken_byte_for_byte(text: str, tmp_path: Path) -> None:
    """Line ends, byte order mark and all."""
    assert compose(tmp_path, {"file": "x.md"}, **{"bots/x.md": text.encode()}) == text


@pytest.mark.parametrize("text", ["x", "x\n", " x \n\n"])
def test_a_lone_text_is_taken_as_it_is(text: str, tmp_path: Path) -> None:
    """YAML has its own ways to end a text."""
    assert compose(tmp_path, text) == text


@pytest.mark.parametrize(
    ("spec", "files"),
    [({"text": "x\n\n"}, {}), ({"file": "x.md"}, {"shared/x.md": "x\n\n"})],
)
def test_a_lone_reference_is_taken_as_it_is(
    spec: dict[str, Any], files: dict[str, str], tmp_path: Path
) -> None:
    """A shared file's path is relative to the manifest that shares it."""
    shared = document("Instructions", "tone", spec)

    assert compose(tmp_path, {"ref": "tone"}, **{"shared/i.yaml": shared, **files}) == "x\n\n"


def test_a_list_is_joined_by_blank_lines(tmp_path: Path) -> None:
    """Each part loses its trailing newlines, of either sort, and nothing else."""
    parts = [" a \n\n", {"file": "b.md"}, {"ref": "tone"}, "d"]
    files: dict[str, str | bytes] = {
        "bots/b.md": b"\nb1\r\nb2\r\n\r\n",
        "i.yaml": document("Instructions", "tone", {"text": "c\t\n"}),
    }

    assert compose(tmp_path, parts, **files) == " a \n\n\nb1\r\nb2\n\nc\t\n\nd"


def test_a_list_of_one_loses_its_newlines(tmp_path: Path) -> None:
    """A list is a list."""
    assert compose(tmp_path, ["x\n\n"]) == "x"


def test_instructions_may_be_left_out(tmp_path: Path) -> None:
    """That is the empty text."""
    assert composed_instructions(write(tmp_path, {"a.yaml": assistant()})) == ""


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    """With the byte that shows it."""
    write(tmp_path, {"a.yaml": assistant(instructions={"file": "x.md"}), "x.md": b"ab\xff"})

    assert "it is no UTF-8 (byte 2)" in only(tmp_path, "M306")


def test_a_giant_file_is_not_read(tmp_path: Path) -> None:
    """No instructions are that long."""
    write(tmp_path, {"a.yaml": assistant(instructions={"file": "x.md"}), "x.md": ""})
    os.truncate(tmp_path / "x.md", 1 << 40)

    assert "Shorten it" in only(tmp_path, "M306")


@pytest.mark.parametrize(("path", "code"), [("no.md", "M302"), ("../x.md", "M301"), ("/x", "M307")])
def test_a_path_of_instructions_is_checked(path: str, code: str, tmp_path: Path) -> None:
    """As every path is."""
    assert codes(write(tmp_path, {"a.yaml": assistant(instructions=["x", {"file": path}])})) == [
        code
    ]


def test_unused_instructions_are_checked_too(tmp_path: Path) -> None:
    """All problems at once, not when somebody refers to them."""
    write(tmp_path, {"i.yaml": document("Instructions", "tone", {"file": "no.md"})})

    assert codes(tmp_path) == ["M302"]


def test_shared_instructions_are_told_once(tmp_path: Path) -> None:
    """At their own place, not at every reference."""
    bots = [assistant(name, instructions={"ref": "tone"}) for name in ("a", "b")]
    write(
        tmp_path,
        {
            "a.yaml": "---\n".join(bots),
            "i.yaml": document("Instructions", "tone", {"file": "no.md"}),
        },
    )

    assert codes(tmp_path) == ["M302"]
    assert places(tmp_path)[0].startswith("i.yaml:")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("${var.a}", ["a"]),
        ("x ${var.a_1} ${var.b}", ["a_1", "b"]),
        ("$${var.a}", []),
        ("$${var.a} ${var.a}", ["a"]),
        ("${var.A} ${var.1} ${var.} ${var.a.b} ${ var.a} ${a} $var.a", []),
        ("{var.a} $ {var.a}", []),
    ],
)
def test_only_one_form_refers_to_a_variable(text: str, names: list[str]) -> None:
    """`${var.NAME}`, with a name as variables have."""
    assert references(text) == names


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("$${var.a}", "${var.a}"),
        ("a $${var.a} b $${var.b}", "a ${var.a} b ${var.b}"),
        ("$${a} ${a} $$ $$1 $${ var.a}", "$${a} ${a} $$ $$1 $${ var.a}"),
        ("$$${var.a}", "$${var.a}"),
    ],
)
def test_two_dollars_make_it_literal(text: str, literal: str) -> None:
    """Any other `${` or `$${` stays as it is."""
    assert fill(text, {"a": "x", "b": "y"}) == literal


def test_a_literal_file_knows_no_variables(tmp_path: Path) -> None:
    """Nor escapes."""
    text = "${var.a} $${var.b}"

    assert compose(tmp_path, {"file": "x.md", "literal": True}, **{"bots/x.md": text}) == text


def test_escapes_are_written_out_everywhere(tmp_path: Path) -> None:
    """In specs, shared documents and files."""
    files = {
        "bots/x.md": "b $${var.b}",
        "i.yaml": document("Instructions", "tone", {"text": "c $${var.c}"}),
    }
    composed = compose(tmp_path, ["a $${var.a}", {"file": "x.md"}, {"ref": "tone"}], **files)

    assert composed == "a ${var.a}\n\nb ${var.b}\n\nc ${var.c}"


def test_escapes_in_tools_and_metadata_are_written_out(tmp_path: Path) -> None:
    """And other dollars stay."""
    write(
        tmp_path,
        {
            "a.yaml": assistant(
                description="$${var.x}", metadata={"a": "$${var.x} $${y}"}, tools=[{"ref": "t"}]
            ),
            "t.yaml": document("Tool", "t", function("f", description="$${var.x} ${z}")),
        },
    )

    made = attributes(tmp_path)
    assert made["description"] == "${var.x}"
    assert made["metadata"] == {"a": "${var.x} $${y}"}
    assert made["tools"][0]["function"]["description"] == "${var.x} ${z}"
    assert not found(tmp_path)
