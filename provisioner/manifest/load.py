"""Reading a project's manifests into documents."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.diagnostics import Diagnostic, Position, error
from provisioner.manifest.discovery import PROJECT_FILE, manifest_files, unmatched
from provisioner.manifest.document import Document
from provisioner.manifest.pasted import in_manifest
from provisioner.manifest.quoting import LONGEST_SHOWN, shown
from provisioner.manifest.reading import Unreadable, read_text
from provisioner.manifest.suggestions import closest, did_you_mean
from provisioner.manifest.yaml_nodes import Parsed, parse
from provisioner.manifest.yaml_syntax import Problem

API_VERSION = "provisioner/v1"
KINDS = ("Project", "Assistant", "Instructions", "Tool", "File", "VectorStore", "Check")

NOTHING: Mapping[str, str] = {}

_OTHER_WORDS = {
    **dict.fromkeys(("agent", "bot"), "Assistant"),
    "function": "Tool",
    "prompt": "Instructions",
    "attachment": "File",
    "test": "Check",
}
"""What kinds are called elsewhere."""

_KINDS = "|".join(KINDS)
_OURS = re.compile(
    rf"""^[ {{"'-]*(?:apiVersion["']?[ ]*:[ "']*provis|kind[ :"']+(?:{_KINDS})\b)""",
    re.MULTILINE | re.IGNORECASE,
)
"""What a manifest has in its text, broken or not."""


@dataclass(frozen=True, slots=True)
class Manifests:
    """Everything that was read."""

    folder: Path
    documents: tuple[Document, ...]
    diagnostics: tuple[Diagnostic, ...]
    skipped: int
    """How many YAML documents are not ours."""


def load(folder: Path, instead: Mapping[str, str] = NOTHING) -> Manifests:
    """Read every manifest of a project; problems become diagnostics.

    `instead` has texts, by paths in the project, that are read in the place of files' own.
    """
    project = _read(folder, PROJECT_FILE, instead)
    globs = list(_globs(project))
    names = manifest_files(folder, [text for _, _, text in globs])
    others = (_read(folder, name, instead) for name in names if name != PROJECT_FILE)
    read = [project, *others]
    return Manifests(
        folder,
        tuple(each for one in read for each in one.documents),
        (*(each for one in read for each in one.diagnostics), *_unmatched(names, globs)),
        sum(one.skipped for one in read),
    )


def _globs(project: Manifests) -> Iterator[tuple[Document, int, str]]:
    for document in project.documents:
        spec = document.data.get("spec")
        globs = spec.get("manifests") if isinstance(spec, Mapping) else None
        if document.kind == "Project" and isinstance(globs, list):
            yield from (
                (document, n, each) for n, each in enumerate(globs) if isinstance(each, str)
            )


def _unmatched(
    names: Sequence[str], globs: Sequence[tuple[Document, int, str]]
) -> Iterator[Diagnostic]:
    for document, index, glob in globs:
        if unmatched(names, glob):
            yield document.error(
                ("spec", "manifests", index),
                "M009",
                "Pattern matches no file",
                f"No file of the project matches {shown(glob)}. Correct it: `*` stands for any"
                " characters of one name, `**/` for any folders. Resources whose manifests are not"
                " read would be deleted.",
            )


def _read(folder: Path, name: str, instead: Mapping[str, str]) -> Manifests:
    try:
        text = instead[name] if name in instead else read_text(folder / name)
    except Unreadable as trouble:
        where = Position(name, trouble.line, trouble.column)
        detail = f"{name}: {trouble}.{_not_ours(name)}"
        return Manifests(folder, (), (error("M001", "Manifest can't be read", detail, where),), 0)
    parsed, problem = parse(text)
    read = [_document(name, each) for each in parsed]
    ours = tuple(document for document, _ in read if document)
    found = [diagnostic for _, diagnostics in read for diagnostic in diagnostics]
    meant = bool(ours) or looks_like_ours(text) or name == PROJECT_FILE
    foreign = problem is not None and not meant
    if problem and not foreign:
        more = "" if API_VERSION in text else _not_ours(name)
        found.append(_diagnostic(name, problem, more))
    if ours:
        found.extend(in_manifest(name, text))
    return Manifests(folder, ours, tuple(found), len(read) - len(ours) + foreign)


def looks_like_ours(text: str) -> bool:
    """Say whether a text has what a manifest has, broken or not."""
    words = text.lower()
    return ("provis" in words or "kind" in words) and _OURS.search(text) is not None


def _not_ours(name: str) -> str:
    if name == PROJECT_FILE:
        return ""
    return f" If it is no manifest, say with `manifests` in {PROJECT_FILE} which files are."


def _diagnostic(name: str, problem: Problem, more: str = "") -> Diagnostic:
    where = Position(name, problem.line, problem.column, problem.end)
    return error(problem.code, problem.summary, problem.detail + more, where)


def _document(name: str, parsed: Parsed) -> tuple[Document | None, list[Diagnostic]]:
    """Decide whether a YAML document is ours; what is wrong with others doesn't matter."""
    if not isinstance(parsed.data, Mapping):
        return None, list(_listed(name, parsed))
    flaws = [_diagnostic(name, problem) for problem in parsed.problems]
    places = frozenset(each.position for each in flaws if each.position)
    document = Document(name, parsed.data, parsed.node, reported=places)
    version = parsed.data.get("apiVersion")
    problems = list(_kind(document) if version == API_VERSION else _near_miss(document, version))
    second = _second(document)
    if second:
        return Document(name, {}, parsed.node, refused=True), [second]
    if version != API_VERSION and not problems:
        return None, []
    refused = bool(problems) or not parsed.bounded
    data = parsed.data if parsed.bounded else {}
    return Document(name, data, parsed.node, refused, places), [*flaws, *problems]


def _near_miss(document: Document, version: Any) -> Iterator[Diagnostic]:
    if isinstance(version, str) and version.startswith("provisioner/"):
        detail = (
            f"This program reads {API_VERSION}, not {version[:LONGEST_SHOWN]}. Update provisioner,"
            f" or write {API_VERSION}."
        )
        yield document.error(("apiVersion",), "M005", "Unknown apiVersion", detail)
        return
    one_of_ours = document.kind in KINDS and (
        not isinstance(version, str) or "provision" in version or "/" not in version
    )
    key = _misspelt(document, "apiVersion")
    if (
        one_of_ours
        or closest(version, [API_VERSION])
        or (key and document.data[key] == API_VERSION)
    ):
        says = "it has no apiVersion" if version is None else f"its apiVersion is {shown(version)}"
        says = f"apiVersion is written {key!r}" if key else says
        detail = (
            f"The document looks like one of ours, but {says}. Write apiVersion: {API_VERSION}."
        )
        yield document.error((key or "apiVersion",), "M005", "Unknown apiVersion", detail)


def _misspelt(document: Document, key: str) -> str | None:
    """Find the key of a document that was meant to be another."""
    others = {each.replace("_", "").replace("-", "").lower(): each for each in document.data}
    return others.get(key.lower()) if key not in document.data else None


def _second(document: Document) -> Diagnostic | None:
    """Say where a second document begins whose separator is missing; None where none does."""
    versions = [key for key, _ in document.node.value if key.value == "apiVersion"]
    if len(versions) == 1 or not versions:
        return None
    mark = versions[1].start_mark
    detail = "A second document begins here. Write a line `---` before it."
    where = Position(document.file, mark.line + 1, mark.column + 1)
    return error("M003", "Duplicate key", detail, where)


def _listed(name: str, parsed: Parsed) -> Iterator[Diagnostic]:
    """Report documents in a list: skipped, what they declare would be deleted."""
    document = Document(name, {}, parsed.node)
    for index, each in enumerate(parsed.data if isinstance(parsed.data, list) else ()):
        if isinstance(each, Mapping) and str(each.get("apiVersion")).startswith("provisioner/"):
            detail = "Documents stand one after the other, with a line `---` between them."
            yield document.error((index,), "M150", "Document in a list", detail)


def _kind(document: Document) -> Iterator[Diagnostic]:
    kind = document.data.get("kind")
    if kind in KINDS:
        return
    if kind is None:
        key = _misspelt(document, "kind")
        cure = f" Write kind instead of {key}." if key else did_you_mean("", KINDS)
        detail = f"The document says no kind.{cure}"
    elif not isinstance(kind, str):
        detail = f"`kind` is {shown(kind)}. Write one word.{did_you_mean('', KINDS)}"
    else:
        meant = _OTHER_WORDS.get(str(kind).lower(), kind)
        detail = f"There is no kind {shown(kind)}.{did_you_mean(meant, KINDS)}"
    yield document.error(("kind",), "M006", "Unknown kind", detail)
