"""Effective documents: as they hold in one environment, with defaults, patches and variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, has_errors
from provisioner.json_texts import texts
from provisioner.manifest.document import Document, Path
from provisioner.manifest.environments import Environment
from provisioner.manifest.merging import patched, with_defaults
from provisioner.manifest.schema_check import check_filled
from provisioner.manifest.substitution import check_text
from provisioner.manifest.suggestions import did_you_mean
from provisioner.manifest.variables import fill_all, has_special, references

UNKNOWN = "M205"
"""The code of a variable that nobody declares."""

_SENT: Mapping[str, frozenset[str]] = {
    "Assistant": frozenset(
        {"name", "description", "instructions", "metadata", "tools", "response_format", "raw"}
    ),
    "Instructions": frozenset({"text"}),
    "Tool": frozenset({"function"}),
    "VectorStore": frozenset({"name", "metadata"}),
}
"""By kind, the fields of the spec whose texts are sent."""


def merged(
    document: Document,
    project: Document,
    defaults: Mapping[str, Any],
    environment: Environment,
) -> Document:
    """Put the defaults under a document, and the environment's patch over it."""
    below = defaults.get(document.kind.lower())
    made = with_defaults(document, project, below) if below else document
    patch = environment.patches.get(str(document.address))
    if patch is None:
        return made
    path = ("spec", "environments", environment.name, "patches", str(document.address))
    return patched(made, project, patch, path)


def filled(
    document: Document, environment: Environment
) -> tuple[Document | None, list[Diagnostic]]:
    """Fill a merged document's texts; report what is wrong with them, then with the whole.

    None where that can't be composed: it has errors, or asks for variables without a value where
    nothing else can stand. One that nobody declares is told, and has no value.
    """
    problems: list[Diagnostic] = []
    absent = environment.values.absent
    written = data = document.data
    labels = data["metadata"].get("labels", {})
    special = has_special([document.data["spec"], labels])
    if special:
        problems.extend(_check(document, environment))
        absent |= _undeclared(document, environment)
        scalars = environment.values.scalars
        metadata = {**data["metadata"], "labels": fill_all(labels, scalars)}
        spec = fill_all(data["spec"], scalars)
        data = {**data, "metadata": metadata if labels else data["metadata"], "spec": spec}
    if special or document.grafts:
        document = replace(document, data=data)
        unjudged = _unjudged(document, written["spec"])
        sized = replace(unjudged, data=environment.values.veil.blanked(unjudged.data))
        found, is_open = check_filled(sized, absent, written)
        problems.extend(found)
        mistaken = has_errors([each for each in problems if each.code != UNKNOWN])
        if is_open or mistaken or _has_open_paths(document, absent):
            return None, problems
    return document, problems


def _unjudged(document: Document, before: Mapping[str, Any]) -> Document:
    """Leave out the fields that were checked as they are, where each stands for itself."""
    if document.kind != "Assistant":
        return document
    grafted = {path[1] for path in document.grafts if path[0] == "spec" and len(path) > 1}
    spec = {
        key: each for key, each in document.spec.items() if key in grafted or each != before[key]
    }
    return replace(document, data={**document.data, "spec": spec})


def _undeclared(document: Document, environment: Environment) -> frozenset[str]:
    """List the variables that a spec asks for and nobody declares."""
    asked = (name for _, text in texts(document.spec) for name in references(text))
    return frozenset(asked) - frozenset(environment.values.declared)


def _has_open_paths(document: Document, absent: frozenset[str]) -> bool:
    """Say whether a path asks for a variable without a value: no file is missing then."""
    return any(
        name in absent
        for path, text in texts(document.spec)
        if path[-1] in ("file", "path", "glob")
        for name in references(text)
    )


def _check(document: Document, environment: Environment) -> Iterator[Diagnostic]:
    for path, text in texts(document.spec, ("spec",)):
        is_sent = _is_sent(document.kind, path)
        yield from check_text(document, path, text, environment.values, is_sent=is_sent)
    labels = document.data["metadata"].get("labels", {})
    for path, text in texts(labels, ("metadata", "labels")):
        yield from check_text(document, path, text, environment.values, is_sent=False)


def _is_sent(kind: str, path: Path) -> bool:
    """Say whether a text is sent to the service as it stands: paths, names and ids are not."""
    field = path[1]
    if field not in _SENT.get(kind, ()):
        return False
    if field == "instructions":
        return path[-1] not in ("file", "ref")
    return field != "tools" or "function" in path


def check_patches(
    project: Document,
    environment: Environment,
    documents: Mapping[Address, Document],
    here: set[Address],
) -> Iterator[Diagnostic]:
    """Report patches of addresses that nothing declares, or that are not for the environment."""
    known = {str(address) for address in documents}
    for text in environment.patches:
        path: Path = ("spec", "environments", environment.name, "patches", text)
        if text not in known:
            detail = f"Nothing declares {text}.{did_you_mean(text, known)}"
        elif text not in {str(each) for each in here}:
            detail = f"{text} is not for this environment: see its `environments`."
        else:
            continue
        yield replace(
            project.error(path, "M202", "Unknown reference", detail),
            position=project.position(*path, key=True),
        )
