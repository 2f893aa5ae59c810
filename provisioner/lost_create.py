"""Creates whose answer was lost for good: what they made may still arrive, long after."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.address import Address

IN_FLIGHT_SECONDS = 960.0
"""So long after it was sent no request is under way any more: an upload times out after 600 s, and
what is refused with 429 before is tried for 300 s.
"""
SLOWEST_UPLOAD = 1_000_000
"""Bytes a second: an upload of more takes longer."""
CLOCK_MARGIN = 2.0
"""Seconds by which `created_at`, given in whole seconds, may seem to precede the request."""


@dataclass(frozen=True, slots=True)
class LostCreate:
    """A create that nobody waits for any more: it was sent again, or isn't wanted now."""

    operation_id: str
    """What the object's ownership tag says, if it arrives: no other object was ever sent with it.
    """
    address: Address
    sent_at: float
    """Seconds since 1970 by the service's clock."""
    filename: str | None = None
    """For a file, which carries no tag: all that it is told by. Otherwise None, like the two below.
    """
    bytes: int | None = None
    sha256: str | None = None

    @property
    def until(self) -> float:
        """Tell when it has arrived or never will, by the service's clock."""
        return self.sent_at + IN_FLIGHT_SECONDS + (self.bytes or 0) / SLOWEST_UPLOAD

    def may_have_made(self, created_at: float) -> bool:
        """Say whether an object that was made then can be what was sent."""
        return self.sent_at - CLOCK_MARGIN <= created_at <= self.until
