"""Diagnostics as SARIF 2.1.0, for code scanning."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from provisioner import __version__
from provisioner.diagnostics import Diagnostic, Position
from provisioner.source import Sources
from provisioner.views import escape
from provisioner.views.diagnostics import in_order
from provisioner.views.excerpt import marked

VERSION = "2.1.0"
_ROOT = "%SRCROOT%"
_FINGERPRINT_DIGITS = 16


def render(diagnostics: Sequence[Diagnostic], sources: Sources, prefix: str) -> str:
    """Write one run; `prefix` leads from the repository's root to the project folder."""
    ordered = in_order(diagnostics)
    rules = {each.code: each for each in reversed(ordered)}
    codes = sorted(rules)
    marks = _fingerprints(ordered, sources)
    driver = {
        "name": "provisioner",
        "version": __version__,
        "rules": [_rule(rules[code]) for code in codes],
    }
    results = [
        _result(each, codes.index(each.code), mark, prefix)
        for each, mark in zip(ordered, marks, strict=True)
    ]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return escape.document({"version": VERSION, "runs": [run]})


def _rule(diagnostic: Diagnostic) -> dict[str, Any]:
    code = diagnostic.code
    return {
        "id": code,
        "shortDescription": {"text": diagnostic.summary},
        "help": {"text": f"docs/diagnostics.md of provisioner says when {code} comes, and why."},
        "defaultConfiguration": {"level": diagnostic.severity.value},
    }


def _result(diagnostic: Diagnostic, index: int, mark: str, prefix: str) -> dict[str, Any]:
    place = diagnostic.position
    return {
        "ruleId": diagnostic.code,
        "ruleIndex": index,
        "level": diagnostic.severity.value,
        "message": {"text": f"{diagnostic.summary}: {diagnostic.detail}"},
        "locations": [{"physicalLocation": _location(place, prefix)}] if place else [],
        "partialFingerprints": {"primaryLocationLineHash": mark},
    }


def _location(position: Position, prefix: str) -> dict[str, Any]:
    region = {"startLine": position.line, "startColumn": position.column}
    if position.end:
        region |= {"endLine": position.end[0], "endColumn": position.end[1]}
    uri = quote(prefix + position.path, errors="surrogateescape")
    return {"artifactLocation": {"uri": uri, "uriBaseId": _ROOT}, "region": region}


def _fingerprints(diagnostics: Iterable[Diagnostic], sources: Sources) -> list[str]:
    """Mark each problem so that it is known again when lines move; equal ones are numbered."""
    seen: dict[str, int] = {}
    marks = []
    for each in diagnostics:
        parts = "\0".join((each.code, each.summary, *_subject(each, sources)))
        digest = hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()
        seen[digest] = seen.get(digest, 0) + 1
        marks.append(f"{digest[:_FINGERPRINT_DIGITS]}:{seen[digest]}")
    return marks


def _subject(diagnostic: Diagnostic, sources: Sources) -> Iterable[str]:
    """Tell what a problem is about without its line number, which its detail may name too."""
    yield str(diagnostic.address or "")
    place = diagnostic.position
    if place:
        yield place.path
        line = sources[place.path].line(place.line) if place.path in sources else ""
        start, end = marked(place, line)
        yield from (line.strip(), line[start:end])
