"""Manifests beside their canonical form: `=== name`, the text, `===>`, and what it becomes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from formatting_factories import formatted, formatted_spec

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.txt"))
PAIR = re.compile(r"^=== (.+)\n((?s:.*?))^===>( unchanged)?\n((?s:.*?))(?=^=== |\Z)", re.MULTILINE)


def pairs() -> Iterator[tuple[str, str, str]]:
    """Read every pair: a name, a text, and its canonical form."""
    for path in GOLDEN:
        for name, before, unchanged, after in PAIR.findall(path.read_text(encoding="utf-8")):
            yield f"{path.stem}: {name}", before, before if unchanged else after


@pytest.mark.parametrize(
    ("before", "after"),
    [pytest.param(before, after, id=name) for name, before, after in pairs()],
)
def test_a_manifest_gets_its_canonical_form(before: str, after: str) -> None:
    """And the canonical form stays as it is."""
    assert formatted(before) == after
    assert formatted(after) == after


def test_no_pair_is_overlooked() -> None:
    """Every name in the files has its pair."""
    texts = [path.read_text(encoding="utf-8") for path in GOLDEN]

    assert len(list(pairs())) == sum(
        len(re.findall(r"^=== ", each, re.MULTILINE)) for each in texts
    )
    assert len(list(pairs())) >= 40


@pytest.mark.parametrize(
    ("end", "becomes"),
    [
        (" chat", " chat\n"),
        (" chat # c", " chat # c\n"),
        (" |", " |\n"),
        (" |\n    text", " |-\n    text\n"),
        (" >+\n    text", " >-\n    text\n"),
        (" |\n    text\n  # c", " |\n    text\n  # c\n"),
        (" [\n    a]", "\n    [\n      a\n    ]\n"),
    ],
)
def test_a_file_without_a_newline_at_its_end_gets_one(end: str, becomes: str) -> None:
    """Which doesn't become part of the last text."""
    assert formatted_spec(f"  model:{end}") == f"  model:{becomes}"


@pytest.mark.parametrize("page", ["README.md", "docs/manifests.md"])
def test_the_documentation_shows_canonical_manifests(page: str) -> None:
    """Readers who copy an example need not format it."""
    text = (Path(__file__).parents[2] / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```yaml\n((?s:.*?))^```", text, re.MULTILINE)
    manifests = [each for each in blocks if each.startswith("apiVersion: provisioner/v1")]
    assert manifests

    for each in manifests:
        assert formatted(each) == each
