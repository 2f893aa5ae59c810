"""Files that an assistant has made: of what type they are."""

from __future__ import annotations

from pathlib import PurePosixPath

from provisioner.conversations.file_names import told_by
from provisioner.conversations.turn import Produced
from provisioner.kinds.file_types import CODE_INTERPRETER_TYPES, FILE_SEARCH_TYPES

_ALSO = {".csv": ("text/csv",), ".svg": ("image/svg+xml",), ".webp": ("image/webp",)}
"""What everybody else calls types that Azure's tables lack, or name otherwise."""
UNKNOWN = "application/octet-stream"


def mime_types(file: Produced) -> list[str]:
    """List the names of a file's type, the first first: by its bytes, else by its name.

    Never empty; the service tells `application/octet-stream` of every file, whatever it is.
    """
    told = told_by(file.content or b"")
    if told:
        return [told[0]]
    extension = PurePosixPath(file.file.name).suffix.lower()
    named = [
        *CODE_INTERPRETER_TYPES.get(extension, FILE_SEARCH_TYPES.get(extension, ())),
        *_ALSO.get(extension, ()),
    ]
    return named or [UNKNOWN]
