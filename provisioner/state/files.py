"""Files written so that a crash leaves the old or the new content, never a part of either."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.state.storage import StorageError

FOLDER_MODE = 0o700
FILE_MODE = 0o600


def prepare_folder(folder: Path) -> None:
    """Make a private folder below `.provisioner/`, which keeps itself out of version control."""
    root = folder.parent
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        root.chmod(FOLDER_MODE)
        ignore = root / ".gitignore"
        # An empty one is what a full disk has left, and ignores nothing.
        if not ignore.exists() or not ignore.stat().st_size:
            ignore.touch(FILE_MODE)
            ignore.write_text("*\n", encoding="utf-8")
    except OSError as trouble:
        raise unwritable(folder, trouble) from trouble


def write_atomically(path: Path, text: str) -> None:
    """Replace a file, readable by its owner alone; it is on disk when this returns.

    Raises StateError when it can't be written; the old content then stands.
    """
    try:
        replace_file(path, text)
    except OSError as trouble:
        raise unwritable(path, trouble) from trouble


def encoded(text: str) -> bytes:
    """Give the bytes that stand for a text on disk; half a character goes as it is."""
    return text.encode(errors="surrogatepass")


def replace_file(path: Path, text: str, mode: int = FILE_MODE) -> None:
    """Replace a text file as `replace_content` does."""
    replace_content(path, encoded(text), mode)


def replace_content(path: Path, content: bytes, mode: int = FILE_MODE) -> None:
    """Replace a file, which gets this mode; it is on disk when this returns.

    Raises OSError when it can't be written; the old content then stands.
    """
    with replacing(path, mode) as stream:
        stream.write(content)


@contextmanager
def replacing(path: Path, mode: int = FILE_MODE) -> Iterator[BinaryIO]:
    """Replace a file by what is written to the stream, like replace_content.

    Where the block raises anything, the old content stands.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fchmod(stream.fileno(), mode)
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Bring a folder's own entries to disk: a rename is only safe after that."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def unreachable(trouble: StorageError) -> StateError:
    """Say that what is kept elsewhere can't be read there."""
    return StateError(
        error(
            "S031",
            "State can't be reached",
            f"{trouble.place}: {trouble.strerror}. Mend that and run the command again; nothing"
            " that can't be read is taken for nothing.",
        )
    )


def unwritable(place: Path | str, trouble: OSError) -> StateError:
    """Say that what is ours can't be written there."""
    remote = isinstance(trouble, StorageError)
    remedy = "Mend that" if remote else "Free the disk or mend the permissions"
    return StateError(
        error(
            "S003",
            "State can't be written",
            f"{place}: {trouble.strerror or trouble}. {remedy} and run the command again; what an"
            " apply has done so far is in the journal there.",
        )
    )
