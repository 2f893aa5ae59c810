"""The manifests that diagnostics speak of."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from provisioner.diagnostics import Diagnostic, Position
from provisioner.errors import ManifestError
from provisioner.manifest.discovery import find_project
from provisioner.manifest.load import looks_like_ours
from provisioner.manifest.masking import has_sensitive, masked
from provisioner.manifest.reading import Unreadable, read_text
from provisioner.source import Source, Sources, first_lines

EXPOSED = "M210"
"""The code of a sensitive value that stands in a manifest by mistake."""


def read_sources(start: Path, diagnostics: Iterable[Diagnostic]) -> Sources:
    """Read the manifests that diagnostics name, without what may be a credential.

    What can't be read any more, or is no manifest, is left out: of such a file nothing is shown.
    """
    diagnostics = tuple(diagnostics)
    names = {each.position.path for each in diagnostics if each.position}
    try:
        folder = find_project(start) if names else start
    except ManifestError:
        return {}
    texts = {name: _text(folder / name) for name in sorted(names)}
    found = {
        name: Source.of(_shown(text, _last(name, diagnostics)))
        for name, text in texts.items()
        if text
    }
    for each in diagnostics:
        if each.code == EXPOSED and each.position and each.position.path in found:
            found[each.position.path] = _without(found[each.position.path], each.position)
    return found


def _shown(text: str, last: int) -> str:
    """Take the first lines of a manifest, so many, without what nobody may see."""
    return masked(first_lines(text, last), variables=has_sensitive(text))


def _last(name: str, diagnostics: Iterable[Diagnostic]) -> int:
    """Tell the last line of a manifest that is shown: what comes after it would only cost time."""
    positions = (each.position for each in diagnostics)
    return max((each.end or (each.line, 0))[0] for each in positions if each and each.path == name)


def _without(source: Source, place: Position) -> Source:
    """Hide what stands at a place, to the end of its line."""
    lines = list(source.lines)
    line = lines[place.line - 1]
    lines[place.line - 1] = line[: place.column - 1] + "*" * (len(line) - place.column + 1)
    return replace(source, lines=tuple(lines))


def _text(path: Path) -> str:
    try:
        text = read_text(path)
    except Unreadable:
        return ""
    return text if looks_like_ours(text) else ""


def repository_prefix(start: Path) -> str:
    """Tell how paths of the project begin in its repository: with "" or `FOLDER/`.

    The repository is what GITHUB_WORKSPACE names, if the project lies inside it.
    """
    workspace = os.environ.get("GITHUB_WORKSPACE")
    try:
        folder = find_project(start)
    except ManifestError:
        return ""
    root = Path(workspace).resolve() if workspace else folder
    inside = folder != root and folder.is_relative_to(root)
    return f"{folder.relative_to(root).as_posix()}/" if inside else ""
