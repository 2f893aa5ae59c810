"""Formatting: the manifests of a project in canonical form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from provisioner.diagnostics import Diagnostic, Position, error, has_errors
from provisioner.errors import ManifestError
from provisioner.formatting.canonical import canonical
from provisioner.manifest.discovery import find_project
from provisioner.manifest.document import Document
from provisioner.manifest.load import load
from provisioner.manifest.reading import Unreadable, read_text
from provisioner.operations.rewriting import standing
from provisioner.state.files import replace_file


@dataclass(frozen=True, slots=True)
class Formatted:
    """What formatting a project came to."""

    changed: tuple[str, ...]
    """The files that were rewritten, or would be; relative to the project folder."""
    diagnostics: tuple[Diagnostic, ...]


def format_project(start: Path, *, write: bool) -> Formatted:
    """Bring the manifests of the project that `start` lies in into canonical form.

    Files whose YAML has a problem are reported and left as they are; the others go on. Nothing is
    written unless `write` says so.
    """
    folder = find_project(start)
    manifests = load(folder)
    problems = list(manifests.diagnostics)
    broken = {each.position.path for each in problems if each.position and has_errors([each])}
    changed: list[str] = []
    for file, documents in groupby(manifests.documents, key=lambda each: each.file):
        if file in broken:
            continue
        try:
            if _format(folder, file, list(documents), write=write):
                changed.append(file)
        except ManifestError as trouble:
            problems.extend(trouble.diagnostics)
    return Formatted(tuple(changed), tuple(problems))


def _format(folder: Path, file: str, documents: Sequence[Document], *, write: bool) -> bool:
    """Format one manifest; say whether it was in another form. Raises ManifestError."""
    path = folder / file
    try:
        text = canonical(read_text(path), documents)
        differs = path.read_bytes() != text.encode()
        if differs and write:
            found = standing(folder, file)
            replace_file(found.path, text, found.mode)
    except Unreadable as trouble:
        raise _unwritable(file, str(trouble)) from trouble
    except OSError as trouble:
        raise _unwritable(file, trouble.strerror or str(trouble)) from trouble
    return differs


def _unwritable(file: str, why: str) -> ManifestError:
    return ManifestError(
        error(
            "M702",
            "Manifest can't be rewritten",
            f"{file}: {why}. Mend that and format again, or leave the file out with `manifests` in"
            " provisioner.yaml.",
            Position(file, 1, 1),
        )
    )
