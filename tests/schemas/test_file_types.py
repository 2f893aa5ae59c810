"""The table of file types."""

from __future__ import annotations

import re

import pytest

from provisioner.kinds.file_types import (
    CODE_INTERPRETER_TYPES,
    FILE_SEARCH_TYPES,
    is_listed,
    mime_type,
)

PUBLISHED = """
c. text/x-c
.cpp text/x-c++
.csv application/csv
.docx application/vnd.openxmlformats-officedocument.wordprocessingml.document
.html text/html
.java text/x-java
.json application/json
.md text/markdown
.pdf application/pdf
.php text/x-php
.pptx application/vnd.openxmlformats-officedocument.presentationml.presentation
.py text/x-python
.py text/x-script.python
.rb text/x-ruby
.tex text/x-tex
.txt text/plain
.css text/css
.jpeg image/jpeg
.jpg image/jpeg
.js text/javascript
.gif image/gif
.png image/png
.tar application/x-tar
.ts application/typescript
.xlsx application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
.xml application/xml or "text/xml"
.zip application/zip
"""
"""The code interpreter's table as Azure published it for 2024-02-15-preview."""


def test_the_code_interpreter_table_is_the_published_one() -> None:
    """Row by row and in order, with `c.` read as `.c`."""
    published: dict[str, tuple[str, ...]] = {}
    for row in PUBLISHED.strip().splitlines():
        extension, _, types = row.partition(" ")
        found = tuple(re.findall(r"[a-z]+/[\w.+-]+", types))
        key = "." + extension.strip(".")
        published[key] = published.get(key, ()) + found
    assert dict(CODE_INTERPRETER_TYPES) == published
    assert list(CODE_INTERPRETER_TYPES) == list(published)


def test_file_search_differs_where_azure_says_so() -> None:
    """It adds three types, lacks nine, and agrees on the rest."""
    added = FILE_SEARCH_TYPES.keys() - CODE_INTERPRETER_TYPES.keys()
    lacking = CODE_INTERPRETER_TYPES.keys() - FILE_SEARCH_TYPES.keys()
    assert added == {".cs", ".doc", ".sh"}
    images = {".gif", ".jpeg", ".jpg", ".png"}
    assert lacking == images | {".csv", ".tar", ".xlsx", ".xml", ".zip"}
    for extension in FILE_SEARCH_TYPES.keys() & CODE_INTERPRETER_TYPES.keys():
        assert FILE_SEARCH_TYPES[extension] == CODE_INTERPRETER_TYPES[extension]


@pytest.mark.parametrize(
    ("filename", "expected"),
    [
        ("sales.csv", "application/csv"),
        ("data/2024/sales.csv", "application/csv"),
        ("SALES.CSV", "application/csv"),
        ("main.c", "text/x-c"),
        ("plot.py", "text/x-python"),
        ("feed.xml", "application/xml"),
        ("run.sh", "application/x-sh"),
        ("archive.tar", "application/x-tar"),
        ("archive.tar.gz", "application/octet-stream"),
        ("table.parquet", "application/octet-stream"),
        ("Makefile", "application/octet-stream"),
        (".csv", "application/octet-stream"),
        ("売上.csv", "application/csv"),
        ("", "application/octet-stream"),
    ],
)
def test_mime_type(filename: str, expected: str) -> None:
    """The last extension decides, in any case; an unlisted one is plain bytes."""
    assert mime_type(filename) == expected


@pytest.mark.parametrize(
    ("filename", "code_interpreter", "file_search"),
    [
        ("sales.csv", True, False),
        ("Report.DOCX", True, True),
        ("letter.doc", False, True),
        ("table.parquet", False, False),
        ("Makefile", False, False),
    ],
)
def test_is_listed(filename: str, *, code_interpreter: bool, file_search: bool) -> None:
    """The code interpreter's table is asked, unless another is given."""
    assert is_listed(filename) is code_interpreter
    assert is_listed(filename, FILE_SEARCH_TYPES) is file_search
