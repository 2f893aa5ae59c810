"""A manifest's text in canonical form, or the reason why it has to stay as it is."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import yaml

from provisioner.diagnostics import Position, error
from provisioner.errors import ManifestError
from provisioner.formatting.layout import write
from provisioner.formatting.order import ordered
from provisioner.formatting.parse import parse_document
from provisioner.formatting.reader import Unformattable
from provisioner.formatting.sameness import same
from provisioner.manifest.document import Document
from provisioner.manifest.schema_check import resolved
from provisioner.manifest.yaml_scalars import Loader


@dataclass(frozen=True, slots=True)
class _Part:
    """The text of one document, from its marker to the next one's."""

    start: int
    text: str
    document: Document | None
    """None: it is not ours."""


def canonical(text: str, documents: Sequence[Document]) -> str:
    """Bring the documents of ours in a manifest into canonical form; all others stay as they are.

    Its YAML has no problems. Raises ManifestError where the result would not say the same, or would
    lose a comment.
    """
    return "".join(
        _formatted(part.text, part.document, text.count("\n", 0, part.start))
        if part.document
        else part.text
        for part in _parts(text, documents)
    )


def _parts(text: str, documents: Sequence[Document]) -> Iterator[_Part]:
    starts = _starts(text)
    ours = {bisect(starts, each.node.start_mark.index): each for each in documents}
    for number, (start, end) in enumerate(pairwise([*starts, len(text)]), start=1):
        yield _Part(start, text[start:end], ours.get(number))


def _starts(text: str) -> list[int]:
    """Find where documents begin: at their markers, or behind the end marker before them."""
    starts: list[int] = []
    end = 0
    events: Iterator[Any] = yaml.parse(text, Loader=Loader)
    for event in events:
        first, last = event.start_mark.index, event.end_mark.index
        if isinstance(event, yaml.DocumentEndEvent):
            end = text.find("\n", last) + 1
        elif isinstance(event, yaml.DocumentStartEvent):
            starts.append((first if event.explicit else end) if starts else 0)
    return starts


def _formatted(part: str, document: Document, lines: int) -> str:
    """Format a document that so many lines stand before; raises ManifestError."""
    text = part.replace("\r\n", "\n")
    try:
        tree = parse_document(text)
    except Unformattable as trouble:
        column = trouble.offset - text.rfind("\n", 0, trouble.offset)
        line = lines + text.count("\n", 0, trouble.offset) + 1
        raise _refusal(Position(document.file, line, column), str(trouble)) from trouble
    root = ordered(tree.root, resolved(document.kind.lower()))
    written = write(replace(tree, root=root))
    if written == part or same(text, written):
        return written
    raise _refusal(document.position(), "The document would say something else then")


def _refusal(where: Position, why: str) -> ManifestError:
    detail = (
        f"{why}, so the file was left as it is. Write this in a plainer way, or format the document"
        " by hand."
    )
    return ManifestError(error("M701", "Document can't be formatted safely", detail, where))
