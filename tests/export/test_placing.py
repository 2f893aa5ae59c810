"""New files: all or none, whole, and never over what is there."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from provisioner.errors import ManifestError
from provisioner.operations import placing
from provisioner.operations.placing import place

FILES = {"b/two.md": b"2\r\n", "one.yaml": b"1"}


def names(folder: Path) -> list[str]:
    """List every file below a folder, hidden ones too."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_files_are_written_as_they_are_in_their_order(tmp_path: Path) -> None:
    """What is new is told, and nothing else is left behind."""
    made = place(tmp_path / "new", FILES)

    assert made == [tmp_path / "new" / name for name in FILES]
    assert names(tmp_path / "new") == sorted(FILES)
    assert made[0].read_bytes() == b"2\r\n"
    assert made[0].stat().st_mode & 0o777 == 0o666 & ~umask()


def umask() -> int:
    """Tell which permissions new files don't get."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_the_same_bytes_are_not_in_the_way(tmp_path: Path) -> None:
    """A run that was cut short is gone on with."""
    place(tmp_path, {"b/two.md": b"2\r\n"})

    assert place(tmp_path, FILES) == [tmp_path / "one.yaml"]


def test_everything_that_is_in_the_way_is_told(tmp_path: Path) -> None:
    """Links that lead nowhere too; nothing is written."""
    (tmp_path / "one.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two.md").mkdir()
    with pytest.raises(ManifestError) as caught:
        place(tmp_path, {**FILES, "three": b"3"})

    assert [each.code for each in caught.value.diagnostics] == ["M753", "M753"]
    assert names(tmp_path) == []


def test_what_was_written_is_taken_back_when_the_rest_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk leaves what was there before, and no more."""
    move = placing._move

    def failing(source: Path, target: Path) -> Path:
        if target.name == "one.yaml":
            raise OSError(errno.ENOSPC, "No space left on device", str(target))
        return move(source, target)

    monkeypatch.setattr(placing, "_move", failing)
    with pytest.raises(ManifestError) as caught:
        place(tmp_path, FILES)

    assert caught.value.diagnostics[0].code == "M754"
    assert names(tmp_path) == []


def test_a_file_that_appears_meanwhile_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look and the write somebody else may have been there."""
    monkeypatch.setattr(placing, "_in_the_way", lambda *_: iter(()))
    monkeypatch.setattr(placing.Path, "exists", lambda _: False)
    (tmp_path / "one.yaml").write_text("mine")
    with pytest.raises(ManifestError):
        place(tmp_path, FILES)

    assert (tmp_path / "one.yaml").read_text() == "mine"
    assert names(tmp_path) == ["one.yaml"]


def test_a_file_system_without_links_is_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some network drives have none; there, too, nothing is overwritten."""

    def unsupported(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(placing.Path, "hardlink_to", unsupported)

    assert place(tmp_path, FILES) == [tmp_path / name for name in FILES]
    assert (tmp_path / "one.yaml").read_bytes() == b"1"
