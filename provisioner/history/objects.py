"""The store of objects: bytes named by their SHA-256, each kept once whoever refers to it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from provisioner.content import Content
from provisioner.state.files import replacing

_NAME = re.compile(r"[0-9a-f]{64}")
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects in a folder."""

    folder: Path

    def path(self, sha256: str) -> Path:
        """Tell where an object is, or would be."""
        return self.folder / sha256

    def has(self, sha256: str) -> bool:
        """Say whether an object is kept."""
        return self.path(sha256).is_file()

    def sizes(self) -> dict[str, int]:
        """List what is kept, with sizes in bytes."""
        if not self.folder.is_dir():
            return {}
        found = (each for each in self.folder.iterdir() if _NAME.fullmatch(each.name))
        return {each.name: each.stat().st_size for each in found}

    def size(self) -> int:
        """Count all bytes in the folder, those that a killed run has left included."""
        return sum(each.stat().st_size for each in self.folder.iterdir())

    def is_whole(self, sha256: str) -> bool:
        """Say whether an object still has the bytes that it is named by."""
        return Content.of(self.path(sha256)).sha256 == sha256

    def keep(self, data: bytes) -> str:
        """Keep bytes; give their name. Raises OSError where that can't be done."""
        sha256 = hashlib.sha256(data).hexdigest()
        if not self.has(sha256):
            with replacing(self.path(sha256)) as stream:
                stream.write(data)
        return sha256

    def keep_file(self, source: Path, sha256: str) -> bool:
        """Keep the bytes of a file, if they are these; say whether they are kept.

        Raises OSError where the store can't be written.
        """
        if self.has(sha256):
            return True
        try:
            origin = source.open("rb")
        except OSError:
            return False
        with origin, suppress(_OtherBytesError), replacing(self.path(sha256)) as stream:
            _copy(origin, stream, sha256)
        return self.has(sha256)

    def read(self, sha256: str) -> bytes:
        """Read an object; raises OSError where it isn't kept, ValueError where it is damaged."""
        data = self.path(sha256).read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ValueError(f"{self.path(sha256)} doesn't have the digest that is its name")
        return data

    def drop_all_but(self, kept: Collection[str]) -> None:
        """Delete all other objects, and what a killed run has left of its writing."""
        for each in self.folder.iterdir():
            if each.name not in kept:
                each.unlink(missing_ok=True)


def _copy(origin: BinaryIO, target: BinaryIO, sha256: str) -> None:
    digest = hashlib.sha256()
    while chunk := origin.read(_CHUNK):
        digest.update(chunk)
        target.write(chunk)
    if digest.hexdigest() != sha256:
        raise _OtherBytesError


class _OtherBytesError(Exception):
    """A file is no longer what was applied."""
