"""Codes of diagnostics: each documented, and each for one problem."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise, product
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"[MPRS]\d{3}")
SHARED = {
    "M011": "init can't write the project: its folder is in use, or the disk refuses",
    "M203": "no environment is chosen, or one that isn't there",
    "R004": "three forms of an answer that is none of the service's",
    "R005": "no answer: never sent, or lost",
}
"""Codes with several summaries, and what these have in common."""


def sources() -> list[Path]:
    """List the program's own files."""
    return sorted((ROOT / "provisioner").rglob("*.py"))


def used() -> set[str]:
    """Find every code in the program."""
    texts = (path.read_text(encoding="utf-8") for path in sources())
    return {code for text in texts for code in re.findall(r'"([MPRS]\d{3})"', text)}


def documented() -> dict[str, set[str]]:
    """Read the headings of the page: codes and their summaries."""
    page = (ROOT / "docs/diagnostics.md").read_text(encoding="utf-8")
    headings = re.findall(r"^#+ ([MPRS]\d{3}) (.+)$", page, re.MULTILINE)
    assert len(headings) == len(dict(headings)), "a code is documented twice"
    return {code: set(summaries.split(" · ")) for code, summaries in headings}


def constants(node: ast.expr | None) -> list[str]:
    """Give the texts that an expression may be, as far as they are written out."""
    if isinstance(node, ast.IfExp):
        return [*constants(node.body), *constants(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def told(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Find codes beside their summaries: `error(code, summary)`, or `code=` after a summary."""
    parts = node.args if isinstance(node, ast.Call) else getattr(node, "elts", [])
    pairs = list(pairwise(map(constants, parts)))
    if isinstance(node, ast.Call) and parts:
        coded = [constants(each.value) for each in node.keywords if each.arg == "code"]
        pairs.extend((codes, constants(parts[0])) for codes in coded)
    for codes, texts in pairs:
        matching = len(codes) == len(texts) > 1
        for code, text in zip(codes, texts, strict=True) if matching else product(codes, texts):
            if CODE.fullmatch(code) and not CODE.fullmatch(text):
                yield code, text


@cache
def summaries() -> dict[str, set[str]]:
    """Collect the summaries of every code in the program."""
    found: dict[str, set[str]] = {}
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for code, summary in told(node):
                found.setdefault(code, set()).add(summary)
    return found


def test_every_code_is_documented() -> None:
    """And no code that doesn't exist."""
    assert set(documented()) == used()


def test_every_code_has_a_summary() -> None:
    """Written out beside it, so that this file can find it."""
    assert set(summaries()) == used()


def test_the_page_has_the_summaries_that_people_see() -> None:
    """So that a search for one leads to the page."""
    assert documented() == summaries()


def test_a_code_is_for_one_problem() -> None:
    """But for a few whose summaries are of one sort."""
    assert {code for code, texts in summaries().items() if len(texts) > 1} == set(SHARED)


def test_a_summary_has_one_code() -> None:
    """Read backwards, too."""
    every = [summary for texts in summaries().values() for summary in texts]

    assert len(every) == len(set(every))


def test_the_page_is_in_order() -> None:
    """Each section has its own letter."""
    page = (ROOT / "docs/diagnostics.md").read_text(encoding="utf-8")
    for letter, section in re.findall(r"^## ([MPRS]): .*$((?:\n(?!## ).*)*)", page, re.MULTILINE):
        assert {code[0] for code in re.findall(r"^#+ ([MPRS]\d{3}) ", section, re.MULTILINE)} == {
            letter
        }
