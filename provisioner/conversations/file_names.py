"""Names for files that an assistant has made: whatever it calls them, they do no harm here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

LONGEST = 60
"""So many characters a name has at most, the extension included: no file system takes over 255
bytes, and one character may be four.
"""
_UNSAFE = re.compile(r"[^\w.()+,@ -]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9¹²³]) *(\..*)?", re.IGNORECASE)
"""The devices of Windows."""
_MANIFESTS = (".yaml", ".yml")
"""What an assistant has written must not become a manifest of the project that it is saved in."""

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"GIF8", "image/gif", ".gif"),
    (b"%PDF-", "application/pdf", ".pdf"),
)
"""What the bytes of images begin with: the service gives them names without extensions."""
_WEBP = re.compile(rb"RIFF....WEBP", re.DOTALL)


def told_by(content: bytes) -> tuple[str, str] | None:
    """Tell the MIME type and the extension of what its first bytes show."""
    if _WEBP.match(content):
        return "image/webp", ".webp"
    found = (each for each in _SIGNATURES if content.startswith(each[0]))
    return next(((mime, extension) for _, mime, extension in found), None)


def safe_name(name: str, id_: str, content: bytes) -> str:
    """Make a file name: no folders, no dot in front, no control characters, with an extension."""
    last = PurePosixPath(name.replace("\\", "/")).name
    base = _cleaned(last) or _cleaned(id_) or "file"
    if _RESERVED.fullmatch(base):
        base = f"_{base}"
    extension = PurePosixPath(base).suffix
    if not extension and (told := told_by(content)):
        extension = told[1]
    elif extension.lower() in _MANIFESTS:
        extension = f"{extension}.txt"
    stem = base[: len(base) - len(PurePosixPath(base).suffix)]
    return stem[: max(1, LONGEST - len(extension))] + extension[: LONGEST - 1]


def _cleaned(name: str) -> str:
    """Leave nothing that is hidden, taken for an option, or lost at the end on Windows."""
    return _UNSAFE.sub("_", name).lstrip(". -").rstrip(". ")


def save(folder: Path, name: str, content: bytes) -> Path:
    """Write a new file; where the name is taken, beside it under another. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in _candidates(folder / name):
        try:
            stream = path.open("xb")
        except FileExistsError:
            continue
        with stream, _whole(path):
            stream.write(content)
            stream.flush()
        return path
    raise AssertionError("there is no end of names")


@contextmanager
def _whole(path: Path) -> Iterator[None]:
    """Leave nothing where something can't be written to its end."""
    try:
        yield
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _candidates(path: Path) -> Iterator[Path]:
    yield path
    number = 1
    while True:
        number += 1
        yield path.with_name(f"{path.stem}-{number}{path.suffix}")
