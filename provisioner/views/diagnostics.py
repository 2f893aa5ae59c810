"""Diagnostics, for people and for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from provisioner.diagnostics import Diagnostic, Position, Severity
from provisioner.source import Sources
from provisioner.views import escape
from provisioner.views.excerpt import excerpt, rows
from provisioner.views.style import Paint, painter

FORMAT_VERSION = "1.0"
WIDTH = 88
SNIPPET_WIDTH = 400
"""How much of a line programs are given, as a terminal would count it."""
NO_SOURCES: Sources = {}


def text(diagnostics: Sequence[Diagnostic], sources: Sources = NO_SOURCES, *, color: bool) -> str:
    """Show every diagnostic, and its line: those with a position first, in its order."""
    paint = painter(color)
    blocks = [_block(each, sources, paint) for each in in_order(diagnostics)]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """Count them: `3 errors, 1 warning`."""
    errors, warnings = counts(diagnostics)
    counted = ((errors, "error"), (warnings, "warning"))
    words = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counted if count]
    return ", ".join(words) or "no problems"


def as_json(diagnostics: Sequence[Diagnostic], sources: Sources = NO_SOURCES) -> str:
    """Write the shape of Terraform's `validate -json`."""
    errors, warnings = counts(diagnostics)
    return escape.document(
        {
            "format_version": FORMAT_VERSION,
            "valid": not errors,
            "error_count": errors,
            "warning_count": warnings,
            "diagnostics": [as_value(each, sources) for each in in_order(diagnostics)],
        }
    )


def as_value(diagnostic: Diagnostic, sources: Sources) -> dict[str, Any]:
    """Give one diagnostic as a JSON value."""
    value: dict[str, Any] = {
        "severity": diagnostic.severity.value,
        "code": diagnostic.code,
        "summary": diagnostic.summary,
        "detail": diagnostic.detail,
    }
    if diagnostic.address:
        value["address"] = str(diagnostic.address)
    if diagnostic.position:
        value["range"] = _range(diagnostic.position, sources)
        value.update(_snippet(diagnostic, sources))
    return value


def _range(position: Position, sources: Sources) -> dict[str, Any]:
    """Tell from where to where; where the end is not known, it is the start."""
    start = (position.line, position.column)
    return {
        "filename": position.path,
        "start": _place(position.path, *start, sources),
        "end": _place(position.path, *(position.end or start), sources),
    }


def _place(path: str, line: int, column: int, sources: Sources) -> dict[str, int]:
    """Tell line, column and, where the manifest is at hand, the bytes before it."""
    value = {"line": line, "column": column}
    return {**value, "byte": sources[path].offset(line, column)} if path in sources else value


def _snippet(diagnostic: Diagnostic, sources: Sources) -> dict[str, Any]:
    """Show the line; offsets count characters of `code`."""
    found = excerpt(diagnostic.position, sources, SNIPPET_WIDTH)
    if found is None or diagnostic.position is None:
        return {}
    snippet: dict[str, Any] = {
        "context": str(diagnostic.address) if diagnostic.address else None,
        "code": found.code,
        "start_line": diagnostic.position.line,
        "highlight_start_offset": found.start,
        "highlight_end_offset": min(found.end, len(found.code)),
        "values": [],
    }
    return {"snippet": snippet}


def counts(diagnostics: Sequence[Diagnostic]) -> tuple[int, int]:
    """Count errors, and warnings."""
    errors = sum(each.severity is Severity.ERROR for each in diagnostics)
    return errors, len(diagnostics) - errors


def in_order(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Order by position; what has none comes after, in the order given."""
    placed = [(each.position, at, each) for at, each in enumerate(diagnostics) if each.position]
    placed.sort(key=lambda item: item[:2])
    rest = [each for each in diagnostics if each.position is None]
    return [each for _, _, each in placed] + rest


def _block(diagnostic: Diagnostic, sources: Sources, paint: Paint) -> str:
    """Show one diagnostic: where and what, the line, then in full."""
    address = [f"  with {diagnostic.address}"] if diagnostic.address else []
    detail = [row for line in escape.text(diagnostic.detail).split("\n") for row in _wrap(line)]
    shown = _line(diagnostic, sources, paint)
    return "\n".join([_title(diagnostic, paint), *shown, *address, *detail])


def _line(diagnostic: Diagnostic, sources: Sources, paint: Paint) -> list[str]:
    """Show the line that a diagnostic is about, where it is at hand."""
    found = excerpt(diagnostic.position, sources, WIDTH)
    if found is None or diagnostic.position is None:
        return []
    return rows(found, diagnostic.position.line, diagnostic.severity.value, paint)


def _title(diagnostic: Diagnostic, paint: Paint) -> str:
    """Write the first line: what editors and CI know how to read."""
    role = diagnostic.severity.value
    what = escape.line(diagnostic.summary)
    if diagnostic.position is None:
        code = paint("faint", f"[{diagnostic.code}]")
        return f"{paint(role, f'{role.capitalize()}:')} {paint('strong', what)} {code}"
    where = escape.line(str(diagnostic.position))
    return f"{where}: {paint(role, f'{role} {diagnostic.code}:')} {paint('strong', what)}"


def _wrap(line: str) -> list[str]:
    """Fold a line of the detail at its blanks, so that paths and ids stay whole."""
    if not line.strip():
        return [""]
    indent = "  " + line[: len(line) - len(line.lstrip())]
    folded = textwrap.wrap(
        line.strip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return [escape.text(row) for row in folded]  # a fold may bring `::` to the front
