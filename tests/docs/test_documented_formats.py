"""What docs/formats.md says of the formats is what they have."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/formats.md").read_text(encoding="utf-8")
SCHEMA = json.loads((ROOT / "tests/views/ndjson.schema.json").read_text(encoding="utf-8"))
ELSEWHERE = {"output", "diagnostic"}
"""Whose members are those of other formats."""


def members(schema: dict[str, Any]) -> Iterator[str]:
    """List the names of everything that a line may have."""
    yield from schema["properties"]
    for name, inner in schema["$defs"].items():
        if name not in ELSEWHERE:
            yield from inner.get("properties", {})


def test_every_type_of_line_is_documented() -> None:
    """A program's author finds each in the table."""
    assert not [each for each in SCHEMA["properties"]["type"]["enum"] if f"`{each}`" not in PAGE]


def test_every_member_of_a_line_is_documented() -> None:
    """Terraform's, and those beyond it."""
    missing = [each for each in members(SCHEMA) if each not in PAGE]
    assert not missing
