"""Diagnostics: what is wrong, where, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from provisioner.address import Address


class Severity(Enum):
    """An error stops the command; a warning is shown and the command goes on."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True, slots=True)
class Position:
    """A place in a manifest; lines and columns count from 1, columns in characters."""

    path: str
    """Relative to the project folder, with forward slashes."""
    line: int
    column: int
    end: tuple[int, int] | None = field(default=None, compare=False)
    """Line and column just behind what stands here; None where that is not known.

    A place is the same wherever what stands there ends.
    """

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem.

    The summary is a constant text that readers learn to recognise; the detail says in full
    sentences what was found and ends with the remedy.
    """

    severity: Severity
    code: str
    """Stable, documented in docs/diagnostics.md: M manifests, P planning, R remote, S state."""
    summary: str
    detail: str
    position: Position | None = None
    address: Address | None = None


def error(
    code: str,
    summary: str,
    detail: str,
    position: Position | None = None,
    address: Address | None = None,
) -> Diagnostic:
    """Make a diagnostic that stops the command."""
    return Diagnostic(Severity.ERROR, code, summary, detail, position, address)


def warning(
    code: str,
    summary: str,
    detail: str,
    position: Position | None = None,
    address: Address | None = None,
) -> Diagnostic:
    """Make a diagnostic that lets the command go on."""
    return Diagnostic(Severity.WARNING, code, summary, detail, position, address)


def has_errors(diagnostics: tuple[Diagnostic, ...] | list[Diagnostic]) -> bool:
    """Say whether any of these stops the command."""
    return any(each.severity is Severity.ERROR for each in diagnostics)
