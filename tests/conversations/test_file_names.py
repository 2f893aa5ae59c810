"""Files that an assistant has made, and the names that they get here."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provisioner.conversations.file_names import safe_name, save

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("sales.csv", b"", "sales.csv"),
        ("/mnt/data/sales.csv", b"", "sales.csv"),
        ("a1b2-c3", PNG, "a1b2-c3.png"),
        ("a1b2-c3", b"RIFF\n..\0WEBPVP8", "a1b2-c3.webp"),
        ("../../etc/passwd", b"", "passwd"),
        ("C:\\Windows\\x.dll", b"", "x.dll"),
        (".bashrc", b"", "bashrc"),
        ("..", b"", "assistant-1"),
        ("", b"", "assistant-1"),
        ("a\x1b[31m\nb.txt", b"", "a_31m_b.txt"),
        ("provisioner.yaml", b"", "provisioner.yaml.txt"),
        ("a.YML", b"", "a.YML.txt"),
        ("nul.txt", b"", "_nul.txt"),
        ("CON .txt", b"", "_CON .txt"),
        ("com¹", b"", "_com¹"),
        ("-rf", b"", "rf"),
        ("Übersicht 売上.xlsx", b"", "Übersicht 売上.xlsx"),
    ],
)
def test_a_name_can_do_no_harm(name: str, content: bytes, expected: str) -> None:
    """No folders, nothing hidden, no control characters, no manifest, no device."""
    assert safe_name(name, "assistant-1", content) == expected


@given(st.text(max_size=400), st.sampled_from([b"", PNG]))
def test_any_name_becomes_one_that_a_folder_takes(name: str, content: bytes) -> None:
    """However long, whatever is in it."""
    made = safe_name(name, "assistant-1", content)

    assert Path(made).name == made
    assert not made.startswith(".")
    assert 0 < len(made.encode()) < 250
    assert made.lower().rpartition(".")[2] not in ("yaml", "yml")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A taken name gets a number; a link that leads elsewhere is taken, too."""
    (tmp_path / "a.csv").write_text("mine", encoding="utf-8")
    (tmp_path / "a-2.csv").symlink_to(tmp_path / "elsewhere.csv")

    assert save(tmp_path, "a.csv", b"1").name == "a-3.csv"
    assert save(tmp_path, "a.csv", b"2").name == "a-4.csv"
    assert (tmp_path / "a.csv").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "elsewhere.csv").exists()
