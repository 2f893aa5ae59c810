"""API versions of the Assistants API: which generation of it one speaks."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum


class Generation(IntEnum):
    """The two generations of the Assistants API; on Azure the API version alone decides."""

    V1 = 1
    V2 = 2


FIRST_V2 = "2024-05-01-preview"
"""The first API version with file_search, vector stores and tool_resources (Azure's API version
lifecycle, "Changes between 2024-04-01-preview and 2024-05-01-preview").
"""

_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(-preview)?")


@dataclass(frozen=True, order=True, slots=True)
class ApiVersion:
    """An API version as Azure writes it: `YYYY-MM-DD-preview`; ordered by date."""

    text: str

    def __post_init__(self) -> None:
        if not _FORM.fullmatch(self.text):
            raise ValueError(f"{self.text!r} is no API version: write YYYY-MM-DD-preview")

    def __str__(self) -> str:
        return self.text

    @property
    def generation(self) -> Generation:
        """Before 2024-05 it is v1 (recorded down to 2024-01-01-preview), from then on v2."""
        return Generation.V1 if self.text[:7] < FIRST_V2[:7] else Generation.V2

    @property
    def has_assistants(self) -> bool:
        """Only preview versions ever carried the Assistants API."""
        return self.text.endswith("-preview")
