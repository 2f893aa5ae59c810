"""Finding the project and its manifests."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from provisioner.diagnostics import error
from provisioner.errors import ManifestError
from provisioner.manifest.globs import matches

PROJECT_FILE = "provisioner.yaml"


def find_project(start: Path) -> Path:
    """Find the nearest folder at or above `start` that holds a provisioner.yaml."""
    if not start.is_dir():
        raise ManifestError(
            error("M012", "No such folder", f"{start} is no folder. Give another one with -C.")
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
    found = _yaml_files(project)
    kept = (each for each in found if not globs or any(matches(each, glob) for glob in globs))
    return sorted({PROJECT_FILE, *kept})


def is_manifest(name: str, globs: Sequence[str] = ()) -> bool:
    """Say whether a file of this name, relative to the project, would be read as a manifest."""
    visible = not any(part.startswith(".") for part in name.split("/"))
    named = visible and name.endswith((".yaml", ".yml"))
    return named and (not globs or any(matches(name, glob) for glob in globs))


def unmatched(names: Sequence[str], glob: str) -> bool:
    """Say whether a glob matches none of these files."""
    return not any(matches(name, glob) for name in names)


def _yaml_files(project: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(project, onerror=_unreadable):
        if folder != str(project) and PROJECT_FILE in files:
            folders.clear()
            continue
        folders[:] = [each for each in folders if not each.startswith(".")]
        for name in files:
            if name.endswith((".yaml", ".yml")) and not name.startswith("."):
                yield Path(folder, name).relative_to(project).as_posix()


def _unreadable(trouble: OSError) -> NoReturn:
    """Refuse to go on: what can't be seen would be taken for what isn't declared any more."""
    raise ManifestError(
        error(
            "M013",
            "Folder can't be read",
            f"{trouble.filename}: {trouble.strerror}. It may hold manifests: make it readable, or"
            " begin its name with a dot.",
        )
    ) from trouble
