"""The file types that Azure documents for assistants, and the MIME type that is sent with each.

The tables are Azure's own. Python's `mimetypes` is no substitute: it depends on the machine, and
differs from them where it matters (`text/csv` instead of `application/csv`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from types import MappingProxyType

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

CODE_INTERPRETER_TYPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        ".c": ("text/x-c",),
        ".cpp": ("text/x-c++",),
        ".csv": ("application/csv",),
        ".docx": (_DOCX,),
        ".html": ("text/html",),
        ".java": ("text/x-java",),
        ".json": ("application/json",),
        ".md": ("text/markdown",),
        ".pdf": ("application/pdf",),
        ".php": ("text/x-php",),
        ".pptx": (_PPTX,),
        ".py": ("text/x-python", "text/x-script.python"),
        ".rb": ("text/x-ruby",),
        ".tex": ("text/x-tex",),
        ".txt": ("text/plain",),
        ".css": ("text/css",),
        ".jpeg": ("image/jpeg",),
        ".jpg": ("image/jpeg",),
        ".js": ("text/javascript",),
        ".gif": ("image/gif",),
        ".png": ("image/png",),
        ".tar": ("application/x-tar",),
        ".ts": ("application/typescript",),
        ".xlsx": (_XLSX,),
        ".xml": ("application/xml", "text/xml"),
        ".zip": ("application/zip",),
    }
)
"""Extension to MIME types for the code interpreter, in the order of Azure's table.

Source: "Azure OpenAI Assistants (preview)", section "Supported file types", as published for API
version 2024-02-15-preview; the same table holds for v2. It prints the first extension as `c.`,
which means `.c`. Where it gives two MIME types, the first is the one that is sent: `text/x-python`
is the common name of the two, and `application/xml` is what RFC 7303 makes `text/xml` an alias of.
"""

FILE_SEARCH_TYPES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        ".c": ("text/x-c",),
        ".cpp": ("text/x-c++",),
        ".cs": ("text/x-csharp",),
        ".css": ("text/css",),
        ".doc": ("application/msword",),
        ".docx": (_DOCX,),
        ".html": ("text/html",),
        ".java": ("text/x-java",),
        ".js": ("text/javascript",),
        ".json": ("application/json",),
        ".md": ("text/markdown",),
        ".pdf": ("application/pdf",),
        ".php": ("text/x-php",),
        ".pptx": (_PPTX,),
        ".py": ("text/x-python", "text/x-script.python"),
        ".rb": ("text/x-ruby",),
        ".sh": ("application/x-sh",),
        ".tex": ("text/x-tex",),
        ".ts": ("application/typescript",),
        ".txt": ("text/plain",),
    }
)
"""Extension to MIME types for file search (v2), alphabetically.

Source: "Azure OpenAI Assistants file search tool", section "Supported file types", for API version
2024-05-01-preview and later, as published on 2026-08-21. Text must be UTF-8, UTF-16 or ASCII.
"""

_ALSO_SEARCHABLE = frozenset({"", ".go"})
"""What is in no table, and searched all the same: the service's own refusal of other types lists
.go (agent-framework#2469), and a name without extension was taken for text (recorded, v1).
"""

_UNLISTED = "application/octet-stream"


def mime_type(filename: str) -> str:
    """Say which MIME type is sent with a file of this name."""
    extension = _extension(filename)
    listed = CODE_INTERPRETER_TYPES.get(extension) or FILE_SEARCH_TYPES.get(extension)
    return listed[0] if listed else _UNLISTED


def is_listed(filename: str, types: Mapping[str, tuple[str, ...]] = CODE_INTERPRETER_TYPES) -> bool:
    """Say whether the table, by default the code interpreter's, has a file of this name."""
    return _extension(filename) in types


def can_be_searched(filename: str) -> bool:
    """Say whether a vector store indexes a file of this name."""
    return is_listed(filename, FILE_SEARCH_TYPES) or _extension(filename) in _ALSO_SEARCHABLE


def _extension(filename: str) -> str:
    return PurePosixPath(filename).suffix.lower()
