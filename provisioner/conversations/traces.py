"""Traces: what a conversation makes at the service, found and deleted when it is over."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeVar

from provisioner.conversation import LiveFile, Message, Picture, Run, Step
from provisioner.errors import ProviderError
from provisioner.providers.talk import Talk

Read = TypeVar("Read")


@dataclass
class Traces:
    """What there is of one conversation at the service, as far as it is known."""

    thread: str
    uploaded: list[str] = field(default_factory=list)
    """The ids of files that were sent for it."""
    produced: set[str] = field(default_factory=set)
    """The ids of files that were made in it."""
    unseen: list[tuple[str, Run]] = field(default_factory=list)
    """Messages and their runs whose files nobody has asked for yet."""
    doubtful: list[str] = field(default_factory=list)
    """What may be there, and can't be found or told from what is somebody else's; in words."""

    @contextmanager
    def doubting(self, what: str) -> Iterator[None]:
        """Note that something may be there although the answer to its creation was lost."""
        try:
            yield
        except ProviderError as trouble:
            if trouble.unsettled:
                self.doubtful.append(what)
            raise


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What is left of a conversation at the service, in words."""

    certain: tuple[str, ...]
    """What could not be deleted."""
    doubtful: tuple[str, ...]
    """What may be there."""


def note_files(
    talk: Talk, traces: Traces, messages: Iterable[Message], steps: Iterable[Step]
) -> dict[str, LiveFile]:
    """Find the files that a run has made: shown, marked, attached, or drawn on the way.

    Only those are noted as produced of which the service says that an assistant has made them.
    """
    found: dict[str, LiveFile] = {}
    for id_ in dict.fromkeys(_made(messages, steps)):
        known = None
        try:
            known = talk.file(id_)
        except ProviderError:
            traces.doubtful.append(f"file {id_}")
        found[id_] = known or LiveFile(id_, "", is_output=False)
    traces.produced |= {each.id for each in found.values() if each.is_output}
    return found


def _made(messages: Iterable[Message], steps: Iterable[Step]) -> Iterator[str]:
    for message in messages:
        for part in message.parts:
            if isinstance(part, Picture):
                yield part.file
            else:
                yield from (each.file for each in part.annotations if each.is_path)
        yield from message.files
    for step in steps:
        for code in step.code:
            yield from code.pictures


def clear(talk: Talk, traces: Traces) -> Leftovers:
    """Delete what was made for a conversation; gives what is left of it.

    A leftover is no reason to lose an answer. Files that a run has made, and the store of a thread,
    are asked for first: afterwards nobody knows them.
    """
    for message, run in traces.unseen:
        _look(talk, traces, message, run)
    stores = _stores(talk, traces) if traces.uploaded else []
    deletions: list[tuple[str, Callable[[str], None], str]] = [
        ("", talk.close, traces.thread),
        *(("vector store ", talk.delete_store, each) for each in stores),
        *(("file ", talk.delete_file, each) for each in traces.uploaded),
        *(("file ", talk.delete_file, each) for each in sorted(traces.produced)),
    ]
    left = [f"{kind}{id_}" for kind, delete, id_ in deletions if not _deleted(delete, id_)]
    return Leftovers(tuple(left), tuple(traces.doubtful))


def _look(talk: Talk, traces: Traces, message: str, run: Run) -> None:
    """Find what a run has made whose turn came to an early end."""
    doubtful = f"files that {run.id} has made"
    said = _read(traces, doubtful, lambda: talk.messages(run, message))
    done = _read(traces, doubtful, lambda: talk.steps(run))
    note_files(talk, traces, said, done)


def _stores(talk: Talk, traces: Traces) -> Sequence[str]:
    return _read(traces, "the vector store of its thread", lambda: talk.stores(traces.thread))


def _read(traces: Traces, doubtful: str, read: Callable[[], Sequence[Read]]) -> Sequence[Read]:
    with suppress(ProviderError):
        return read()
    if doubtful not in traces.doubtful:
        traces.doubtful.append(doubtful)
    return []


def _deleted(delete: Callable[[str], None], id_: str) -> bool:
    with suppress(ProviderError):
        delete(id_)
        return True
    return False
