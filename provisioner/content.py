"""The bytes of files: digests and sizes."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1 << 20
_SHA256 = re.compile(r"[0-9a-f]{64}")


def is_sha256(text: str) -> bool:
    """Say whether a text is a SHA-256 as it is written here."""
    return _SHA256.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Content:
    """What identifies bytes without holding them."""

    sha256: str
    """64 hexadecimal digits."""
    size: int
    """In bytes."""

    @classmethod
    def of(cls, path: Path) -> Content:
        """Read a file once, in pieces; raises OSError when it can't be read."""
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
        return cls(digest.hexdigest(), size)

    @classmethod
    def of_text(cls, text: str) -> Content:
        """Digest a text as a file would hold it."""
        content = text.encode()
        return cls(hashlib.sha256(content).hexdigest(), len(content))
