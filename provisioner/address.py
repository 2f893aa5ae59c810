"""Addresses: the identity of a resource inside a project."""

from __future__ import annotations

import re
from dataclasses import dataclass

NAME_PATTERN = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
"""What `metadata.name` may be: it is part of addresses, file names and ownership tags."""


@dataclass(frozen=True, order=True, slots=True)
class Address:
    """`<kind>.<name>`, for example `assistant.data-visualization`: unique in a project."""

    kind: str
    """The lower-cased kind."""
    name: str
    """`metadata.name`."""

    def __str__(self) -> str:
        return f"{self.kind}.{self.name}"

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read `<kind>.<name>`; raise ValueError when it is not of that form."""
        kind, dot, name = text.partition(".")
        if not dot or not re.fullmatch("[A-Za-z]+", kind) or not re.fullmatch(NAME_PATTERN, name):
            raise ValueError(f"{text!r} is no address: write KIND.NAME, like assistant.my-bot")
        return cls(kind.lower(), name)
