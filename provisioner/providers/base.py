"""What the planner's and executor's side knows of a service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from provisioner.outcome import Progress
from provisioner.resource import Attributes, Owner, RemoteObject


@dataclass(frozen=True, slots=True)
class Tag:
    """The ownership tag that an object carries; never shown in diffs."""

    owner: Owner
    files: str | None = None
    """A digest over the (id, sha256) pairs of the files that the object refers to."""


class Provider(Protocol):
    """A service that holds objects.

    Attributes go in and come out in the normal form of their kind, references as ids. Every method
    raises ProviderError: with `gone` where the service says that the object doesn't exist, with
    `unsettled` where nobody knows whether it has done the work.
    """

    kinds: frozenset[str]
    """The kinds that the service has, at this API version."""
    settle_seconds: float
    """How long a create whose answer was lost may still take to show."""

    def now(self) -> float:
        """Tell the service's clock, in seconds since 1970, as far as its answers have shown it."""

    def list(self, kind: str) -> Iterator[RemoteObject]:
        """Go through all objects of a kind, by pages."""

    def read(self, kind: str, id_: str) -> RemoteObject | None:
        """Read one object; None only where the service says that just this one doesn't exist."""

    def complete(self, found: RemoteObject) -> RemoteObject | None:
        """Read what lists and `read` leave out of an object; None if it is gone by now."""

    def content(self, id_: str) -> bytes | None:
        """Download a file; None where the service doesn't give it out."""

    def create(
        self, kind: str, attributes: Attributes, tag: Tag, source: Path | None
    ) -> RemoteObject:
        """Make an object; never sent twice. `source` is where a file's bytes are."""

    def fill(self, kind: str, id_: str, attributes: Attributes, progress: Progress) -> None:
        """Do what a create leaves to be done, and wait until the new object can be used.

        Raises IndexingError for the files that a vector store couldn't take in.
        """

    def update(
        self, kind: str, id_: str, attributes: Attributes, tag: Tag, progress: Progress
    ) -> RemoteObject:
        """Make an object exactly as the attributes say: what they leave out is cleared.

        Waits, and raises, as `fill` does.
        """

    def delete(self, kind: str, id_: str) -> None:
        """Delete an object; one that is already gone is fine."""
