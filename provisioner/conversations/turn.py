"""What comes of one message of the user's."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.conversation import COMPLETED, Call, Code, LiveFile


@dataclass(frozen=True, slots=True)
class Footnote:
    """What a mark in an answer stands for."""

    number: int
    """Counted from 0, as in Azure's page on annotations."""
    file: str
    """The file's id."""
    name: str | None
    """None where the service doesn't tell it, or the file is gone."""
    is_path: bool
    """Whether the file was produced; otherwise it is cited."""
    quote: str


@dataclass(frozen=True, slots=True)
class Produced:
    """A file that a turn has produced."""

    file: LiveFile
    content: bytes | None
    """None where it wasn't asked for, or isn't to be had."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of the user's, and the run that has answered it."""

    said: str
    thread: str
    run: str
    status: str
    """How the run ended; `requires_action` where nobody answers its calls."""
    error: str
    """What the service says of a run that didn't complete."""
    request_id: str | None
    """Of the answer that said so."""
    answer: str
    """Every text, with numbers in the place of marks; a blank line between two."""
    raw: str
    """The same with the marks, as the model wrote it."""
    footnotes: tuple[Footnote, ...]
    files: tuple[Produced, ...]
    code: tuple[Code, ...]
    calls: tuple[Call, ...]
    """The functions that were called, and what they answered."""
    steps: int
    seconds: float

    @property
    def is_complete(self) -> bool:
        """Whether the run completed."""
        return self.status == COMPLETED
