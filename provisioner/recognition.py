"""Recognising files whose records are lost: by the digests that their holders carry.

Pure functions. A file has no tag of its own. An assistant or vector store of ours says in its tag
which bytes we gave it under which ids; a guess at the bytes is right where the digest comes out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from provisioner.address import Address
from provisioner.files_digest import files_digest
from provisioner.kinds import KINDS
from provisioner.resource import RemoteObject, Resource

FILE = "file"
NOT_OURS = ""
"""What stands in a digest for the bytes of whatever isn't a file of ours."""
MOST_GUESSES = 10_000


@dataclass(frozen=True, slots=True)
class Recognition:
    """Which file is which."""

    found: Mapping[Address, str]
    """The id of each declared file that is recognised."""
    sha256: Mapping[str, str]
    """The bytes of live files, by id, as far as digests prove them."""
    rivals: Mapping[Address, tuple[str, ...]]
    """The ids of files that could each be the one that is declared."""


@dataclass(frozen=True)
class Evidence:
    """All that tells files from each other."""

    holders: Sequence[RemoteObject]
    """The live objects of ours that refer to files."""
    live: Mapping[str, RemoteObject]
    declared: Mapping[Address, Resource]
    downloaded: Mapping[str, str]
    """The SHA-256 of live files whose bytes the service gives out, by id."""

    def digests(self, id_: str) -> list[str]:
        """List the SHA-256 that a live file may have: of declared files that look like it."""
        if id_ in self.downloaded:
            return [self.downloaded[id_]]
        alike = (each.attributes for each in self.declared_files() if self.looks_like(id_, each))
        return sorted({str(each["sha256"]) for each in alike})

    def looks_like(self, id_: str, resource: Resource) -> bool:
        """Say whether a live file may be a declared one, as far as name and size tell.

        Azure may leave out the size (authoring 2024-02-15-preview).
        """
        live = self.live.get(id_)
        if live is None or live.kind != FILE:
            return False
        told = ("filename", "bytes") if live.attributes.get("bytes") is not None else ("filename",)
        return all(live.attributes.get(key) == resource.attributes.get(key) for key in told)

    def declared_files(self) -> Iterator[Resource]:
        """Go through the declared files."""
        return (each for each in self.declared.values() if each.address.kind == FILE)

    def literal(self, holder: RemoteObject) -> frozenset[str]:
        """List the ids that a manifest itself gives to a holder: those aren't files of ours."""
        resource = self.declared.get(holder.owner.address) if holder.owner else None
        references = KINDS[holder.kind].references
        named = references(resource.attributes) if resource else ()
        return frozenset(each for each in named if isinstance(each, str))

    def files_of(self, holder: RemoteObject) -> frozenset[Address]:
        """List the files that a holder is declared to have."""
        resource = self.declared.get(holder.owner.address) if holder.owner else None
        used = resource.depends_on if resource else ()
        return frozenset(each for each in used if each.kind == FILE)


def held(holder: RemoteObject) -> list[str]:
    """List the ids that a live object refers to, in the order of its digest."""
    return sorted(str(each) for each in KINDS[holder.kind].references(holder.attributes))


def unproved(evidence: Evidence) -> set[str]:
    """List the files of those holders whose digest can't be explained."""
    return {
        id_
        for holder in evidence.holders
        if holder.files_digest and _explained(holder, evidence) is None
        for id_ in held(holder)
        if id_ in evidence.live and evidence.live[id_].kind == FILE
    }


def recognise(evidence: Evidence) -> Recognition:
    """Find out which live files are the declared ones; what is ambiguous is not guessed."""
    proved: dict[str, str] = {}
    for holder in evidence.holders:
        explained = _explained(holder, evidence) or {}
        proved.update({id_: sha256 for id_, sha256 in explained.items() if sha256 != NOT_OURS})
    found, rivals = _assigned({id_: _same(id_, sha, evidence) for id_, sha in proved.items()})
    changed = {
        id_: _former(id_, evidence) - found.keys() - rivals.keys()
        for id_, sha in proved.items()
        if not _same(id_, sha, evidence)
    }
    replaced, unclear = _assigned(changed)
    return Recognition({**found, **replaced}, proved, {**rivals, **unclear})


def _explained(holder: RemoteObject, evidence: Evidence) -> Mapping[str, str] | None:
    """Find the bytes of each id of a holder with which its digest comes out; None for none."""
    ids, literal = held(holder), evidence.literal(holder)
    likely = [
        [NOT_OURS] if each in literal else evidence.digests(each) or [NOT_OURS] for each in ids
    ]
    possible = [[*{*options, NOT_OURS}] for options in likely]
    for guesses in (likely, possible):
        if prod(map(len, guesses)) > MOST_GUESSES:
            continue
        for guess in product(*guesses):
            pairs = dict(zip(ids, guess, strict=True))
            if files_digest(ids, pairs) == holder.files_digest:
                return pairs
    return None


def _same(id_: str, sha256: str, evidence: Evidence) -> set[Address]:
    """List the declared files that a live one can be, by its name and its bytes."""
    named = _named(id_, evidence)
    return _narrowed(id_, {each for each in named if _sha256(each, evidence) == sha256}, evidence)


def _former(id_: str, evidence: Evidence) -> set[Address]:
    """List the declared files whose former bytes a live one can have, by its name."""
    return _narrowed(id_, _named(id_, evidence), evidence)


def _named(id_: str, evidence: Evidence) -> set[Address]:
    name = evidence.live[id_].attributes.get("filename")
    files = evidence.declared_files()
    return {each.address for each in files if each.attributes.get("filename") == name}


def _sha256(address: Address, evidence: Evidence) -> object:
    return evidence.declared[address].attributes.get("sha256")


def _narrowed(id_: str, possible: set[Address], evidence: Evidence) -> set[Address]:
    """Prefer what the holders of a live file are declared to have."""
    for holder in evidence.holders:
        if id_ in held(holder):
            possible = possible & evidence.files_of(holder) or possible
    return possible


def _assigned(
    possible: Mapping[str, set[Address]],
) -> tuple[dict[Address, str], dict[Address, tuple[str, ...]]]:
    """Give each file the address that only it can have, until nothing more follows."""
    found: dict[Address, str] = {}
    left = dict(possible)
    while True:
        claims = _claims({id_: each for id_, each in left.items() if len(each) == 1})
        certain = {address: ids[0] for address, ids in claims.items() if len(ids) == 1}
        if not certain:
            return found, {address: tuple(sorted(ids)) for address, ids in _claims(left).items()}
        found.update(certain)
        taken = set(certain.values())
        left = {id_: each - certain.keys() for id_, each in left.items() if id_ not in taken}


def _claims(possible: Mapping[str, Iterable[Address]]) -> dict[Address, list[str]]:
    claims: dict[Address, list[str]] = defaultdict(list)
    for id_, addresses in possible.items():
        for address in addresses:
            claims[address].append(id_)
    return claims
