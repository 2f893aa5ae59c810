"""Orphans: live objects that carry our tag, but that nothing declares or records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, warning
from provisioner.kinds import KINDS
from provisioner.plan import Action, Change
from provisioner.resource import RemoteObject
from provisioner.situation import Situation


@dataclass(frozen=True, slots=True)
class Orphan:
    """One such object."""

    live: RemoteObject
    address: Address
    """Where its tag says that it stands, by the name that this has after all moves."""
    is_certain: bool
    """Nothing else can be what the tag was made for. Otherwise this may be somebody's copy."""


def orphans(situation: Situation) -> Iterator[Orphan]:
    """Find what is neither recorded, nor adopted, nor imported, nor forgotten on purpose."""
    known = situation.known_ids | {each.id for each in situation.imports.values()}
    for address, tagged in sorted(situation.tagged.items()):
        adopted = address in situation.desired and not _is_live(situation, address)
        if adopted or address in situation.refactoring.forgotten:
            continue
        alone = not (address in situation.desired or address in situation.recorded)
        for live in tagged:
            if live.id not in known:
                certain = alone and len(tagged) == 1 and live.kind == address.kind
                yield Orphan(live, address, certain)


def _is_live(situation: Situation, address: Address) -> bool:
    state = situation.recorded.get(address)
    return state is not None and state.id in situation.live


def deletion(orphan: Orphan) -> Change:
    """Delete an orphan."""
    return Change(
        orphan.address,
        Action.DELETE,
        orphan.live.id,
        KINDS[orphan.live.kind].normal_form(orphan.live.attributes),
        None,
        reason="it carries our tag, but is neither declared nor recorded",
        unrecorded=True,
    )


def reported(orphan: Orphan) -> Diagnostic:
    """Report an orphan that stays."""
    tag = orphan.live.owner.address if orphan.live.owner else None
    cure = "Delete it with --delete-orphans, or in the portal, if it is not wanted"
    if not orphan.is_certain:
        cure = (
            "It may be a copy of what its tag was made for, so --delete-orphans leaves it alone"
            " too. Delete it in the portal if it is not wanted"
        )
    return warning(
        "P101",
        "Object carries our tag, but is not recorded",
        f"{orphan.live.id} is tagged as {tag}, but is neither recorded nor to be adopted."
        f" It is left alone. {cure}; or declare an address for it, and take it over with"
        f" `provisioner import ADDRESS {orphan.live.id}`.",
        address=orphan.address,
    )
