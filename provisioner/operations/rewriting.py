"""Files of the project rewritten: all of them or none; each keeps its mode."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from provisioner.state.files import replace_file

_MARK = "\ufeff"
_ANYBODY_WRITES = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


@dataclass(frozen=True, slots=True)
class Standing:
    """A file that is to be rewritten, as it stands."""

    path: Path
    """Symbolic links followed."""
    mode: int
    content: bytes


def standing(folder: Path, name: str) -> Standing:
    """Find a file that may be rewritten; raises OSError that says why it may not."""
    target = (folder / name).resolve()
    if not target.is_relative_to(folder.resolve()):
        raise PermissionError(None, "a symbolic link leads out of the project", name)
    mode = target.stat().st_mode
    if not mode & _ANYBODY_WRITES or not os.access(target, os.W_OK):
        raise PermissionError(None, "it is read-only", name)
    return Standing(target, stat.S_IMODE(mode), target.read_bytes())


def rewrite(folder: Path, read: Mapping[str, str], texts: Mapping[str, str]) -> None:
    """Rewrite files, given by their paths in the project, that still hold what was read of them.

    A byte order mark stays. Raises OSError, and then every file holds what it held before.
    """
    found = {name: standing(folder, name) for name in texts}
    marks = {name: _mark(name, each, read[name]) for name, each in found.items()}
    done: list[Standing] = []
    try:
        for name, each in found.items():
            replace_file(each.path, marks[name] + texts[name], each.mode)
            done.append(each)
    except OSError:
        _take_back(done)
        raise


def _mark(name: str, found: Standing, read: str) -> str:
    """Give the byte order mark that was left out when a file was read."""
    for mark in ("", _MARK):
        if found.content == (mark + read).encode():
            return mark
    raise OSError(None, "it has been written to in the meantime", name)


def _take_back(done: Iterable[Standing]) -> None:
    for each in done:
        # Written as text that keeps every byte: these were read as UTF-8.
        replace_file(each.path, each.content.decode("utf-8"), each.mode)
