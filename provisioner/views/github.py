"""Diagnostics as workflow commands, which GitHub Actions shows beside the lines of a change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provisioner.diagnostics import Diagnostic, Position, Severity
from provisioner.views import escape
from provisioner.views.diagnostics import counts, in_order, summary

SHOWN = 10
"""So many annotations of each type does GitHub take from one step."""


def render(diagnostics: Sequence[Diagnostic], prefix: str) -> str:
    """Write a command for each, errors first, and a last line that counts them.

    `prefix` leads from the repository's root to the project folder.
    """
    ordered = sorted(in_order(diagnostics), key=lambda each: each.severity is Severity.WARNING)
    lines = [_command(each, prefix) for each in ordered]
    hidden = max(counts(diagnostics)) > SHOWN
    limit = f"; GitHub annotates the first {SHOWN} of each type, all are in this log"
    return "\n".join([*lines, f"validate: {summary(diagnostics)}{limit if hidden else ''}."]) + "\n"


def _command(diagnostic: Diagnostic, prefix: str) -> str:
    """Write one command: everything that a manifest may say is escaped."""
    title = f"{diagnostic.code} {diagnostic.summary}"
    place = _place(diagnostic.position, prefix) if diagnostic.position else {}
    values = {**place, "title": escape.line(title)}
    written = ",".join(f"{name}={_property(value)}" for name, value in values.items())
    message = f"{diagnostic.address}: " if diagnostic.address else ""
    return f"::{diagnostic.severity.value} {written}::{_data(message + diagnostic.detail)}"


def _place(position: Position, prefix: str) -> Mapping[str, str]:
    """Tell where; GitHub takes columns only of what stands on one line."""
    line, column = position.end or (position.line, position.column)
    place = {"file": prefix + position.path, "line": str(position.line), "endLine": str(line)}
    if line > position.line:
        return place
    return {**place, "col": str(position.column), "endColumn": str(column)}


def _data(text: str) -> str:
    """Escape a message, which ends with the line, and is a command's own already."""
    shown = escape.controls(text).replace("%", "%25")
    return shown.replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """Escape a property, which ends with a comma or with two colons."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
