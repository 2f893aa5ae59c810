"""The text of an answer: its annotations, and what is left of it at a limit."""

from dataclasses import replace
from typing import Any

from provisioner.emulator.conversations.lent import reachable_file
from provisioner.emulator.conversations.run import Run
from provisioner.emulator.models.acts import Annotation, Say
from provisioner.emulator.models.tokens import split
from provisioner.emulator.store import Store


def cut_short(say: Say, tokens: int) -> Say:
    """Keep so many tokens of an answer, and the annotations whose marks are still in it."""
    text = "".join(split(say.text)[:tokens])
    kept = tuple(each for each in say.annotations if each.mark in text)
    return replace(say, text=text, annotations=kept)


def make_annotations(store: Store, run: Run, say: Say) -> list[dict[str, Any]]:
    """Resolve annotations; a mark whose file nobody has stays in the text as it is.

    Indices count characters of the text, which holds the mark (recorded). Annotations with the same
    mark are for one place after the other.
    """
    found: list[dict[str, Any]] = []
    ends: dict[str, int] = {}
    for annotation in say.annotations:
        mark = annotation.mark
        start = say.text.find(mark, ends.get(mark, 0))
        ends[mark] = start + len(mark) if start >= 0 else len(say.text)
        what = _cited(store, run, annotation) if annotation.cites else _path(run, annotation)
        if what is not None and start >= 0:
            place = {"start_index": start, "end_index": ends[mark]}
            kind = "file_citation" if annotation.cites else "file_path"
            found.append({"type": kind, "text": mark, **place, kind: what})
    return found


def _cited(store: Store, run: Run, annotation: Annotation) -> dict[str, str] | None:
    file_id = reachable_file(store, run, annotation.cites or "")
    return {"file_id": file_id, "quote": annotation.quote} if file_id else None


def _path(run: Run, annotation: Annotation) -> dict[str, str] | None:
    file_id = run.progress.made.get(annotation.path or "")
    return {"file_id": file_id} if file_id else None
