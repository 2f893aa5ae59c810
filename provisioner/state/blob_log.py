"""A journal's append blob: lines gathered in memory, and appended together."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from provisioner.state.blob_requests import Blobs

LARGEST_BLOCK = 4 << 20
"""Bytes in one append, at most (Append Block, service versions before 2022-11-02)."""


@dataclass
class BlobLog:
    """Appends as long as nobody else does."""

    blobs: Blobs
    name: str
    _seen: str
    """The ETag that each append must find."""
    _length: int
    _gathered: list[bytes] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, data: bytes) -> None:
        """Gather bytes; a kill loses what isn't synced: whatever it told of is looked for then."""
        with self._lock:
            self._gathered.append(data)

    def sync(self) -> None:
        """Append what was gathered: one request for all who wait for it."""
        with self._lock:
            data, self._gathered = b"".join(self._gathered), []
        for start in range(0, len(data), LARGEST_BLOCK):
            self._append(data[start : start + LARGEST_BLOCK])

    def close(self) -> None:
        """Append the rest."""
        self.sync()

    def _append(self, block: bytes) -> None:
        self._seen = self.blobs.append(self.name, block, self._seen, self._length)
        self._length += len(block)
