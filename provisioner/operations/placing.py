"""New files put in their places, all or none, and never over a file that is there."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from provisioner.diagnostics import Diagnostic, error
from provisioner.errors import ManifestError
from provisioner.state.files import sync_folder


def place(folder: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write files below a folder, in their order; tell which were not there before.

    A file that is there with the same bytes stays as it is. Raises ManifestError with everything
    that is in the way before anything is written; every file is whole before the first gets its
    name, and a run that is cut short leaves no part of a file. All is on disk when this returns.
    """
    problems = list(_in_the_way(folder, files))
    if problems:
        raise ManifestError(*problems)
    new = {name: each for name, each in files.items() if not (folder / name).exists()}
    made: list[Path] = []
    try:
        if new:
            _write(folder, new, made)
    except OSError as trouble:
        take_back(made)
        raise _unwritable(Path(trouble.filename or folder), trouble) from trouble
    return made


def _write(folder: Path, files: Mapping[str, bytes], made: list[Path]) -> None:
    """Write files, and list in `made` those that have their names."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=folder) as staging:
        staged = [
            _stage(Path(staging, str(number)), content)
            for number, content in enumerate(files.values())
        ]
        for source, name in zip(staged, files, strict=True):
            made.append(_move(source, folder / name))
    for parent in {each.parent for each in made}:
        sync_folder(parent)


def _stage(path: Path, content: bytes) -> Path:
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    return path


def _move(source: Path, target: Path) -> Path:
    """Give a staged file its name; raises FileExistsError where one has it by now."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        target.hardlink_to(source)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        with source.open("rb") as stream, target.open("xb") as copy:
            shutil.copyfileobj(stream, copy)
    return target


def take_back(made: Iterable[Path]) -> None:
    """Remove files that were just placed."""
    for each in made:
        each.unlink(missing_ok=True)


def _in_the_way(folder: Path, files: Mapping[str, bytes]) -> Iterator[Diagnostic]:
    root = Path(os.path.realpath(folder))
    for name, content in files.items():
        target = folder / name
        if not Path(os.path.realpath(target)).is_relative_to(root):
            yield _blocked(target, "a symbolic link leads out of the folder")
            continue
        standing = next((each for each in target.parents if os.path.lexists(each)), folder)
        if not standing.is_dir():
            yield _blocked(target, f"{standing} is no folder")
        elif os.path.lexists(target) and not _holds(target, content):
            yield _blocked(target, "it exists, and is not overwritten")


def _holds(target: Path, content: bytes) -> bool:
    try:
        about = target.lstat()
        return about.st_size == len(content) and target.read_bytes() == content
    except OSError:
        return False


def _blocked(target: Path, why: str) -> Diagnostic:
    return error(
        "M753",
        "File is in the way",
        f"{target}: {why}. Nothing was written. Move it away, or choose another folder with --out.",
    )


def _unwritable(path: Path, trouble: OSError) -> ManifestError:
    detail = f"{path}: {trouble.strerror or trouble}. Mend the permissions, or free the disk."
    return ManifestError(error("M754", "Export can't be written", f"{detail} Nothing was kept."))
