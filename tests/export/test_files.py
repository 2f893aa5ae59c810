"""Files that become the project's own: which of them can."""

from __future__ import annotations

from typing import Any

import pytest

from provisioner.export.files import refusal
from provisioner.resource import RemoteObject

LISTED = {"filename": "a.csv", "bytes": 3, "purpose": "assistants"}


@pytest.mark.parametrize(
    ("attributes", "content", "searched", "reason"),
    [
        ({}, b"a,b", False, None),
        ({}, b"a,b", True, "of its type searched"),
        ({"filename": "a.md"}, b"a,b", True, None),
        ({}, b"a,", False, "2 bytes came"),
        ({"bytes": 0}, b"", False, "no size"),
        ({"purpose": "batch"}, b"a,b", False, "its purpose"),
        ({"filename": "a/b"}, b"a,b", False, "can't be sent"),
    ],
)
def test_what_could_not_be_uploaded_again_stays_an_id(
    attributes: dict[str, Any], content: bytes, searched: bool, reason: str | None
) -> None:
    """Neither what a manifest refuses, nor bytes that aren't what the service tells of."""
    found = refusal(
        RemoteObject("file", "assistant-1", {**LISTED, **attributes}), content, searched=searched
    )

    assert (found is None) if reason is None else (found and reason in found)
