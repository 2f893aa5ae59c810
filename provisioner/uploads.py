"""Uploads that were lost: which live files may be what they made. Pure functions.

A file carries no metadata to tell it by. Name and size must be the same, it must have been made
while the upload may have been under way, and nothing may use it or record it. Where the service
gives its bytes out, they decide; where it doesn't, a file is soon too old to be taken for one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle

from provisioner.lost_create import CLOCK_MARGIN, SLOWEST_UPLOAD, LostCreate
from provisioner.resource import RemoteObject
from provisioner.situation import referred

UPLOAD_SECONDS = 30.0
"""So long after it was sent an upload whose sender died has mostly arrived or not. Recorded uploads
of small files took 2 to 9 s.
"""


@dataclass(frozen=True, slots=True)
class Files:
    """The live files that some upload may have made."""

    live: Mapping[str, RemoteObject]
    taken: Collection[str]
    """What is recorded, or used by anything live: none of these is a lost upload."""
    sha256: Mapping[str, str] = field(default_factory=dict)
    """The bytes of those that the service gives out, by id."""

    def like(self, upload: LostCreate) -> list[RemoteObject]:
        """Find those that may have come of it, however late; the oldest first."""
        found = (
            each
            for each in self.live.values()
            if each.kind == upload.address.kind
            and each.id not in self.taken
            and each.attributes.get("filename") == upload.filename
            and each.attributes.get("bytes") in (None, upload.bytes)
            and upload.may_have_made(each.created_at)
            and self.sha256.get(each.id) in (None, upload.sha256)
        )
        return sorted(found, key=lambda each: (each.created_at, each.id))

    def made_by(self, upload: LostCreate) -> list[RemoteObject]:
        """Find those that can be taken for it: their bytes are the same, or they came at once."""
        return [
            each
            for each in self.like(upload)
            if each.id in self.sha256 or _came_at_once(upload, each)
        ]


def in_use(live: Mapping[str, RemoteObject]) -> set[str]:
    """List the ids that some live object refers to."""
    return {id_ for each in live.values() for id_ in referred(each)}


def _came_at_once(upload: LostCreate, found: RemoteObject) -> bool:
    began = upload.sent_at - CLOCK_MARGIN
    ended = upload.sent_at + UPLOAD_SECONDS + (upload.bytes or 0) / SLOWEST_UPLOAD
    return began <= found.created_at <= ended


@dataclass(frozen=True, slots=True)
class Late:
    """Files that have come of lost uploads which nobody waited for any more, by id."""

    proved: Mapping[str, LostCreate] = field(default_factory=dict)
    suspected: Mapping[str, LostCreate] = field(default_factory=dict)
    """They look like it, but somebody else's might, too."""


def late(uploads: Iterable[LostCreate], files: Files) -> Late:
    """Find what came late of uploads that nobody waits for any more.

    It is proved by its bytes, and by there being no more such files than such uploads.
    """
    proved: dict[str, LostCreate] = {}
    suspected: dict[str, LostCreate] = {}
    for alike in _alike(uploads):
        found = list(dict.fromkeys(each.id for upload in alike for each in files.like(upload)))
        is_proved = len(found) <= len(alike) and all(each in files.sha256 for each in found)
        for id_, upload in zip(found, cycle(alike), strict=False):
            (proved if is_proved else suspected)[id_] = upload
    return Late(proved, {id_: each for id_, each in suspected.items() if id_ not in proved})


def _alike(uploads: Iterable[LostCreate]) -> Iterable[Sequence[LostCreate]]:
    """Put those together that nothing tells from each other once they have arrived."""
    found: dict[object, list[LostCreate]] = defaultdict(list)
    for each in uploads:
        if each.filename is not None:
            found[each.filename, each.bytes, each.sha256].append(each)
    return found.values()
