"""The text of an answer: its annotations, and what is left of it at a limit."""

from collections.abc import Iterator
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

    Indices count characters of the text, which holds the mark (recorded).
    """
    return [
        each for annotation in say.annotations for each in _resolve(store, run, say, annotation)
    ]


def _resolve(store: Store, run: Run, say: Say, annotation: Annotation) -> Iterator[dict[str, Any]]:
    what = _cited(store, run, annotation) if annotation.cites else _path(run, annotation)
    start = say.text.find(annotation.mark)
    if what is None or start < 0:
        return
    place = {"start_index": start, "end_index": start + len(annotation.mark)}
    kind = "file_citation" if annotation.cites else "file_path"
    yield {"type": kind, "text": annotation.mark, **place, kind: what}


def _cited(store: Store, run: Run, annotation: Annotation) -> dict[str, str] | None:
    file_id = reachable_file(store, run, annotation.cites or "")
    return {"file_id": file_id, "quote": annotation.quote} if file_id else None


def _path(run: Run, annotation: Annotation) -> dict[str, str] | None:
    file_id = run.progress.made.get(annotation.path or "")
    return {"file_id": file_id} if file_id else None
