"""Two declarations set against each other."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.plan import Change


@dataclass(frozen=True, slots=True)
class Contrast:
    """What differs from one declaration to another; neither needs to be live."""

    project: str
    environment: str | None
    """None where two environments are set against each other."""
    before: str
    """Names the one: `revision 3`, `environment prod`."""
    after: str
    changes: tuple[Change, ...]
    """In the order of addresses. CREATE stands only in `after`, DELETE only in `before`."""
