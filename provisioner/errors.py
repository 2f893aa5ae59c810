"""Expected trouble, as exceptions.

ProvisionerError            carries diagnostics; the command prints them and exits 1
├── ManifestError           the manifests are wrong
├── StateError              the state or the journal can't be trusted
├── LockError               somebody else holds the lock
├── PlanError               no plan can be made that is safe to apply
├── WaitingEndedError       the run ends, and the service works on by itself
└── ProviderError           the service refused, or couldn't be reached
    └── IndexingError       it took files into a vector store, and couldn't index them

Anything else that is raised is a bug in this program.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from provisioner.diagnostics import Diagnostic, error


class ProvisionerError(Exception):
    """Expected trouble: says what is wrong, where, and what to do."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(each.summary for each in diagnostics))
        self.diagnostics = diagnostics


class ManifestError(ProvisionerError):
    """The manifests are wrong."""


class StateError(ProvisionerError):
    """The state or the journal can't be trusted, read or written."""


class LockError(ProvisionerError):
    """Somebody else holds the lock of this environment."""


class PlanError(ProvisionerError):
    """No plan can be made that is safe to apply."""


class WaitingEndedError(ProvisionerError):
    """The run ends while the service is still at work on what it was sent."""

    def __init__(self) -> None:
        super().__init__(
            error(
                "R012",
                "Waiting was ended",
                "The service goes on indexing by itself. Run the command again: it waits for what"
                " isn't done by then.",
            )
        )


class ProviderError(ProvisionerError):
    """The service refused a request, or couldn't be reached."""

    def __init__(
        self,
        summary: str,
        detail: str,
        *,
        code: str = "R001",
        status: int | None = None,
        service_code: str | None = None,
        request_id: str | None = None,
        gone: bool = False,
        unsettled: bool = False,
    ) -> None:
        super().__init__(error(code, summary, detail))
        self.status = status
        """The HTTP status, or None when no answer came."""
        self.service_code = service_code
        """`error.code` of the answer: a word, a numeric string or None."""
        self.request_id = request_id
        self.gone = gone
        """The answer names the object and says that it doesn't exist."""
        self.unsettled = unsettled
        """The service may have done the work all the same: no answer came, or a 5xx."""


@dataclass(frozen=True, slots=True)
class FailedFile:
    """A file that a vector store took and couldn't index."""

    id: str
    code: str
    """The service's word, for example `unsupported_file`."""
    message: str


class IndexingError(ProviderError):
    """Files of a vector store couldn't be indexed, or not in time; the others are in it."""

    def __init__(self, failed: Iterable[FailedFile], unfinished: int = 0) -> None:
        self.failed = tuple(failed)
        self.unfinished = unfinished
        """How many files were still being indexed when the wait was over."""
        ids = ", ".join(each.id for each in self.failed)
        super().__init__(
            "Indexing takes too long",
            f"Not indexed: {ids or 'nothing'}; {unfinished} still under way. Apply again.",
            code="R011",
        )
