"""The catalog: what a project's documents declare, by address."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic
from provisioner.manifest.document import Document
from provisioner.manifest.document import Path as NodePath
from provisioner.manifest.effective import check_patches, filled, merged
from provisioner.manifest.environments import Environment
from provisioner.manifest.paths import ProjectFiles
from provisioner.manifest.project import Project
from provisioner.manifest.quoting import shown_path
from provisioner.manifest.suggestions import did_you_mean

LONGEST_NAME = 63
_HASH = 8


@dataclass(frozen=True, slots=True)
class Catalog:
    """Every declared document, and the address of every attached file."""

    documents: Mapping[Address, Document]
    declared: frozenset[Address]
    """Also those that their schema refused: a reference to one of these is no second error."""
    files: Mapping[Path, Address]
    """The address of every file that is attached or declared, by its resolved path."""

    def names(self, kind: str) -> list[str]:
        """List the declared names of a kind."""
        return [address.name for address in self.declared if address.kind == kind]

    def of_kind(self, kind: str, environment: str) -> Iterator[Document]:
        """Go through the documents of a kind that are for an environment."""
        for address, document in self.documents.items():
            if address.kind == kind and is_for(document, environment):
                yield document


def is_for(document: Document, environment: str) -> bool:
    """Say whether a document is for an environment."""
    only = document.data["metadata"].get("environments")
    return only is None or environment in only


def catalog(
    accepted: Iterable[Document],
    all_documents: Iterable[Document],
    environments: Iterable[str],
) -> tuple[Catalog, list[Diagnostic]]:
    """Order documents by address; report what they declare twice, and unknown environments."""
    documents: dict[Address, Document] = {}
    problems: list[Diagnostic] = []
    known = list(environments)
    for document in accepted:
        if document.kind == "Project":
            continue
        first = documents.setdefault(document.address, document)
        if first is not document:
            problems.append(_declared_twice(first, document))
            problems.append(_declared_twice(document, first))
        problems.extend(_unknown_environments(document, known))
    declared = frozenset(documents) | frozenset(_declared(all_documents))
    return Catalog(documents, declared, {}), problems


def for_environment(
    everything: Catalog, project: Project, environment: Environment, files: ProjectFiles
) -> tuple[Catalog, list[Diagnostic]]:
    """Take the documents as they hold in one environment, and the files that they attach there."""
    documents = dict(everything.documents)
    here = {
        address for address, document in documents.items() if is_for(document, environment.name)
    }
    problems = list(check_patches(project.document, environment, documents, here))
    for address in here:
        document = merged(documents[address], project.document, project.defaults, environment)
        made, found = filled(document, environment)
        problems.extend(found)
        if made:
            documents[address] = made
        else:
            del documents[address]
    ours = [documents[address] for address in documents if address in here]
    others = [documents[address] for address in documents if address not in here]
    by_path, doubled = _declared_files(ours, files)
    elsewhere, _ = _declared_files(others, files)
    declared = {**elsewhere, **by_path}
    paths = {**_inline_names(ours, files, declared), **declared}
    return Catalog(documents, everything.declared, paths), [*problems, *doubled]


def _declared(documents: Iterable[Document]) -> Iterator[Address]:
    for document in documents:
        metadata = document.data.get("metadata")
        name = metadata.get("name") if isinstance(metadata, Mapping) else None
        if isinstance(name, str):
            yield Address(document.kind.lower(), name)


def _declared_twice(here: Document, there: Document) -> Diagnostic:
    return here.error(
        ("metadata", "name"),
        "M201",
        "Declared twice",
        f"{here.address} is declared here and at {there.position('metadata', 'name')}. Give one of"
        " the two another name.",
    )


def _unknown_environments(document: Document, known: list[str]) -> Iterator[Diagnostic]:
    for index, name in enumerate(document.data["metadata"].get("environments", ())):
        if known and name not in known:
            yield document.error(
                ("metadata", "environments", index),
                "M203",
                "Unknown environment",
                f"There is no environment {name!r}.{did_you_mean(name, known)}",
            )


def _declared_files(
    documents: Iterable[Document], files: ProjectFiles
) -> tuple[dict[Path, Address], list[Diagnostic]]:
    found: dict[Path, Address] = {}
    problems: list[Diagnostic] = []
    for document in documents:
        address = document.address
        if address.kind != "file":
            continue
        target = files.find(document, ("spec", "path"), document.spec["path"])
        if isinstance(target, Diagnostic):
            problems.append(target)
        elif found.setdefault(target, address) != address:
            problems.append(
                document.error(
                    ("spec", "path"),
                    "M201",
                    "Declared twice",
                    f"{shown_path(document.spec['path'])} is declared as {found[target]} already."
                    " Use that one: a path is one resource.",
                )
            )
    return found, problems


def attachments(document: Document) -> Iterator[tuple[NodePath, Sequence[Any]]]:
    """Go through the lists of files that an Assistant's tools or a VectorStore have."""
    if "files" in document.spec:
        yield ("spec", "files"), document.spec["files"]
    for index, tool in enumerate(document.spec.get("tools", ())):
        if "files" in tool:
            yield ("spec", "tools", index, "files"), tool["files"]


def inline_files(
    document: Document, files: ProjectFiles
) -> Iterator[tuple[NodePath, Path | Diagnostic]]:
    """Go through the files that are attached by path or glob, each with the place that says so."""
    for path, listed in attachments(document):
        for number, each in enumerate(listed):
            if isinstance(each, Mapping):
                yield from attached_files(document, (*path, number), each, files)


def attached_files(
    document: Document, path: NodePath, entry: Mapping[str, Any], files: ProjectFiles
) -> Iterator[tuple[NodePath, Path | Diagnostic]]:
    """Find the file of a `{path: PATH}`, or the files of a `{glob: GLOB}`; an id has none."""
    if "path" in entry:
        yield (*path, "path"), files.find(document, (*path, "path"), entry["path"])
    elif "glob" in entry:
        found = files.glob(document, (*path, "glob"), entry["glob"])
        for each in [found] if isinstance(found, Diagnostic) else found:
            yield (*path, "glob"), each


def _inline_names(
    documents: Sequence[Document],
    files: ProjectFiles,
    by_path: Mapping[Path, Address],
) -> dict[Path, Address]:
    paths = {
        target
        for document in documents
        if document.kind in ("Assistant", "VectorStore")
        for _, target in inline_files(document, files)
        if not isinstance(target, Diagnostic) and target not in by_path
    }
    relative = {path: files.relative(path) for path in paths}
    slugs = {path: _slug(each) for path, each in relative.items()}
    taken = Counter(slugs.values())
    taken.update(each.name for each in documents if each.kind == "File")
    return {
        path: Address("file", slug if taken[slug] == 1 else _hashed(slug, relative[path]))
        for path, slug in slugs.items()
    }


def _slug(path: str) -> str:
    slug = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")
    return slug if 0 < len(slug) <= LONGEST_NAME else _hashed(slug, path)


def _hashed(slug: str, path: str) -> str:
    digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:_HASH]
    return f"{slug[: LONGEST_NAME - _HASH - 1].rstrip('-')}-{digest}".lstrip("-")
