"""A conversation in a thread of our own, of which nothing is left at the service afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from provisioner.conversation import Attached, LiveFile, Run, Text
from provisioner.conversations.annotations import resolve
from provisioner.conversations.patience import Patience
from provisioner.conversations.running import Answers, Seen, follow
from provisioner.conversations.traces import Leftovers, Traces, clear, note_files
from provisioner.conversations.turn import Produced, Turn
from provisioner.errors import ProviderError
from provisioner.providers.talk import Talk

ToolsFor: TypeAlias = Callable[[Path], Sequence[str]]
"""Chooses which tools of the assistant may read a file."""
Left: TypeAlias = Callable[[Leftovers], None]
"""Told what is left of a conversation at the service, if anything is."""
Kept: TypeAlias = Callable[[str], None]
"""Told which thread stays, by its id."""


@dataclass
class Conversation:
    """One thread with one assistant."""

    talk: Talk
    assistant: str
    """The id."""
    patience: Patience
    until: float
    """When it must be over, by the monotonic clock."""
    traces: Traces

    def attach(self, paths: Iterable[Path], tools: ToolsFor) -> list[Attached]:
        """Send files for the next message."""
        return [Attached(self._uploaded(path), tuple(tools(path))) for path in paths]

    def _uploaded(self, path: Path) -> str:
        self.patience.check(self.until)
        with self.traces.doubting(f"a file {path.name}"):
            file = self.talk.upload(path)
        self.traces.uploaded.append(file)
        return file

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
        self.patience.check(self.until)
        began, thread = time.monotonic(), self.traces.thread
        message = self.talk.say(thread, said, attached)
        self.patience.check(self.until)
        with self.traces.doubting(f"files that a run of {thread} has made"):
            run = self.talk.start(thread, self.assistant, instructions)
        self.traces.unseen.append((message, run))
        run = follow(self.talk, run, answers, self.patience, self.until, seen)
        seconds = time.monotonic() - began
        return self._collected(said, message, run, seconds, download=download)

    def _collected(
        self, said: str, message: str, run: Run, seconds: float, *, download: bool
    ) -> Turn:
        messages, steps = self.talk.messages(run, message), self.talk.steps(run)
        texts = [part for each in messages for part in each.parts if isinstance(part, Text)]
        files = note_files(self.talk, self.traces, messages, steps)
        self.traces.unseen.clear()
        cited = {each.file for text in texts for each in text.annotations}
        known = {each: files.get(each) or self._known(each) for each in cited}
        names = {id_: file.name if file else None for id_, file in known.items()}
        answers, footnotes = resolve(texts, names)
        made = [call for step in steps for call in step.calls]
        unmade = [call for call in run.calls if call.id not in {each.id for each in made}]
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
            (*made, *unmade),
            len(steps),
            seconds,
        )

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


@contextmanager
def conversation(
    talk: Talk,
    assistant: str,
    patience: Patience,
    until: float,
    left: Left,
    kept: Kept | None = None,
) -> Iterator[Conversation]:
    """Begin a thread, and delete it afterwards with all that was sent or made for it.

    With `kept` everything stays, and it is told so however that ends. Only what the service says
    that an assistant has made is deleted of what it names.
    """
    patience.check(until)
    traces = Traces(talk.open())
    try:
        yield Conversation(talk, assistant, patience, until, traces)
    finally:
        if kept:
            kept(traces.thread)
        else:
            _clear(talk, traces, left)


def _clear(talk: Talk, traces: Traces, left: Left) -> None:
    leftovers = clear(talk, traces)
    if leftovers.certain or leftovers.doubtful:
        left(leftovers)
