"""Temporary files that killed writes have left beside the state."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from provisioner.state.files import unwritable

_PLACES = {
    ".": r"state\.json|journal\.jsonl|lock\.json",
    "generations": r".+\.json",
    "history/revisions": r".+\.json",
    "history/objects": r"[0-9a-f]{64}",
}
"""Where only who holds the lock writes, and what; a plan may be saved there by anybody."""
_SUFFIX = r"[a-z0-9_]{8}"


def temporaries(folder: Path) -> tuple[Path, ...]:
    """List those of an environment. While the lock is held, nobody is writing any of them."""
    found = (
        path
        for place, names in _PLACES.items()
        if (folder / place).is_dir()
        for path in (folder / place).iterdir()
        if re.fullmatch(rf"\.(?:{names})\.{_SUFFIX}", path.name) and path.is_file()
    )
    return tuple(sorted(found))


def remove(paths: Iterable[Path]) -> None:
    """Delete them; raises StateError where one can't be."""
    for path in paths:
        _remove(path)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as trouble:
        raise unwritable(path, trouble) from trouble
