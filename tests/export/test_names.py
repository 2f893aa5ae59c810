"""Names of documents and files: readable, safe, and the same in every run."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provisioner.address import NAME_PATTERN
from provisioner.export.names import document_name, extension, stem

REPEATABLE = settings(deadline=None, derandomize=True, database=None)

ID = "asst_AbC123"


@pytest.mark.parametrize(
    ("shown", "name"),
    [
        ("Data Visualization", "data-visualization"),
        ("Größe & Ærøskøbing, Łódź", "grosse-aeroskobing-lodz"),
        ("\uff26\uff35\uff2c\uff2c \uff11", "full-1"),
        ("İstanbul", "istanbul"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\x.y", "c-x-y"),
        ("--a--", "a"),
        ("1e3", "1e3"),
        ("42", "42"),
        ("日本語", "asst-abc123"),
        ("日本 2", "asst-abc123"),
        ("😀", "asst-abc123"),
        ("", "asst-abc123"),
        ("x" * 300, "x" * 63),
        ("a" * 62 + " b", "a" * 62),
    ],
)
def test_a_name_is_made_of_what_is_shown(shown: str, name: str) -> None:
    """Latin letters stay readable; where none are left, the id names it."""
    assert document_name(shown, ID, ()) == name


@REPEATABLE
@given(st.text(), st.text(), st.sets(st.text(max_size=3)))
def test_any_name_is_a_name(shown: str, id_: str, taken: set[str]) -> None:
    """Whatever the service shows, the name is one that manifests may have, and is free."""
    name = document_name(shown, id_, taken)

    assert re.fullmatch(NAME_PATTERN, name)
    assert name not in taken
    assert name == document_name(shown, id_, taken)


def test_a_taken_name_gets_a_digest_of_the_id() -> None:
    """It depends on the object alone, not on the order in which objects come."""
    first, second = (document_name("bot", each, {"bot"}) for each in ("asst_1", "asst_2"))

    assert re.fullmatch("bot-[0-9a-f]{8}", first)
    assert first != second
    assert document_name("bot", "asst_1", {"bot", first}).startswith(first)
    assert len(document_name("x" * 80, "asst_1", {"x" * 63})) == 63


def test_no_file_has_a_name_with_a_meaning() -> None:
    """A provisioner.yaml begins a project, and Windows has devices."""
    assert stem("assistant", "provisioner") == "assistant.provisioner"
    assert stem("tool", "con") == "tool.con"
    assert stem("file", "lpt1") == "file.lpt1"
    assert stem("assistant", "console") == "console"


@pytest.mark.parametrize(
    ("filename", "found"),
    [
        ("sales.CSV", ".csv"),
        ("a.tar.gz", ".gz"),
        ("evil.yaml", ".txt"),
        ("evil.YML", ".txt"),
        ("none", ".txt"),
        ("a.b c", ".txt"),
        (".hidden", ".txt"),
    ],
)
def test_bytes_never_become_a_manifest(filename: str, found: str) -> None:
    """A file that somebody uploaded is not read as a manifest of the project."""
    assert extension(filename) == found
