"""The storage of an environment in local files: `.provisioner/<environment>/`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from provisioner.state.files import (
    FOLDER_MODE,
    prepare_folder,
    replace_content,
    replacing,
    sync_folder,
)
from provisioner.state.lock import left_behind, locked
from provisioner.state.storage import Entry, Held, Log
from provisioner.state.temporaries import remove, temporaries


@dataclass(frozen=True, slots=True)
class Folder:
    """Files below one folder, readable by their owner alone.

    Whoever holds the lock is the only one who writes: the operating system lets go of it when its
    holder is gone, and not before. So contents need no versions here.
    """

    path: Path

    def place(self, name: str = "") -> str:
        """Give the path of a file, or of the folder."""
        return str(self.path / name)

    def prepare(self) -> None:
        """Make the folder, where there is none."""
        prepare_folder(self.path)

    @contextmanager
    def locked(self, operation: str, timeout: float, held: Held) -> Iterator[None]:
        """Hold the lock of the folder; what killed runs have left half-written goes first.

        It may hold a value in clear that is sensitive by now.
        """
        with locked(self.path, operation, timeout, held):
            remove(temporaries(self.path))
            yield

    def abandoned(self) -> str | None:
        """Tell whose note stands beside the lock."""
        return left_behind(self.path)

    def break_lock(self) -> str | None:
        """Refuse where a process holds it: the operating system lets go of it at its end."""
        with self.locked("state unlock", 0, _nobody):
            return None

    def read(self, name: str) -> bytes:
        """Read a file."""
        return (self.path / name).read_bytes()

    def file(self, name: str) -> Path:
        """Give the file itself."""
        return self.path / name

    def write(self, name: str, content: Iterable[bytes], order: int | None = None) -> None:
        """Replace a file, through another one beside it."""
        path = self._made(name)
        with replacing(path) as stream:
            stream.writelines(content)
        if order is not None:
            self.date(name, order)

    def date(self, name: str, order: int) -> None:
        """Set a file's time."""
        os.utime(self.path / name, ns=(order, order))

    def delete(self, *names: str) -> None:
        """Delete files."""
        paths = [self.path / name for name in names]
        for path in paths:
            path.unlink(missing_ok=True)
        for parent in {path.parent for path in paths if path.parent.is_dir()}:
            sync_folder(parent)

    def entries(self, folder: str) -> list[Entry]:
        """List a folder's files; one that goes meanwhile was pruned by whoever holds the lock."""
        path = self.path / folder
        if not path.is_dir():
            return []
        found = ((each, _status(each)) for each in path.iterdir())
        return [
            Entry(f"{folder}/{each.name}", status.st_size, status.st_mtime_ns)
            for each, status in found
            if status
        ]

    def read_log(self, name: str) -> bytes:
        """Read a file."""
        return self.read(name)

    def begin_log(self, name: str, content: bytes) -> None:
        """Replace a file."""
        replace_content(self._made(name), content)

    def continue_log(self, name: str) -> Log:
        """Append to a file."""
        return FileLog.of(self.path / name)

    def seen(self) -> object:
        """Tell nothing."""
        return None

    def claim(self, seen: object, initial: bytes) -> None:
        """Do nothing: the lock is enough."""

    def _made(self, name: str) -> Path:
        """Give a file's path, the folders that lead to it made."""
        path = self.path / name
        missing = [each for each in path.parents if each.is_relative_to(self.path)]
        for each in reversed(missing):
            each.mkdir(mode=FOLDER_MODE, exist_ok=True)
        return path


def _nobody(_holder: str, _seconds: float) -> None:
    """Wait for nobody."""


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except OSError:
        return None


@dataclass(frozen=True, slots=True)
class FileLog:
    """A file that is appended to."""

    _handle: int = field(repr=False)

    @classmethod
    def of(cls, path: Path) -> FileLog:
        """Open a file. Raises OSError."""
        _cut_torn_line(path)
        return cls(os.open(path, os.O_WRONLY | os.O_APPEND))

    def write(self, data: bytes) -> None:
        """Append bytes; a kill can't lose them, a power cut can until they are synced."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._handle, view) :]

    def sync(self) -> None:
        """Bring to disk what was written."""
        os.fsync(self._handle)

    def close(self) -> None:
        """Bring everything to disk and close the file."""
        try:
            os.fsync(self._handle)
        finally:
            os.close(self._handle)


def _cut_torn_line(path: Path) -> None:
    """Drop what a crash left of a last line: an append would make one unreadable line of two."""
    with path.open("rb+") as stream:
        content = stream.read()
        whole = content.rfind(b"\n") + 1
        if whole != len(content):
            stream.truncate(whole)
