"""Conversations behind a veil: what a model or the service repeats of sensitive values is covered.

Files pass as they are: bytes with holes in them are no use to anybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from provisioner.conversation import (
    Annotation,
    Attached,
    Call,
    Code,
    LiveFile,
    Message,
    Part,
    Run,
    Step,
    Text,
)
from provisioner.errors import ProviderError
from provisioner.providers.talk import Talk

Cover = Callable[[str], str]


class VeiledTalk:
    """Another service's conversations, seen through what covers sensitive values in texts."""

    def __init__(self, talk: Talk, cover: Cover) -> None:
        self._talk, self._cover = talk, cover
        self.reads_files_by_tool = talk.reads_files_by_tool

    def open(self) -> str:
        """Begin a thread."""
        with self._covered():
            return self._talk.open()

    def say(self, thread: str, text: str, attached: Sequence[Attached]) -> str:
        """Add a message of the user's."""
        with self._covered():
            return self._talk.say(thread, text, attached)

    def start(self, thread: str, assistant: str, instructions: str | None) -> Run:
        """Let an assistant answer."""
        with self._covered():
            return self._run(self._talk.start(thread, assistant, instructions))

    def look(self, run: Run) -> Run:
        """See how far a run is."""
        with self._covered():
            return self._run(self._talk.look(run))

    def submit(self, run: Run, outputs: Mapping[str, str]) -> Run:
        """Hand in what functions have answered."""
        with self._covered():
            return self._run(self._talk.submit(run, outputs))

    def cancel(self, run: Run) -> Run:
        """Ask a run to end."""
        with self._covered():
            return self._run(self._talk.cancel(run))

    def messages(self, run: Run, after: str) -> list[Message]:
        """List what a run has said."""
        with self._covered():
            found = self._talk.messages(run, after)
        return [replace(each, parts=tuple(map(self._part, each.parts))) for each in found]

    def steps(self, run: Run) -> list[Step]:
        """List what a run has done."""
        with self._covered():
            found = self._talk.steps(run)
        return [
            replace(
                each,
                code=tuple(map(self._code, each.code)),
                calls=tuple(map(self._call, each.calls)),
            )
            for each in found
        ]

    def upload(self, path: Path) -> str:
        """Send a file."""
        with self._covered():
            return self._talk.upload(path)

    def file(self, id_: str) -> LiveFile | None:
        """Read what is known of a file."""
        with self._covered():
            found = self._talk.file(id_)
        return replace(found, name=self._cover(found.name)) if found else None

    def content(self, id_: str) -> bytes:
        """Download a file."""
        with self._covered():
            return self._talk.content(id_)

    def stores(self, thread: str) -> list[str]:
        """List the vector stores of a thread."""
        with self._covered():
            return self._talk.stores(thread)

    def delete_store(self, id_: str) -> None:
        """Delete a vector store."""
        with self._covered():
            self._talk.delete_store(id_)

    def delete_file(self, id_: str) -> None:
        """Delete a file."""
        with self._covered():
            self._talk.delete_file(id_)

    def close(self, thread: str) -> None:
        """Delete a thread."""
        with self._covered():
            self._talk.close(thread)

    def _run(self, run: Run) -> Run:
        calls = tuple(map(self._call, run.calls))
        return replace(run, calls=calls, error=self._cover(run.error))

    def _call(self, call: Call) -> Call:
        name, arguments = self._cover(call.name), self._cover(call.arguments)
        output = self._cover(call.output) if call.output is not None else None
        return replace(call, name=name, arguments=arguments, output=output)

    def _code(self, code: Code) -> Code:
        return replace(code, input=self._cover(code.input), logs=tuple(map(self._cover, code.logs)))

    def _part(self, part: Part) -> Part:
        if not isinstance(part, Text):
            return part
        annotations = tuple(map(self._annotation, part.annotations))
        return Text(self._cover(part.value), annotations)

    def _annotation(self, annotation: Annotation) -> Annotation:
        mark, quote = self._cover(annotation.mark), self._cover(annotation.quote)
        return replace(annotation, mark=mark, quote=quote)

    @contextmanager
    def _covered(self) -> Iterator[None]:
        """Hide what the service repeats in its refusals."""
        try:
            yield
        except ProviderError as trouble:
            trouble.diagnostics = tuple(
                replace(each, detail=self._cover(each.detail)) for each in trouble.diagnostics
            )
            raise
