"""Settling: what became of calls whose outcome was never recorded, judged by what is live.

A pure function. An update or a delete may be repeated freely, so it is simply looked at; a create
may not, so it is either found again or stays open.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from provisioner.diagnostics import Diagnostic, error
from provisioner.diff import differences
from provisioner.events import Operation
from provisioner.kinds import KINDS
from provisioner.resource import Attributes, RemoteObject, ResourceState
from provisioner.situation import referred
from provisioner.state.journal import Intent

UPLOAD_SECONDS = 30.0
SLOWEST_UPLOAD = 1_000_000
"""Seconds, and bytes a second, after which an upload whose sender died has either arrived or not.
Recorded uploads of small files took 2 to 9 s.
"""
CLOCK_MARGIN = 2.0
"""Seconds by which a file's `created_at`, given in whole seconds, may seem to precede its upload.
"""


@dataclass
class Settlement:
    """What became of each pending intent."""

    done: list[tuple[Intent, str, Attributes]] = field(default_factory=list)
    """Carried out; with the object's id, and what the service filled in."""
    failed: list[Intent] = field(default_factory=list)
    """Not carried out, or not visibly: to be planned anew."""
    open: list[Intent] = field(default_factory=list)
    """Creates that can't be found; their answer may still be on its way."""
    problems: list[Diagnostic] = field(default_factory=list)


def settle(
    pending: Iterable[Intent],
    live: Mapping[str, RemoteObject],
    recorded: Iterable[ResourceState],
) -> Settlement:
    """Find out what became of pending intents."""
    settlement = Settlement()
    pending = tuple(pending)
    taken = {id_ for state in recorded for id_ in (state.id, *state.deposed)}
    if any(intent.operation is Operation.CREATE for intent in pending):
        taken |= _in_use(live)
    for intent in pending:
        if intent.operation is Operation.CREATE:
            _settle_create(settlement, intent, live, taken, pending)
        elif intent.operation is Operation.UPDATE:
            _settle_update(settlement, intent, live)
        elif intent.operation is Operation.FORGET or intent.id not in live:
            settlement.done.append((intent, intent.id or "", {}))
        else:
            settlement.failed.append(intent)
    return settlement


def _in_use(live: Mapping[str, RemoteObject]) -> set[str]:
    """List the ids that some live object refers to: none of these is a lost upload."""
    return {id_ for each in live.values() for id_ in referred(each)}


def _settle_create(
    settlement: Settlement,
    intent: Intent,
    live: Mapping[str, RemoteObject],
    taken: set[str],
    pending: Sequence[Intent],
) -> None:
    tagged = KINDS[intent.address.kind].tagged
    found = sorted(
        (_tagged(intent, live) if tagged else _uploaded(intent, live, taken)),
        key=lambda each: (each.created_at, each.id),
    )
    if not found:
        settlement.open.append(intent)
        return
    rivals = [each for each in pending if _may_be_confused(each, intent, found)]
    if not tagged and (len(found) > len(rivals) or len({_sha256(each) for each in rivals}) > 1):
        settlement.problems.append(_ambiguous(intent, found))
        return
    # Of several with one operation id the first is ours; the planner reports the others.
    made = found[0]
    taken.add(made.id)
    becomes = intent.becomes
    settlement.done.append((intent, made.id, _filled(becomes, made) if becomes else {}))


def _may_be_confused(one: Intent, other: Intent, found: Sequence[RemoteObject]) -> bool:
    """Say whether the uploads of two intents look the same from outside; one and itself do.

    Azure may leave the size of what was found out; then only the name tells.
    """
    sized = all(each.attributes.get("bytes") is not None for each in found)
    told = ("filename", "bytes") if sized else ("filename",)
    return (
        one.operation is Operation.CREATE
        and one.address.kind == other.address.kind
        and all(_sent(one).get(key) == _sent(other).get(key) for key in told)
    )


def _sent(intent: Intent) -> Attributes:
    return intent.becomes.attributes if intent.becomes else {}


def _sha256(intent: Intent) -> object:
    return _sent(intent).get("sha256")


def _tagged(intent: Intent, live: Mapping[str, RemoteObject]) -> Iterator[RemoteObject]:
    for each in live.values():
        if each.owner and each.owner.operation == intent.operation_id:
            yield each


def _uploaded(
    intent: Intent, live: Mapping[str, RemoteObject], taken: set[str]
) -> Iterator[RemoteObject]:
    """Find uploads that may be this one: files carry no metadata to tell them by.

    Name and size must be the same, it must have been made while the upload may have been under
    way, and nothing may refer to it.
    """
    wanted = _sent(intent)
    began = intent.sent_at - CLOCK_MARGIN
    ended = intent.sent_at + UPLOAD_SECONDS + wanted.get("bytes", 0) / SLOWEST_UPLOAD
    for each in live.values():
        if (
            each.kind == intent.address.kind
            and each.id not in taken
            and each.attributes.get("filename") == wanted.get("filename")
            and each.attributes.get("bytes") in (None, wanted.get("bytes"))
            and began <= each.created_at <= ended
        ):
            yield each


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


def _ambiguous(intent: Intent, found: list[RemoteObject]) -> Diagnostic:
    ids = ", ".join(each.id for each in found)
    return error(
        "P006",
        "Lost upload is ambiguous",
        f"The upload of {intent.address} was interrupted, and any of {ids} may be it. Delete those"
        " of them that nobody needs (nothing uses them now), and run the command again.",
        address=intent.address,
    )
