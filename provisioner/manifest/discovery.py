"""Finding the project and its manifests."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path

from provisioner.diagnostics import error
from provisioner.errors import ManifestError

PROJECT_FILE = "provisioner.yaml"


def find_project(start: Path) -> Path:
    """Find the nearest folder at or above `start` that holds a provisioner.yaml."""
    if not start.is_dir():
        raise ManifestError(
            error("M010", "No such folder", f"{start} is no folder. Give another one with -C.")
        )
    for folder in (start.resolve(), *start.resolve().parents):
        if (folder / PROJECT_FILE).is_file():
            return folder
    raise ManifestError(
        error(
            "M010",
            "No project here",
            f"Neither {start.resolve()} nor a folder above it holds a {PROJECT_FILE}. Go to a"
            " project, name one with -C DIR, or begin one with:\n\n    provisioner init",
        )
    )


def manifest_files(project: Path, globs: Sequence[str] = ()) -> list[str]:
    """List the manifests of a project, relative to it, sorted; provisioner.yaml is always one.

    Folders and files that begin with a dot are left out, and so is what belongs to a project
    further down.
    """
    found = (path.relative_to(project).as_posix() for path in _yaml_files(project))
    kept = (each for each in found if not globs or any(_matches(each, glob) for glob in globs))
    return sorted({PROJECT_FILE, *kept})


def _yaml_files(project: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(project):
        here = Path(folder)
        if here != project and PROJECT_FILE in files:
            folders.clear()
            continue
        folders[:] = [each for each in folders if not each.startswith(".")]
        for name in files:
            if name.endswith((".yaml", ".yml")) and not name.startswith("."):
                yield here / name


def _matches(path: str, glob: str) -> bool:
    """Match a glob in which `**/` stands for any folders, none included."""
    return fnmatch(path, glob) or fnmatch(path, glob.replace("**/", ""))
