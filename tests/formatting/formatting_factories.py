"""Texts formatted as the program does it, without a project around them."""

from __future__ import annotations

from provisioner.formatting.canonical import canonical
from provisioner.manifest.document import Document
from provisioner.manifest.load import API_VERSION, KINDS
from provisioner.manifest.yaml_nodes import Parsed, parse

HEAD = "apiVersion: provisioner/v1\nkind: Assistant\nmetadata:\n  name: bot\n"


def read(text: str) -> list[Parsed]:
    """Read a manifest that has no problems."""
    documents, problem = parse(text)
    assert problem is None, problem
    assert not any(each.problems for each in documents)
    return documents


def formatted(text: str) -> str:
    """Format every document of ours in a manifest."""
    maps = [each for each in read(text) if isinstance(each.data, dict)]
    ours = [
        each
        for each in maps
        if each.data.get("apiVersion") == API_VERSION and each.data.get("kind") in KINDS
    ]
    return canonical(text, [Document("a.yaml", each.data, each.node) for each in ours])


def formatted_spec(text: str) -> str:
    """Format what stands in the spec of an Assistant, indented by two blanks."""
    return formatted(f"{HEAD}spec:\n{text}").removeprefix(f"{HEAD}spec:\n")
