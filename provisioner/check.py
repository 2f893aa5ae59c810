"""Checks: conversations with assistants that must go well."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.address import Address
from provisioner.diagnostics import Position


@dataclass(frozen=True, slots=True)
class Check:
    """A Check document as it holds in one environment."""

    name: str
    assistant: Address
    """Whom it talks to; declared for the same environment."""
    spec: Mapping[str, Any]
    """The whole body, valid by schemas/check.schema.json, variables filled in."""
    origin: Position
