"""Globs: patterns for files. `*` stands for any characters of one name, `**` for any folders."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

_SPECIAL = "*?["


def matches(path: str, glob: str) -> bool:
    """Say whether a path matches, name by name; both with forward slashes."""
    parts = tuple(part for part in glob.split("/") if part not in ("", "."))
    return _match(tuple(path.split("/")), parts)


@cache
def _match(path: tuple[str, ...], glob: tuple[str, ...]) -> bool:
    if not path or not glob:
        return not path and glob in ((), ("**",))
    if glob[0] == "**":
        return _match(path, glob[1:]) or _match(path[1:], glob)
    return fnmatchcase(path[0], glob[0]) and _match(path[1:], glob[1:])


def expand(root: Path, glob: str) -> list[str]:
    """List the files below a folder that match, relative to it, in the order of their paths.

    What begins with a dot is left out, and links to folders are not followed. Raises OSError for a
    folder that can't be read.
    """
    glob = posixpath.normpath(glob)
    fixed: list[str] = []
    for part in glob.split("/")[:-1]:
        if any(each in part for each in _SPECIAL):
            break
        fixed.append(part)
    if any(part.startswith(".") for part in fixed):
        return []
    return sorted(each for each in _files(root, root.joinpath(*fixed)) if matches(each, glob))


def _files(root: Path, start: Path) -> Iterator[str]:
    if not start.is_dir():
        return
    for folder, folders, names in os.walk(start, onerror=_raise):
        folders[:] = [each for each in folders if not each.startswith(".")]
        here = Path(folder)
        for name in names:
            if not name.startswith("."):
                yield (here / name).relative_to(root).as_posix()


def _raise(trouble: OSError) -> None:
    raise trouble
