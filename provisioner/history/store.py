"""The history of one environment: `.provisioner/<environment>/history/`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from provisioner.history.content import RevisionContent
from provisioner.history.content import dump as dump_content
from provisioner.history.content import load as load_content
from provisioner.history.objects import Objects
from provisioner.history.revision import Revision, dump, load
from provisioner.state.files import FOLDER_MODE, replace_file


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A revision's file that says nothing to this program."""

    path: Path
    why: str


@dataclass(frozen=True, slots=True)
class History:
    """The revisions of one environment, and the objects that they are made of."""

    folder: Path
    most: int
    """So many bytes of objects are kept; those of the newest revision always are."""

    @property
    def objects(self) -> Objects:
        """The store of objects."""
        return Objects(self.folder / "objects")

    @property
    def _revisions(self) -> Path:
        return self.folder / "revisions"

    def has(self, lineage: str, serial: int) -> bool:
        """Say whether there is a revision of a state."""
        return any(self._revisions.glob(f"{serial:08d}-{lineage[:8]}-*.json"))

    def read(self) -> tuple[list[Revision], list[Unreadable]]:
        """Read every revision, the newest first; changes nothing."""
        read = [_read(path) for path in sorted(self._revisions.glob("*.json"))]
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
        for each in (self.folder, self._revisions, self.objects.folder):
            each.mkdir(mode=FOLDER_MODE, exist_ok=True)
        for sha256 in sorted(set(content.files) & sources.keys()):
            self.objects.keep_file(sources[sha256], sha256)
        return self.objects.keep(dump_content(content))

    def add(self, revision: Revision) -> None:
        """Add a revision, whose objects are kept already: only now is it one. Raises OSError.

        Where there are too many bytes, objects that no revision needs are dropped then, and those
        of the oldest revisions.
        """
        path = self._revisions / revision.name
        if not path.exists():
            replace_file(path, dump(revision))
        if self.objects.size() > self.most:
            self._make_room(revision)

    def _make_room(self, newest: Revision) -> None:
        everything, unreadable = self.read()
        if unreadable:  # nobody knows what those need
            return
        others = [each for each in everything if each.name != newest.name]
        self.objects.drop_all_but(retained([newest, *others], self.objects.sizes(), self.most))


def _read(path: Path) -> Revision | Unreadable:
    try:
        return load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as trouble:
        return Unreadable(path, str(trouble))


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
