"""A provider in memory: it records calls, fails where it is told to, and has a clock of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from provisioner.diagnostics import error
from provisioner.errors import ProviderError, ProvisionerError
from provisioner.outcome import Progress
from provisioner.providers.base import Tag
from provisioner.providers.talk import Talk
from provisioner.resource import Attributes, RemoteObject

SILENT = cast("Talk", object())
"""Conversations of a service with which nobody has any."""


def refused() -> ProviderError:
    """Make the error of a call that was certainly not carried out."""
    return ProviderError("Service refused the request", "No. Mend it.", status=400)


def lost() -> ProviderError:
    """Make the error of a call whose outcome nobody knows."""
    return ProviderError("Answer was lost", "Run again.", code="R005", unsettled=True)


def unsigned() -> ProvisionerError:
    """Make the error of a call that was never made, because there was no token to sign it."""
    return ProvisionerError(error("R008", "Entra ID gave no token", "Sign in."))


@dataclass
class FakeProvider:
    """Holds objects in memory; safe to use from several threads."""

    objects: dict[str, RemoteObject] = field(default_factory=dict)
    failures: dict[tuple[str, str], ProvisionerError] = field(default_factory=dict)
    """What goes wrong, by verb and name or id; the work of a lost answer is done all the same."""
    hidden: set[str] = field(default_factory=set)
    """Ids that lists don't show yet."""
    echo: dict[str, Any] = field(default_factory=dict)
    """What answers say besides, or in the place of, what was sent."""
    during: Callable[[str], None] = lambda _: None
    """Called with the name or id while a call is under way."""
    contents: dict[str, RemoteObject | None] = field(default_factory=dict)
    """What reading on shows of objects, by id; None: it is gone by then."""
    kinds: frozenset[str] = frozenset({"file", "vectorstore", "assistant"})
    settle_seconds: float = 10.0
    clock: float = 1000.0
    calls: list[tuple[str, str]] = field(default_factory=list)
    tags: dict[str, Tag] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def holding(cls, objects: Iterable[RemoteObject], **given: Any) -> FakeProvider:
        """Make a provider that holds these objects."""
        return cls({each.id: each for each in objects}, **given)

    @property
    def writes(self) -> list[tuple[str, str]]:
        """The calls that change something, in the order in which they began."""
        return [each for each in self.calls if each[0] in ("create", "update", "delete")]

    def now(self) -> float:
        """Tell the clock."""
        return self.clock

    def list(self, kind: str) -> Iterator[RemoteObject]:
        """Go through all objects of a kind that lists show."""
        self._note("list", kind)
        shown = [each for each in self.objects.values() if each.id not in self.hidden]
        return (each for each in shown if each.kind == kind)

    def read(self, kind: str, id_: str) -> RemoteObject | None:
        """Read one object, also where lists don't show it."""
        self._note("read", id_)
        found = self.objects.get(id_)
        return found if found and found.kind == kind else None

    def complete(self, found: RemoteObject) -> RemoteObject | None:
        """Read on."""
        self._note("complete", found.id)
        return self.contents.get(found.id, self.objects.get(found.id))

    def fill(self, kind: str, id_: str, _attributes: Attributes, progress: Progress) -> None:
        """Wait, which is told once for stores."""
        if kind == "vectorstore":
            self._note("fill", id_)
            progress(1, 2)
            self._fail("fill", id_, lambda: None)

    def content(self, id_: str) -> bytes | None:
        """Give out no file."""
        self._note("content", id_)
        return None

    def create(
        self, kind: str, attributes: Attributes, tag: Tag, source: Path | None
    ) -> RemoteObject:
        """Make an object; its id is new, and names its address and the bytes' place."""
        assert (source is not None) == (kind == "file")
        name = tag.owner.address.name
        self._note("create", name)
        return self._work("create", name, kind, f"new-{name}", attributes, tag)

    def update(
        self, kind: str, id_: str, attributes: Attributes, tag: Tag, _progress: Progress
    ) -> RemoteObject:
        """Make an object as the attributes say."""
        self._note("update", id_)
        return self._work("update", id_, kind, id_, attributes, tag)

    def delete(self, _kind: str, id_: str) -> None:
        """Delete an object."""
        self._note("delete", id_)
        self.during(id_)
        self._fail("delete", id_, lambda: self.objects.pop(id_, None))

    def _work(
        self, verb: str, name: str, kind: str, id_: str, attributes: Attributes, tag: Tag
    ) -> RemoteObject:
        self.during(name)
        shown = {**attributes, **self.echo}
        if kind == "file":
            shown.pop("sha256", None)
        made = RemoteObject(kind, id_, shown, tag.owner if kind != "file" else None)

        def keep() -> None:
            self.objects[id_], self.tags[id_] = made, tag

        self._fail(verb, name, keep)
        return made

    def _fail(self, verb: str, name: str, work: Callable[[], object]) -> None:
        trouble = self.failures.get((verb, name))
        with self._lock:
            if trouble is None or (isinstance(trouble, ProviderError) and trouble.unsettled):
                work()
        if trouble:
            raise trouble

    def _note(self, verb: str, name: str) -> None:
        with self._lock:
            self.calls.append((verb, name))
