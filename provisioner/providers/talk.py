"""What conversations know of a service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from provisioner.conversation import Attached, LiveFile, Message, Run, Step


class Talk(Protocol):
    """A service that holds conversations.

    Safe to use from several threads. Every method raises ProviderError. What makes something is
    never sent twice: after a lost answer nobody knows whether it was made.
    """

    reads_files_by_tool: bool
    """Whether a file goes to tools by name (v2), or to whichever the assistant has (v1)."""

    def open(self) -> str:
        """Begin a thread; gives its id."""

    def say(self, thread: str, text: str, attached: Sequence[Attached]) -> str:
        """Add a message of the user's; gives its id."""

    def start(self, thread: str, assistant: str, instructions: str | None) -> Run:
        """Let an assistant answer; `instructions` are taken in the place of its own."""

    def look(self, run: Run) -> Run:
        """See how far a run is."""

    def submit(self, run: Run, outputs: Mapping[str, str]) -> Run:
        """Hand in what functions have answered, by the ids of their calls."""

    def cancel(self, run: Run) -> Run:
        """Ask a run to end; one that is over refuses."""

    def messages(self, run: Run, after: str) -> list[Message]:
        """List what a run has said since a message, the oldest first."""

    def steps(self, run: Run) -> list[Step]:
        """List what a run has done, the oldest first."""

    def upload(self, path: Path) -> str:
        """Send a file; gives its id."""

    def file(self, id_: str) -> LiveFile | None:
        """Read what is known of a file; None where the service says that it doesn't exist."""

    def content(self, id_: str) -> bytes:
        """Download a file."""

    def stores(self, thread: str) -> list[str]:
        """List the vector stores that the service has made for a thread of ours."""

    def delete_store(self, id_: str) -> None:
        """Delete a vector store; one that is already gone is fine."""

    def delete_file(self, id_: str) -> None:
        """Delete a file; one that is already gone is fine."""

    def close(self, thread: str) -> None:
        """Delete a thread; one that is already gone is fine."""
