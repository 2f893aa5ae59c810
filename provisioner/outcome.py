"""The outcome of a call that was carried out."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call."""

    id: str | None
    diagnostics: tuple[Diagnostic, ...] = ()
    """What is wrong although the call was carried out."""
