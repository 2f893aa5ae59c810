"""A conversation in a thread of our own, of which nothing is left at the service afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from provisioner.conversation import Attached, LiveFile, Message, Picture, Run, Step, Text
from provisioner.conversations.annotations import resolve
from provisioner.conversations.patience import Patience
from provisioner.conversations.running import Answers, Seen, follow
from provisioner.conversations.turn import Produced, Turn
from provisioner.errors import ProviderError
from provisioner.providers.talk import Talk

ToolsFor = Callable[[Path], Sequence[str]]
"""Chooses which tools of the assistant may read a file."""


@dataclass
class Conversation:
    """One thread with one assistant."""

    talk: Talk
    thread: str
    assistant: str
    """The id."""
    patience: Patience
    until: float
    """When it must be over, by the monotonic clock."""
    uploaded: list[str] = field(default_factory=list)
    """The ids of files that were sent for it."""
    produced: set[str] = field(default_factory=set)
    """The ids of files that were made in it."""

    def attach(self, paths: Iterable[Path], tools: ToolsFor) -> list[Attached]:
        """Send files for the next message."""
        attached = []
        for path in paths:
            self.patience.check()
            self.uploaded.append(self.talk.upload(path))
            attached.append(Attached(self.uploaded[-1], tuple(tools(path))))
        return attached

    def turn(
        self,
        said: str,
        answers: Answers,
        *,
        attached: Sequence[Attached] = (),
        instructions: str | None = None,
        seen: Seen = lambda _run: None,
        download: bool = True,
    ) -> Turn:
        """Say something, and wait for the answer.

        Raises ProviderError, and EndedError when it takes too long or the command ends.
        """
        self.patience.check()
        began = time.monotonic()
        message = self.talk.say(self.thread, said, attached)
        run = self.talk.start(self.thread, self.assistant, instructions)
        run = follow(self.talk, run, answers, self.patience, self.until, seen)
        seconds = time.monotonic() - began
        return self._collected(said, message, run, seconds, download=download)

    def _collected(
        self, said: str, message: str, run: Run, seconds: float, *, download: bool
    ) -> Turn:
        messages, steps = self.talk.messages(run, message), self.talk.steps(run)
        texts = [part for each in messages for part in each.parts if isinstance(part, Text)]
        files = self._files(messages, steps)
        cited = {each.file for text in texts for each in text.annotations}
        known = {each: files.get(each) or self._known(each) for each in cited}
        names = {id_: file.name if file else None for id_, file in known.items()}
        answers, footnotes = resolve(texts, names)
        made = [call for step in steps for call in step.calls]
        return Turn(
            said,
            run.thread,
            run.id,
            run.status,
            run.error,
            run.request_id,
            "\n\n".join(answers),
            "\n\n".join(each.value for each in texts),
            footnotes,
            tuple(self._fetched(each, download=download) for each in files.values()),
            tuple(code for step in steps for code in step.code),
            tuple(made),
            len(steps),
            seconds,
        )

    def _files(self, messages: Sequence[Message], steps: Sequence[Step]) -> dict[str, LiveFile]:
        """Find the files that a run has made: shown, marked, attached, or drawn on the way."""
        found: dict[str, LiveFile] = {}
        for id_ in dict.fromkeys(_made(messages, steps)):
            found[id_] = self._known(id_) or LiveFile(id_, "", is_output=False)
        self.produced |= {each.id for each in found.values() if each.is_output}
        return found

    def _known(self, id_: str) -> LiveFile | None:
        """Read what is known of a file; an answer isn't lost because its file's name is."""
        with suppress(ProviderError):
            return self.talk.file(id_)
        return None

    def _fetched(self, file: LiveFile, *, download: bool) -> Produced:
        content = None
        if download:
            with suppress(ProviderError):
                content = self.talk.content(file.id)
        return Produced(file, content)


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


@contextmanager
def conversation(
    talk: Talk, assistant: str, patience: Patience, until: float, *, keep: bool = False
) -> Iterator[Conversation]:
    """Begin a thread, and delete it afterwards with all that was sent or made for it.

    `keep` leaves everything. Only what the service says that an assistant has made is deleted of
    what it names.
    """
    patience.check()
    held = Conversation(talk, talk.open(), assistant, patience, until)
    try:
        yield held
    finally:
        if not keep:
            _clear(held)


def _clear(held: Conversation) -> None:
    """Delete what was made for a conversation; a leftover is no reason to lose its answer.

    The store of a thread is asked for first: afterwards nobody knows it.
    """
    talk, stores = held.talk, list[str]()
    if held.uploaded:
        with suppress(ProviderError):
            stores = talk.stores(held.thread)
    with suppress(ProviderError):
        talk.close(held.thread)
    for store in stores:
        with suppress(ProviderError):
            talk.delete_store(store)
    for file in [*held.uploaded, *sorted(held.produced)]:
        with suppress(ProviderError):
            talk.delete_file(file)
