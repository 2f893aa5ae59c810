"""Diagnostics, for people and for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from provisioner.diagnostics import Diagnostic, Severity
from provisioner.views import escape
from provisioner.views.style import Paint, painter

FORMAT_VERSION = "1.0"
WIDTH = 88


def text(diagnostics: Sequence[Diagnostic], *, color: bool) -> str:
    """Show every diagnostic: those with a position first, in its order."""
    paint = painter(color)
    blocks = [_block(each, paint) for each in _sorted(diagnostics)]
    return "\n\n".join(blocks) + "\n" if blocks else ""


def summary(diagnostics: Sequence[Diagnostic]) -> str:
    """Count them: `3 errors, 1 warning`."""
    errors, warnings = _counts(diagnostics)
    counted = ((errors, "error"), (warnings, "warning"))
    words = [f"{count} {word}{'' if count == 1 else 's'}" for count, word in counted if count]
    return ", ".join(words) or "no problems"


def as_json(diagnostics: Sequence[Diagnostic]) -> str:
    """Write the shape of Terraform's `validate -json`."""
    errors, warnings = _counts(diagnostics)
    return escape.document(
        {
            "format_version": FORMAT_VERSION,
            "valid": not errors,
            "error_count": errors,
            "warning_count": warnings,
            "diagnostics": [as_value(each) for each in _sorted(diagnostics)],
        }
    )


def as_value(diagnostic: Diagnostic) -> dict[str, Any]:
    """Give one diagnostic as a JSON value; of a range only the start is known."""
    value: dict[str, Any] = {
        "severity": diagnostic.severity.value,
        "code": diagnostic.code,
        "summary": diagnostic.summary,
        "detail": diagnostic.detail,
    }
    if diagnostic.address:
        value["address"] = str(diagnostic.address)
    if diagnostic.position:
        place = {"line": diagnostic.position.line, "column": diagnostic.position.column}
        value["range"] = {"filename": diagnostic.position.path, "start": place, "end": {**place}}
    return value


def _counts(diagnostics: Sequence[Diagnostic]) -> tuple[int, int]:
    """Count errors and warnings."""
    errors = sum(each.severity is Severity.ERROR for each in diagnostics)
    return errors, len(diagnostics) - errors


def _sorted(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """Order by position; what has none comes after, in the order given."""
    placed = [(each.position, at, each) for at, each in enumerate(diagnostics) if each.position]
    placed.sort(key=lambda item: item[:2])
    rest = [each for each in diagnostics if each.position is None]
    return [each for _, _, each in placed] + rest


def _block(diagnostic: Diagnostic, paint: Paint) -> str:
    """Show one diagnostic: where and what, then in full."""
    address = [f"  with {diagnostic.address}"] if diagnostic.address else []
    detail = [row for line in escape.text(diagnostic.detail).split("\n") for row in _wrap(line)]
    return "\n".join([_title(diagnostic, paint), *address, *detail])


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
    return textwrap.wrap(
        line.strip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
