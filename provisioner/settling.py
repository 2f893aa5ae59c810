"""Settling: what became of calls whose outcome was never recorded, judged by what is live.

A pure function. An update or a delete may be repeated freely, so it is simply looked at; a create
may not, so it is either found again or stays open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from types import MappingProxyType

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, error
from provisioner.diff import differences
from provisioner.events import Operation
from provisioner.kinds import KINDS
from provisioner.lost_create import LostCreate
from provisioner.resource import Attributes, RemoteObject, ResourceState
from provisioner.state.journal import Intent, lost_create
from provisioner.uploads import Files, Late, in_use, late

NOTHING_LATE = Late()
NO_BYTES: Mapping[str, str] = MappingProxyType({})


@dataclass
class Settlement:
    """What became of each pending intent."""

    done: list[tuple[Intent, str, Attributes]] = field(default_factory=list)
    """Carried out; with the object's id, and what the service filled in."""
    failed: list[Intent] = field(default_factory=list)
    """Not carried out, or not visibly: to be planned anew."""
    open: list[Intent] = field(default_factory=list)
    """Creates that can't be found; their answer may still be on its way."""
    overtaken: list[Intent] = field(default_factory=list)
    """Creates that were carried out after another object had been recorded in their place."""
    late: Late = NOTHING_LATE
    """Files that came of uploads which nobody waits for any more."""
    problems: list[Diagnostic] = field(default_factory=list)


@dataclass
class _Settling:
    """One look at what is pending; lives no longer than that."""

    pending: Sequence[Intent]
    lost: Sequence[LostCreate]
    files: Files
    taken: set[str]
    held: dict[Address, str]
    """Which live object is recorded at each address, those included that were found just now."""
    settlement: Settlement

    @property
    def sent(self) -> Iterator[LostCreate]:
        """Go through all that was sent and never seen answered."""
        creates = (each for each in self.pending if each.operation is Operation.CREATE)
        return chain(map(lost_create, creates), self.lost)


def settle(
    pending: Iterable[Intent],
    live: Mapping[str, RemoteObject],
    recorded: Iterable[ResourceState],
    lost: Iterable[LostCreate] = (),
    sha256: Mapping[str, str] = NO_BYTES,
) -> Settlement:
    """Find out what became of pending intents, and what came late of lost uploads.

    `sha256` are the bytes of live files, by id, as far as the service gave them out.
    """
    recorded = tuple(recorded)
    pending, lost = tuple(pending), tuple(lost)
    taken = {id_ for state in recorded for id_ in (state.id, *state.deposed)}
    if lost or any(intent.operation is Operation.CREATE for intent in pending):
        taken |= in_use(live)
    held = {state.address: state.id for state in recorded if state.id in live}
    settling = _Settling(pending, lost, Files(live, taken, sha256), taken, held, Settlement())
    for intent in settling.pending:
        if intent.operation is Operation.CREATE:
            _settle_create(settling, intent)
        elif intent.operation is Operation.UPDATE:
            _settle_update(settling.settlement, intent, live)
        elif intent.operation is Operation.FORGET or intent.id not in live:
            settling.settlement.done.append((intent, intent.id or "", {}))
        else:
            settling.settlement.failed.append(intent)
    overtaken = map(lost_create, settling.settlement.overtaken)
    settling.settlement.late = late((*lost, *overtaken), settling.files)
    return settling.settlement


def _settle_create(settling: _Settling, intent: Intent) -> None:
    settlement = settling.settlement
    tagged = KINDS[intent.address.kind].tagged
    found = _tagged(intent, settling.files.live) if tagged else _uploaded(settling, intent)
    if not found:
        settlement.open.append(intent)
        return
    if settling.held.get(intent.address) not in (None, intent.deposes):
        settlement.overtaken.append(intent)
        return
    if not tagged and _is_ambiguous(settling, intent, found):
        settlement.problems.append(_ambiguous(intent, found))
        return
    # Of several with one operation id the first is ours; the planner reports the others.
    made = found[0]
    settling.taken.add(made.id)
    settling.held[intent.address] = made.id
    becomes = intent.becomes
    settlement.done.append((intent, made.id, _filled(becomes, made) if becomes else {}))


def _is_ambiguous(settling: _Settling, intent: Intent, found: Sequence[RemoteObject]) -> bool:
    """Say whether files may be of other uploads than this one, or of nobody here.

    Azure may leave the size of what was found out; then only the name tells. Bytes tell all.
    """
    sized = all(each.attributes.get("bytes") is not None for each in found)
    read = all(each.id in settling.files.sha256 for each in found)
    told = ["filename", *(["bytes"] if sized else ()), *(["sha256"] if read else ())]
    own = lost_create(intent)
    rivals = [
        each
        for each in settling.sent
        if each.address.kind == own.address.kind
        and all(getattr(each, key) == getattr(own, key) for key in told)
    ]
    return len(found) > len(rivals) or len({each.sha256 for each in rivals}) > 1


def _tagged(intent: Intent, live: Mapping[str, RemoteObject]) -> list[RemoteObject]:
    found = (
        each
        for each in live.values()
        if each.kind == intent.address.kind
        and each.owner
        and each.owner.operation == intent.operation_id
    )
    return sorted(found, key=lambda each: (each.created_at, each.id))


def _uploaded(settling: _Settling, intent: Intent) -> list[RemoteObject]:
    """Find what an upload may have made, or the one before it in whose place it was sent."""
    own = lost_create(intent)
    former = [
        each
        for each in settling.lost
        if (each.filename, each.bytes, each.sha256) == (own.filename, own.bytes, own.sha256)
    ]
    found = {each.id: each for sent in (own, *former) for each in settling.files.made_by(sent)}
    return sorted(found.values(), key=lambda each: (each.created_at, each.id))


def _settle_update(
    settlement: Settlement, intent: Intent, live: Mapping[str, RemoteObject]
) -> None:
    found, becomes = live.get(intent.id or ""), intent.becomes
    if found is None or becomes is None:
        settlement.failed.append(intent)
        return
    filled = _filled(becomes, found)
    normal_form = KINDS[found.kind].normal_form(found.attributes)
    form = {key: each for key, each in normal_form.items() if key not in filled}
    if differences(form, becomes.attributes) or not _carries_tag(intent, found):
        settlement.failed.append(intent)
    else:
        settlement.done.append((intent, found.id, filled))


def _carries_tag(intent: Intent, found: RemoteObject) -> bool:
    """Say whether the tag is in place: it may be all that an update was for."""
    if not KINDS[found.kind].tagged:
        return True
    return found.owner is not None and found.owner.address == intent.address


def _filled(becomes: ResourceState, made: RemoteObject) -> Attributes:
    kind = KINDS[made.kind]
    form = kind.normal_form(made.attributes)
    return {
        key: form[key]
        for key in kind.service_filled
        if key in form and key not in becomes.attributes
    }


def _ambiguous(intent: Intent, found: Sequence[RemoteObject]) -> Diagnostic:
    ids = ", ".join(each.id for each in found)
    return error(
        "P006",
        "Lost upload is ambiguous",
        f"The upload of {intent.address} was interrupted, and any of {ids} may be it. Delete those"
        " of them that nobody needs (nothing uses them now), and run the command again.",
        address=intent.address,
    )
