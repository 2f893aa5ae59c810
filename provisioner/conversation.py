"""Conversations: what is said in a thread, and what a run does, in no API version's form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

COMPLETED, REQUIRES_ACTION, CANCELLED = "completed", "requires_action", "cancelled"
FAILED, EXPIRED, INCOMPLETE = "failed", "expired", "incomplete"
OVER = frozenset({COMPLETED, CANCELLED, FAILED, EXPIRED, INCOMPLETE})
"""The states in which a run stays; the others are queued, in_progress, requires_action and
cancelling."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function: one that a run waits for, or one that it has made."""

    id: str
    name: str
    arguments: str
    """JSON as the model wrote it, which need not be any."""
    output: str | None = None
    """What was submitted."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it was last seen."""

    id: str
    thread: str
    status: str
    calls: tuple[Call, ...] = ()
    """With the status requires_action: the calls that want outputs."""
    error: str = ""
    """`last_error`, code and message; or the reason why it is incomplete."""
    request_id: str | None = None
    """Of the answer that said so."""

    @property
    def is_over(self) -> bool:
        """Whether it stays as it is."""
        return self.status in OVER


@dataclass(frozen=True, slots=True)
class Annotation:
    """A mark in a text that stands for a file."""

    mark: str
    start: int
    end: int
    """Where the mark stands, in characters; right only where the text has it there."""
    file: str
    """The file's id."""
    is_path: bool
    """Whether the file was produced; otherwise it is cited."""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A text in a message."""

    value: str
    annotations: tuple[Annotation, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """An image in a message."""

    file: str


Part: TypeAlias = Text | Picture


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a thread."""

    id: str
    role: str
    run: str | None
    parts: tuple[Part, ...]
    files: tuple[str, ...] = ()
    """The ids of files that came with it."""


@dataclass(frozen=True, slots=True)
class Code:
    """What the code interpreter ran in one call."""

    input: str
    logs: tuple[str, ...]
    pictures: tuple[str, ...]
    """The ids of the images that it made."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a run."""

    id: str
    code: tuple[Code, ...] = ()
    calls: tuple[Call, ...] = ()


@dataclass(frozen=True, slots=True)
class LiveFile:
    """A file at the service."""

    id: str
    name: str
    is_output: bool
    """Whether an assistant has made it."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that goes with a message."""

    file: str
    """Its id."""
    tools: tuple[str, ...]
    """Which tools may read it; v1 leaves that to the assistant."""
