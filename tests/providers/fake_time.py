"""A time that passes only while somebody waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from provisioner.providers.limiter import Limiter


@dataclass
class FakeTime:
    """Seconds since the test began, and every wait."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        """Let seconds pass."""
        self.waits.append(seconds)
        self.now += seconds

    def limiter(self, slowed: Callable[[float, int], None] = lambda *_: None) -> Limiter:
        """Make a limiter that lives in this time."""
        return Limiter(slowed, lambda: self.now, self.wait)
