"""The text of a manifest: UTF-8, a regular file, of a size that people write."""

from __future__ import annotations

import stat
from pathlib import Path

from provisioner.manifest.yaml_syntax import place

MAX_BYTES = 8 * 1024 * 1024
"""Larger files are refused: manifests are written by people."""

_BYTE_ORDER_MARKS = (b"\xff\xfe", b"\xfe\xff")


class Unreadable(Exception):  # noqa: N818 — it never leaves this room
    """A manifest has no text to read: says why, and at which line and column that shows."""

    def __init__(self, why: str, line: int = 1, column: int = 1) -> None:
        super().__init__(why)
        self.line = line
        self.column = column


def read_text(path: Path) -> str:
    """Read a manifest without its byte order mark; raises Unreadable."""
    try:
        raw = _bytes(path)
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as trouble:
        what = "it is no UTF-8. Save it as UTF-8"
        raise Unreadable(what, *place(trouble.object[: trouble.start])) from trouble
    except OSError as trouble:
        raise Unreadable(trouble.strerror or str(trouble)) from trouble


def _bytes(path: Path) -> bytes:
    about = path.stat()
    if not stat.S_ISREG(about.st_mode):
        raise Unreadable("it is no regular file")
    if about.st_size > MAX_BYTES:
        raise Unreadable(f"it has more than {MAX_BYTES // 1024 // 1024} MB. Split it")
    raw = path.read_bytes()
    if raw.startswith(_BYTE_ORDER_MARKS) or b"\0" in raw[:2]:
        raise Unreadable("it is UTF-16. Save it as UTF-8")
    return raw
