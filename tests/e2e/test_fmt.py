"""`provisioner fmt`: which files it rewrites, what it says, and what it leaves alone."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import ROOT, command

PROJECT = """\
apiVersion: provisioner/v1
kind: Project
metadata: {name: demo}
spec:
  environments:
    local: {provider: {type: emulator}}
"""
UNTIDY = """\
# Attached to nobody.
kind: File
apiVersion: provisioner/v1
metadata: {name: NAME}
spec:
    path: a.csv # here
"""
TIDY = """\
# Attached to nobody.
apiVersion: provisioner/v1
kind: File
metadata: {name: NAME}
spec:
  path: a.csv # here
"""
FOREIGN = "b:   1\na:\n- x\n"

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write files of a project."""

    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.replace("NAME", path.stem).encode())
        return path

    write("provisioner.yaml", PROJECT)
    return write


def test_it_rewrites_what_differs_and_prints_the_names(tmp_path: Path, write: Write) -> None:
    """Canonical files are left alone; a second run finds nothing to do."""
    untidy, tidy = write("files/a.yaml", UNTIDY), write("b.yml", TIDY)
    before = tidy.stat()

    first = command("-C", str(tmp_path), "fmt")

    assert (first.code, first.out, first.err) == (0, "files/a.yaml\n", "")
    assert untidy.read_text() == TIDY.replace("NAME", "a")
    assert tidy.stat() == before
    assert command("-C", str(tmp_path), "fmt") == type(first)(0, "", "")


def test_check_changes_nothing_and_exits_3(tmp_path: Path, write: Write) -> None:
    """Its output is that of the run that changes; without differences it exits 0."""
    untidy = write("a.yaml", UNTIDY)
    before = untidy.stat()

    checked = command("-C", str(tmp_path), "fmt", "--check")

    assert (checked.code, checked.out, checked.err) == (3, "a.yaml\n", "")
    assert untidy.stat() == before
    command("-C", str(tmp_path), "fmt")
    assert command("-C", str(tmp_path), "fmt", "--check").code == 0


@pytest.mark.parametrize("option", [[], ["--check"]])
def test_a_broken_file_is_reported_and_the_others_go_on(
    tmp_path: Path, write: Write, option: list[str]
) -> None:
    """The diagnostics are those of validate, and errors go before differences."""
    broken = write("broken.yaml", UNTIDY + "  x: [\n")
    write("twice.yaml", UNTIDY + "    path: b.csv\n")
    write("good.yaml", UNTIDY)

    done = command("-C", str(tmp_path), "fmt", *option)

    assert done.code == 1
    assert done.out == "good.yaml\n"
    assert "broken.yaml:7" in done.err
    assert "M002" in done.err
    assert "twice.yaml:6:5: error M003" in done.err
    assert broken.read_text().endswith("  x: [\n")


def test_fields_that_the_schema_refuses_are_formatted(tmp_path: Path, write: Write) -> None:
    """What a manifest says is for validate to judge."""
    path = write("a.yaml", UNTIDY + "    unknown: 1\n")

    assert command("-C", str(tmp_path), "fmt").code == 0
    assert path.read_text().endswith("  path: a.csv # here\n  unknown: 1\n")


def test_documents_of_other_programs_stay_byte_for_byte(tmp_path: Path, write: Write) -> None:
    """In files of their own and beside ours, with their line ends."""
    alone = write("alone.yaml", FOREIGN)
    theirs = FOREIGN.replace("\n", "\r\n")
    beside = write("beside.yaml", f"{theirs}---\r\n{UNTIDY}---\r\n{theirs}")

    assert command("-C", str(tmp_path), "fmt").out == "beside.yaml\n"
    assert alone.read_text() == FOREIGN
    tidy = TIDY.replace("NAME", "beside")
    assert beside.read_bytes().decode() == f"{theirs}---\n{tidy}---\r\n{theirs}"


def test_line_ends_byte_order_mark_and_last_newline(tmp_path: Path, write: Write) -> None:
    """Files end lines with LF, the last one too, and begin with their first character."""
    path = write("a.yaml", "\ufeff" + TIDY.rstrip("\n").replace("\n", "\r\n"))

    assert command("-C", str(tmp_path), "fmt").out == "a.yaml\n"
    assert path.read_bytes().decode() == TIDY.replace("NAME", "a")


def test_the_files_mode_is_kept(tmp_path: Path, write: Write) -> None:
    """Readers of a file can read it afterwards, and nobody else."""
    path = write("a.yaml", UNTIDY)
    path.chmod(0o640)

    command("-C", str(tmp_path), "fmt")

    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_inside_the_project_is_written_through(tmp_path: Path, write: Write) -> None:
    """The link stays one, and what it leads to is formatted."""
    target = write(".shared/a.yaml", UNTIDY)
    link = tmp_path / "a.yaml"
    link.symlink_to(target)

    assert command("-C", str(tmp_path), "fmt").out == "a.yaml\n"
    assert link.is_symlink()
    assert target.read_text() == TIDY.replace("NAME", "a")


def test_a_link_out_of_the_project_is_refused(
    tmp_path: Path, write: Write, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What lies outside isn't this project's to change."""
    target = tmp_path_factory.mktemp("outside") / "a.yaml"
    target.write_text(UNTIDY)
    (tmp_path / "a.yaml").symlink_to(target)
    write("b.yaml", UNTIDY)

    refused = command("-C", str(tmp_path), "fmt")

    assert (refused.code, refused.out) == (1, "b.yaml\n")
    assert "a.yaml:1:1: error M702" in refused.err
    assert target.read_text() == UNTIDY


def test_a_read_only_file_is_refused(tmp_path: Path, write: Write) -> None:
    """Although its folder would let it be replaced."""
    path = write("a.yaml", UNTIDY)
    path.chmod(0o444)

    refused = command("-C", str(tmp_path), "fmt")

    assert refused.code == 1
    assert "M702" in refused.err
    assert "read-only" in refused.err
    assert path.read_text() == UNTIDY.replace("NAME", "a")


def test_a_full_disk_leaves_the_old_file(
    tmp_path: Path, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is cut off, and no temporary file stays."""
    path = write("a.yaml", UNTIDY)

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    refused = command("-C", str(tmp_path), "fmt")

    assert (refused.code, refused.out) == (1, "")
    assert "No space left on device" in refused.err
    assert path.read_text() == UNTIDY.replace("NAME", "a")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.yaml", "provisioner.yaml"]


def test_what_cannot_be_formatted_is_told_where_it_stands(tmp_path: Path, write: Write) -> None:
    """The file stays as it is; the others are formatted."""
    path = write("a.yaml", TIDY + "---\r\n" + UNTIDY + "    ? filename\r\n    : b.csv\r\n")
    before = path.read_bytes()
    write("b.yaml", UNTIDY)

    refused = command("-C", str(tmp_path), "fmt")

    assert (refused.code, refused.out) == (1, "b.yaml\n")
    assert "a.yaml:14:5: error M701" in refused.err
    assert path.read_bytes() == before


def test_the_examples_are_canonical(tmp_path: Path) -> None:
    """They show the style."""
    for project in ("data-visualization", "support-desk"):
        folder = shutil.copytree(ROOT / "examples" / project, tmp_path / project)
        assert command("-C", str(folder), "fmt", "--check").code == 0


def test_a_new_project_is_canonical(tmp_path: Path) -> None:
    """What init writes needs no formatting."""
    command("init", str(tmp_path / "new"))

    assert command("-C", str(tmp_path / "new"), "fmt", "--check").code == 0


def test_it_needs_a_project(tmp_path: Path) -> None:
    """Which files are manifests is for a project to say."""
    assert "M010" in command("-C", str(tmp_path), "fmt").err
