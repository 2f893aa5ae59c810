"""The store of objects: bytes named by their SHA-256, each kept once whoever refers to it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from provisioner.content import Content
from provisioner.state.storage import Entry, Storage

_NAME = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects in a folder of a storage."""

    storage: Storage
    folder: str

    def name(self, sha256: str) -> str:
        """Tell what an object is called in the storage."""
        return f"{self.folder}/{sha256}"

    def sizes(self) -> dict[str, int]:
        """List what is kept, with sizes in bytes."""
        named = ((each, each.name.rpartition("/")[2]) for each in self._entries())
        return {name: each.size for each, name in named if _NAME.fullmatch(name)}

    def size(self) -> int:
        """Count all bytes in the folder, those that a killed run has left included."""
        return sum(each.size for each in self._entries())

    def path(self, sha256: str) -> Path:
        """Give a file with the bytes of an object. Raises OSError."""
        return self.storage.file(self.name(sha256))

    def is_whole(self, sha256: str) -> bool:
        """Say whether an object still has the bytes that it is named by. Raises OSError."""
        return Content.of(self.path(sha256)).sha256 == sha256

    def keep(self, data: bytes, kept: Collection[str]) -> str:
        """Keep bytes, unless they are kept already; give their name. Raises OSError."""
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 not in kept:
            self.storage.write(self.name(sha256), [data])
        return sha256

    def keep_file(self, source: Path, sha256: str) -> None:
        """Keep the bytes of a file, if they are these. Raises OSError."""
        try:
            origin = source.open("rb")
        except OSError:
            return
        with origin, suppress(_OtherBytesError):
            self.storage.write(self.name(sha256), _checked(origin, sha256))

    def read(self, sha256: str) -> bytes:
        """Read an object; raises OSError where it isn't kept, ValueError where it is damaged."""
        data = self.storage.read(self.name(sha256))
        if hashlib.sha256(data).hexdigest() != sha256:
            place = self.storage.place(self.name(sha256))
            raise ValueError(f"{place} doesn't have the digest that is its name")
        return data

    def drop_all_but(self, kept: Collection[str]) -> None:
        """Delete all other objects, and what a killed run has left of its writing."""
        names = {self.name(each) for each in kept}
        self.storage.delete(*(each.name for each in self._entries() if each.name not in names))

    def _entries(self) -> list[Entry]:
        return self.storage.entries(self.folder)


def _checked(origin: BinaryIO, sha256: str) -> Iterator[bytes]:
    """Go through a file's bytes; raise at the end where they have another digest."""
    digest = hashlib.sha256()
    while chunk := origin.read(_CHUNK):
        digest.update(chunk)
        yield chunk
    if digest.hexdigest() != sha256:
        raise _OtherBytesError


class _OtherBytesError(Exception):
    """A file is no longer what was applied."""
