"""Files rewritten all or none."""

from __future__ import annotations

from pathlib import Path

import pytest

from provisioner.operations import rewriting
from provisioner.operations.rewriting import rewrite


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a folder with two files, one of which has a byte order mark."""
    (tmp_path / "a.yaml").write_bytes(b"a\r\n")
    (tmp_path / "b.yaml").write_bytes("\ufeffb\n".encode())
    (tmp_path / "a.yaml").chmod(0o640)
    return tmp_path


READ = {"a.yaml": "a\r\n", "b.yaml": "b\n"}
NEW = {"a.yaml": "new\r\n", "b.yaml": "new\n"}


def test_files_keep_their_mode_and_mark(folder: Path) -> None:
    """And get the new text, byte for byte."""
    rewrite(folder, READ, NEW)

    assert (folder / "a.yaml").read_bytes() == b"new\r\n"
    assert (folder / "b.yaml").read_bytes() == "\ufeffnew\n".encode()
    assert (folder / "a.yaml").stat().st_mode & 0o777 == 0o640
    assert sorted(each.name for each in folder.iterdir()) == ["a.yaml", "b.yaml"]


def test_what_was_written_to_in_the_meantime_is_not_overwritten(folder: Path) -> None:
    """Nor is any other file then."""
    (folder / "b.yaml").write_bytes(b"somebody else's\n")

    with pytest.raises(OSError, match="in the meantime"):
        rewrite(folder, READ, NEW)
    assert (folder / "a.yaml").read_bytes() == b"a\r\n"
    assert (folder / "b.yaml").read_bytes() == b"somebody else's\n"


def test_a_disk_that_gets_full_leaves_all_as_they_were(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that were rewritten already are put back."""
    write = rewriting.replace_file

    def failing(path: Path, text: str, mode: int) -> None:
        if path.name == "b.yaml":
            raise OSError(28, "No space left on device", str(path))
        write(path, text, mode)

    monkeypatch.setattr(rewriting, "replace_file", failing)
    with pytest.raises(OSError, match="No space left"):
        rewrite(folder, READ, NEW)
    assert (folder / "a.yaml").read_bytes() == b"a\r\n"
    assert (folder / "b.yaml").read_bytes() == "\ufeffb\n".encode()


def test_a_link_that_leads_out_of_the_project_is_not_followed(folder: Path) -> None:
    """What it leads to belongs to somebody else."""
    outside = folder.parent / "outside.yaml"
    outside.write_bytes(b"b\n")
    (folder / "b.yaml").unlink()
    (folder / "b.yaml").symlink_to(outside)

    with pytest.raises(OSError, match="leads out of the project"):
        rewrite(folder, READ, NEW)
    assert outside.read_bytes() == b"b\n"
