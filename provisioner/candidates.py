"""Files that may be leftovers of broken uploads, and that nothing proves to be ours."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from provisioner.address import Address
from provisioner.resource import RemoteObject, Resource

FILE = "file"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Such a file."""

    live: RemoteObject
    address: Address
    """The file of the project that it is like."""
    has_same_bytes: bool
    """The service gave its bytes out, and they are the same; otherwise it keeps them back."""


@dataclass(frozen=True, slots=True)
class Free:
    """The live files that nothing uses or records."""

    files: Mapping[str, RemoteObject]

    @classmethod
    def of(cls, live: Mapping[str, RemoteObject], taken: Collection[str]) -> Free:
        """Find them; `taken` is all that is used, recorded or accounted for otherwise."""
        files = (each for each in live.values() if each.kind == FILE and each.id not in taken)
        return cls({each.id: each for each in files})

    def like(self, known: Iterable[Resource]) -> Mapping[str, list[Resource]]:
        """Find those that have the name and size of a file of the project, with these files."""
        files = [each for each in known if each.address.kind == FILE]
        alike = {
            id_: [each for each in files if _is_like(live, each)]
            for id_, live in self.files.items()
        }
        return {id_: each for id_, each in alike.items() if each}


def _is_like(live: RemoteObject, known: Resource) -> bool:
    size = live.attributes.get("bytes")
    same_name = live.attributes.get("filename") == known.attributes.get("filename")
    return same_name and size in (None, known.attributes.get("bytes"))


def candidates(
    free: Free,
    alike: Mapping[str, list[Resource]],
    sha256: Mapping[str, str],
) -> Iterator[Candidate]:
    """Go through what may be a leftover, the oldest first; other bytes are another file.

    `sha256` are the bytes of those that the service gives out, by id.
    """
    for id_, known in sorted(alike.items(), key=lambda each: free.files[each[0]].created_at):
        same = [each for each in known if each.attributes.get("sha256") == sha256.get(id_)]
        if same or id_ not in sha256:
            yield Candidate(free.files[id_], (same or known)[0].address, bool(same))
