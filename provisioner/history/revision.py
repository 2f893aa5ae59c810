"""A revision's own form on disk, version 1: when, by whom and from what it was applied."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime

from provisioner import __version__
from provisioner.content import is_sha256
from provisioner.json_reading import read_json
from provisioner.plan import Counts
from provisioner.saved_plan.values import decode, encode
from provisioner.state.actor import Actor
from provisioner.state.model import ServiceIdentity

VERSION = 1
KEY = "provisioner_revision"


EARLIEST_YEAR = 2000
_LINEAGE = re.compile(r"[A-Za-z0-9-]{1,64}")


class NewerRevisionError(ValueError):
    """A revision was written by a later version of this program."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Where the project's repository stood."""

    id: str
    dirty: bool
    """Files of the project were changed, or not in it."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One finished apply."""

    serial: int
    """Of the state after it; what a person calls the revision by."""
    lineage: str
    """Of that state."""
    operation: str
    """The command: apply, destroy or rollback."""
    created: datetime
    actor: Actor
    counts: Counts
    service: ServiceIdentity
    resources: int
    """How many stood afterwards."""
    content: str
    """The SHA-256 of the object that has its content."""
    files: tuple[str, ...]
    """The SHA-256 of the bytes of its files, each of them once."""
    commit: Commit | None = None
    """None: the project is in no git repository, or git isn't there."""
    rolled_back_to: int | None = None
    """The serial of the revision whose content was applied again."""
    selection: tuple[str, ...] = ()
    """The options that chose a part of the project; none: it was for all."""

    @property
    def name(self) -> str:
        """Name its file: no two revisions have one name."""
        return f"{self.serial:08d}-{self.lineage[:8]}-{self.content[:12]}.json"

    @property
    def objects(self) -> frozenset[str]:
        """List the objects that it is made of."""
        return frozenset((self.content, *self.files))


@dataclass(frozen=True, slots=True)
class Listed:
    """A revision, and whether it can be gone back to."""

    revision: Revision
    obstacle: str | None
    """Why not; None where it can."""


def dump(revision: Revision) -> str:
    """Write a revision as JSON."""
    document = {KEY: VERSION, "provisioner_version": __version__, "revision": encode(revision)}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def load(text: str) -> Revision:
    """Read a revision; raises NewerRevisionError, or ValueError for what is damaged."""
    try:
        document = read_json(text)
        _refuse_newer(document[KEY])
        revision: Revision = decode(Revision, document["revision"])
        _check(revision)
    except NewerRevisionError:
        raise
    except (KeyError, TypeError, ValueError, RecursionError) as trouble:
        raise ValueError(f"it is damaged: {trouble}") from trouble
    return revision


def _check(revision: Revision) -> None:
    """Refuse what can't be: the names of objects lead to files, and times are compared."""
    if not all(is_sha256(each) for each in revision.objects):
        raise ValueError("it names an object by what is no SHA-256")
    if revision.serial < 0 or not _LINEAGE.fullmatch(revision.lineage):
        raise ValueError("its serial or lineage is none")
    if revision.created.tzinfo is None or revision.created.year < EARLIEST_YEAR:
        raise ValueError("its time is none")


def _refuse_newer(version: object) -> None:
    if isinstance(version, int) and version > VERSION:
        raise NewerRevisionError(f"its format version is {version}; this program reads {VERSION}")
