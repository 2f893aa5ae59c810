"""Generations: the last contents of a state file, kept beside it, so that none is the only one.

Each is named by its serial and by a digest of its text: two never share a name, however fast they
are written, and one that was damaged doesn't fit its name any more.
"""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from provisioner.errors import StateError
from provisioner.state.files import FOLDER_MODE, replace_content, unwritable
from provisioner.state.integrity import contradictions
from provisioner.state.model import State, load

FOLDER = "generations"
KEPT = 10
"""So many are kept, the present one among them."""

_NAME = re.compile(r"(\d+)-([0-9a-f]{16})\.json")


@dataclass(frozen=True, slots=True)
class Generation:
    """One content of the state file that can be trusted."""

    path: Path
    state: State


@dataclass(frozen=True, slots=True)
class Generations:
    """The generations of one state file."""

    folder: Path

    @classmethod
    def beside(cls, state_folder: Path) -> Generations:
        """Find those of the state in a folder."""
        return cls(state_folder / FOLDER)

    def keep(self, content: bytes, serial: int) -> Path:
        """Keep a content as the newest generation; on disk when this returns.

        The oldest ones go. Raises StateError when it can't be written.
        """
        path = self._write(f"{serial}-{_digest(content)}.json", content)
        self._prune()
        return path

    def keep_damaged(self, path: Path) -> Path | None:
        """Keep what is no good state, under a name that no generation has; None for no file."""
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as trouble:
            raise unwritable(path, trouble) from trouble
        return self._write(f"damaged-{_digest(content)}-{path.name}", content)

    def lineage(self, content: bytes) -> str | None:
        """Tell the lineage of the newest one; None where it is just this content, or there is none.

        That is so after every write, and costs no more than a digest.
        """
        newest = self._paths()[-1:]
        if newest and newest[0].name.endswith(f"-{_digest(content)}.json"):
            return None
        return next((each.state.lineage for each in self.good()), None)

    def good(self) -> Iterator[Generation]:
        """Go through those that can be trusted, the newest first."""
        for path in reversed(self._paths()):
            state = _trusted(path)
            if state:
                yield Generation(path, state)

    def forget(self, wanted: Callable[[State], bool]) -> None:
        """Delete those that are wanted to go, and whatever else here can't be read."""
        good = {each.path for each in self.good() if not wanted(each.state)}
        try:
            for path in self.folder.iterdir():
                if path not in good:
                    path.unlink()
        except OSError as trouble:
            raise unwritable(self.folder, trouble) from trouble

    def _write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        try:
            self.folder.mkdir(mode=FOLDER_MODE, exist_ok=True)
            if not path.exists() or path.read_bytes() != content:
                replace_content(path, content)
            self._date(path)
        except OSError as trouble:
            raise unwritable(path, trouble) from trouble
        return path

    def _date(self, path: Path) -> None:
        """Make a file the newest, also within one tick of the clock, or after it was set back."""
        others = (_age(each) for each in self._paths() if each != path)
        now = max(time.time_ns(), max(others, default=0) + 1)
        os.utime(path, ns=(now, now))

    def _prune(self) -> None:
        for path in self._paths()[:-KEPT]:
            path.unlink(missing_ok=True)

    def _paths(self) -> list[Path]:
        """List the generations in the order in which they were kept."""
        if not self.folder.is_dir():
            return []
        named = [(path, _NAME.fullmatch(path.name)) for path in self.folder.iterdir()]
        aged = [(_age(path), int(name[1]), path) for path, name in named if name]
        return [path for _, _, path in sorted(aged)]


def _age(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:  # pruned meanwhile, by the run that holds the lock
        return 0


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _trusted(path: Path) -> State | None:
    try:
        content = path.read_bytes()
        state = load(content.decode("utf-8", errors="surrogatepass"), str(path))
    except (OSError, UnicodeDecodeError, StateError):
        return None
    name = f"{state.serial}-{_digest(content)}.json"
    return state if path.name == name and not contradictions(state) else None
