"""The history of one environment: its revisions, and the objects that they are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from provisioner.history.content import RevisionContent
from provisioner.history.content import dump as dump_content
from provisioner.history.content import load as load_content
from provisioner.history.objects import Objects
from provisioner.history.revision import Revision, dump, load
from provisioner.state.files import encoded
from provisioner.state.storage import Storage

REVISIONS, OBJECTS = "history/revisions", "history/objects"

READERS = 8
"""So many revisions are read at the same time."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A revision that says nothing to this program."""

    place: str
    why: str


@dataclass(frozen=True, slots=True)
class History:
    """The revisions of one environment, and the objects that they are made of."""

    storage: Storage
    most: int
    """So many bytes of objects are kept; those of the newest revision always are."""

    @property
    def objects(self) -> Objects:
        """The store of objects."""
        return Objects(self.storage, OBJECTS)

    def has(self, lineage: str, serial: int) -> bool:
        """Say whether there is a revision of a state."""
        begins = f"{REVISIONS}/{serial:08d}-{lineage[:8]}-"
        return any(each.startswith(begins) for each in self._names())

    def read(self) -> tuple[list[Revision], list[Unreadable]]:
        """Read every revision, the newest first; changes nothing."""
        with ThreadPoolExecutor(READERS) as pool:
            read = list(pool.map(self._read, sorted(self._names())))
        found = [each for each in read if isinstance(each, Revision)]
        found.sort(key=lambda each: (each.serial, each.created), reverse=True)
        return found, [each for each in read if isinstance(each, Unreadable)]

    def content(self, revision: Revision) -> RevisionContent:
        """Read what a revision holds; raises OSError or ValueError where that can't be done."""
        return load_content(self.objects.read(revision.content))

    def keep_content(self, content: RevisionContent, sources: Mapping[str, Path]) -> str:
        """Keep a content, and the bytes of its files as far as they are found; give its name.

        `sources` are files by the SHA-256 that they should have. Raises OSError.
        """
        kept = self.objects.sizes().keys()
        for sha256 in sorted((set(content.files) & sources.keys()) - kept):
            self.objects.keep_file(sources[sha256], sha256)
        return self.objects.keep(dump_content(content), kept)

    def add(self, revision: Revision) -> None:
        """Add a revision, whose objects are kept already: only now is it one. Raises OSError.

        Where there are too many bytes, objects that no revision needs are dropped then, and those
        of the oldest revisions.
        """
        name = f"{REVISIONS}/{revision.name}"
        if name not in self._names():
            self.storage.write(name, [encoded(dump(revision))])
        if self.objects.size() > self.most:
            self._make_room(revision)

    def _make_room(self, newest: Revision) -> None:
        everything, unreadable = self.read()
        if unreadable:  # nobody knows what those need
            return
        others = [each for each in everything if each.name != newest.name]
        self.objects.drop_all_but(retained([newest, *others], self.objects.sizes(), self.most))

    def _names(self) -> set[str]:
        names = (each.name for each in self.storage.entries(REVISIONS))
        return {name for name in names if name.endswith(".json") and "/." not in name}

    def _read(self, name: str) -> Revision | Unreadable:
        try:
            return load(self.storage.read(name).decode("utf-8"))
        except (OSError, ValueError) as trouble:
            return Unreadable(self.storage.place(name), str(trouble))


def retained(revisions: Iterable[Revision], sizes: Mapping[str, int], most: int) -> set[str]:
    """Choose the objects that stay: all of the first revision, and of the next while there is room.

    After the first one that has no room none has: what is left is without gaps.
    """
    kept: set[str] = set()
    total = 0
    for revision in revisions:
        more = revision.objects - kept
        total += sum(sizes.get(each, 0) for each in more)
        if kept and total > most:
            break
        kept |= more
    return kept
