"""Reading a project's manifests into documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from provisioner.diagnostics import Diagnostic, Position, error
from provisioner.manifest.discovery import PROJECT_FILE, manifest_files
from provisioner.manifest.document import Document
from provisioner.manifest.suggestions import did_you_mean
from provisioner.manifest.yaml_nodes import Parsed, Problem, parse

API_VERSION = "provisioner/v1"
KINDS = ("Project", "Assistant", "Instructions", "Tool", "File")
LATER_KINDS = ("VectorStore", "Check")
"""Kinds that the manifests' form provides for, and that this release can't provision yet."""

MAX_BYTES = 8 * 1024 * 1024
"""Larger YAML files are refused: manifests are written by people."""


@dataclass(frozen=True, slots=True)
class Manifests:
    """Everything that was read."""

    folder: Path
    documents: tuple[Document, ...]
    diagnostics: tuple[Diagnostic, ...]
    skipped: int
    """How many YAML documents are not ours."""


def load(folder: Path) -> Manifests:
    """Read every manifest of a project; problems become diagnostics."""
    project = _read(folder, PROJECT_FILE)
    others = [name for name in manifest_files(folder, _globs(project)) if name != PROJECT_FILE]
    read = [project, *(_read(folder, name) for name in others)]
    return Manifests(
        folder,
        tuple(each for one in read for each in one.documents),
        tuple(each for one in read for each in one.diagnostics),
        sum(one.skipped for one in read),
    )


def _globs(project: Manifests) -> Sequence[str]:
    for document in project.documents:
        spec = document.data.get("spec")
        if document.kind == "Project" and isinstance(spec, Mapping):
            globs = spec.get("manifests", ())
            return [each for each in globs if isinstance(each, str)] if globs else ()
    return ()


def _read(folder: Path, name: str) -> Manifests:
    empty = Manifests(folder, (), (), 0)
    try:
        text = _text(folder / name)
    except (OSError, UnicodeDecodeError, ValueError) as trouble:
        return replace(empty, diagnostics=(_unreadable(name, trouble),))
    parsed, problems = parse(text)
    found = [_diagnostic(name, problem) for problem in problems]
    ours: list[Document] = []
    skipped = 0
    for each in parsed:
        document, trouble_with_it, is_ours = _document(name, each)
        ours.extend(document)
        found.extend(trouble_with_it)
        skipped += not is_ours
    return Manifests(folder, tuple(ours), tuple(found), skipped)


def _text(path: Path) -> str:
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"it has more than {MAX_BYTES // 1024 // 1024} MB. Split it")
    raw = path.read_bytes()
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ValueError("it is UTF-16. Save it as UTF-8")
    return raw.decode("utf-8-sig")


def _unreadable(name: str, trouble: Exception) -> Diagnostic:
    what = (
        f"it is no UTF-8 (byte {trouble.start}). Save it as UTF-8"
        if isinstance(trouble, UnicodeDecodeError)
        else (getattr(trouble, "strerror", None) or str(trouble))
    )
    return error("M001", "Manifest can't be read", f"{name}: {what}.", Position(name, 1, 1))


def _diagnostic(name: str, problem: Problem) -> Diagnostic:
    where = Position(name, problem.line, problem.column)
    return error(problem.code, problem.summary, problem.detail, where)


def _document(name: str, parsed: Parsed) -> tuple[list[Document], list[Diagnostic], bool]:
    """Decide whether a YAML document is ours, and whether it nearly is."""
    data = parsed.data
    if not isinstance(data, Mapping):
        return [], [], False
    document = Document(name, data, parsed.node)
    version = data.get("apiVersion")
    if version == API_VERSION:
        problems = list(_kind_problems(document))
        return ([] if problems else [document]), problems, True
    problem = _near_miss(document, version)
    return [], [problem] if problem else [], problem is not None


def _near_miss(document: Document, version: Any) -> Diagnostic | None:
    if isinstance(version, str) and version.startswith("provisioner/"):
        return document.error(
            ("apiVersion",),
            "M005",
            "Unknown apiVersion",
            f"This program reads {API_VERSION}, not {version}. Update provisioner, or write"
            f" {API_VERSION}.",
        )
    looks_ours = document.kind in (*KINDS, *LATER_KINDS) and (
        not isinstance(version, str) or "provision" in version or "/" not in version
    )
    close = isinstance(version, str) and "mean" in did_you_mean(version, [API_VERSION])
    if not (looks_ours or close):
        return None
    return document.error(
        ("apiVersion",),
        "M005",
        "Unknown apiVersion",
        f"The document looks like one of ours, but its apiVersion is {version!r}. Write"
        f" apiVersion: {API_VERSION}.",
    )


def _kind_problems(document: Document) -> Iterator[Diagnostic]:
    kind = document.data.get("kind")
    if kind in KINDS:
        return
    if kind in LATER_KINDS:
        detail = f"This release can't provision the kind {kind} yet. Leave the document out."
    else:
        detail = f"There is no kind {kind!r}.{did_you_mean(kind, KINDS)}"
    yield document.error(("kind",), "M006", "Unknown kind", detail)
