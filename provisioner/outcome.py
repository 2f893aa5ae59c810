"""The outcome of a call that was carried out, and what is told while it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from provisioner.diagnostics import Diagnostic

Progress: TypeAlias = Callable[[int, int], None]
"""Told, while a vector store takes files in, how many are indexed, and of how many."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call."""

    id: str | None
    diagnostics: tuple[Diagnostic, ...] = ()
    """What is wrong although the call was carried out."""
