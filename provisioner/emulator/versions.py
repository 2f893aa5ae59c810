"""API versions, and which generation of Assistants each of them speaks."""

from dataclasses import dataclass

# Azure's list of preview versions with Assistants; 2024-01-01-preview is in no document but
# recorded. GA versions (2024-02-01, 2024-06-01, 2024-10-21) have no Assistants at all.
_V1 = ("2024-01-01", "2024-02-15", "2024-03-01", "2024-04-01")
_V2 = (
    *("2024-05-01", "2024-07-01", "2024-08-01", "2024-09-01", "2024-10-01", "2024-12-01"),
    *("2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01"),
)


@dataclass(frozen=True)
class ApiVersion:
    """A version that knows Assistants: its date and its generation, 1 or 2."""

    date: str
    generation: int

    def since(self, date: str) -> bool:
        """Tell whether this version is of `date` or later."""
        return self.date >= date


_KNOWN = {
    f"{date}-preview": ApiVersion(date, generation)
    for generation, dates in ((1, _V1), (2, _V2))
    for date in dates
}


def find_version(name: str | None) -> ApiVersion | None:
    """Find the version by the `api-version` of a request; None where the gateway knows no route.

    The api-version alone decides: the header `OpenAI-Beta` is ignored (recorded: the Java and
    JavaScript clients send none; semantic-kernel#10499: `assistants=v2` changes nothing).
    """
    return _KNOWN.get(name or "")
