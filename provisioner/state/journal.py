"""The journal: what is about to be done, written down before, and what came of it, after.

Its first line names the state that it continues; then there is an intent before each call to the
service, and a result after it. An intent without a result is pending: nobody knows yet whether the
service has done it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from provisioner.address import Address
from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.events import Operation
from provisioner.json_reading import read_json
from provisioner.kinds import KINDS
from provisioner.kinds.ids import is_id
from provisioner.lost_create import LostCreate
from provisioner.refactoring import move
from provisioner.resource import Attributes, ResourceState
from provisioner.state.model import (
    State,
    UnknownKindError,
    newer,
    resource_from_json,
    service_from_json,
    typed,
)

VERSION = 1

Header: TypeAlias = Mapping[str, Any]
"""The first line of a journal: which state it continues."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a journal is, and what to do when it and its state don't fit."""

    place: str
    environment: str
    cure: Callable[[Header | None], str]
    """Says how the state that a journal continues is brought back."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One call that is about to be made."""

    operation_id: str
    operation: Operation
    address: Address
    id: str | None
    """The object that is changed; None for a create."""
    becomes: ResourceState | None
    """What is recorded when it is done (for a create without its id); None for a delete."""
    deposes: str | None = None
    """The predecessor that this create replaces."""
    deposed: bool = False
    """The object is such a predecessor."""
    sent_at: float = 0.0
    """Seconds since 1970 by the service's clock, as far as it is known."""
    moved_from: Address | None = None
    """Where the object is recorded until this is done."""
    retries: str | None = None
    """The operation id of the lost create that this one is sent in the place of."""


@dataclass(frozen=True, slots=True)
class Journal:
    """A journal as read: the state that it leads to, and what is pending."""

    state: State
    pending: tuple[Intent, ...] = ()
    continues: bool = False
    """More may be appended to this very journal."""


def complete(state: State, intent: Intent, id_: str | None, filled: Attributes) -> State:
    """Record that an intent was carried out."""
    resources = dict(state.resources)
    record(resources, intent, id_, filled)
    return replace(state, resources=resources)


def record(
    resources: dict[Address, ResourceState], intent: Intent, id_: str | None, filled: Attributes
) -> None:
    """Record in place that an intent was carried out."""
    if intent.moved_from:
        move(resources, intent.moved_from, intent.address)
    current = resources.get(intent.address)
    if intent.becomes is not None:
        before = current.deposed if current else ()
        deposed = (*before, intent.deposes) if intent.deposes else before
        resources[intent.address] = replace(
            intent.becomes, id=id_ or intent.becomes.id, filled=filled, deposed=deposed
        )
    elif not intent.deposed:
        resources.pop(intent.address, None)
    elif current:
        left = tuple(each for each in current.deposed if each != intent.id)
        resources[intent.address] = replace(current, deposed=left)


def lost_create(intent: Intent) -> LostCreate:
    """Tell what is to be remembered of a create that nobody waits for any more."""
    sent = intent.becomes.attributes if intent.becomes else {}
    told = (sent.get("filename"), sent.get("bytes"), sent.get("sha256"))
    is_upload = not KINDS[intent.address.kind].tagged and all(each is not None for each in told)
    return LostCreate(
        intent.operation_id, intent.address, intent.sent_at, *(told if is_upload else ())
    )


def replay(where: Whereabouts, lines: Sequence[str], state: State | None) -> Journal | None:
    """Go on from a state by what a journal's lines say; None when there are none.

    Raises StateError when the journal belongs to another history, or to a later moment of this one:
    then the state beside it is not the newest.
    """
    if not lines:
        return None
    try:
        entries = [read_json(line) for line in lines]
        header = entries[0]
        _refuse_newer(header, where)
        began = state or _first(header, where)
        _refuse_mismatch(header, began, where)
        # A state that is newer than its journal already holds the results: the run ended between
        # writing the one and clearing the other. What was pending is pending still.
        current = header["serial"] == began.serial
        return replace(_replayed(entries[1:], began, results=current), continues=current)
    except UnknownKindError as trouble:
        raise newer(where.place, str(trouble)) from trouble
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as trouble:
        raise unreadable(where, f"{type(trouble).__name__}: {trouble}") from trouble


def whole_lines(where: Whereabouts, content: bytes) -> list[str]:
    """Take a journal's whole lines; a torn last one counts as not written."""
    whole, _, _torn = content.rpartition(b"\n")
    try:
        text = whole.decode("utf-8", errors="surrogatepass")
    except UnicodeDecodeError as trouble:
        raise unreadable(where, f"it is no UTF-8 ({trouble})") from trouble
    return text.split("\n") if text else []


def header(lines: Sequence[str]) -> Header | None:
    """Read which state a journal continues, as far as that can be read."""
    try:
        found = read_json(lines[0]) if lines else None
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _first(header: Header, where: Whereabouts) -> State:
    if header["serial"] != 0:
        raise StateError(
            error(
                "S005",
                "State is missing",
                f"{where.place} continues serial {header['serial']}, but there is no state beside"
                f" it. It is not taken for an empty one. {where.cure(header)}",
            )
        )
    service = service_from_json(header["provider"])
    return State(
        typed(header, "lineage", str),
        0,
        typed(header, "project", str),
        typed(header, "uid", str),
        typed(header, "environment", str),
        service,
    )


def _refuse_newer(header: Header, where: Whereabouts) -> None:
    version = header["journal"]
    if version != VERSION:
        raise newer(
            where.place, f"its format version is {version!r}; this program writes {VERSION}"
        )


def _refuse_mismatch(header: Header, state: State, where: Whereabouts) -> None:
    if header["lineage"] == state.lineage and header["serial"] <= state.serial:
        return
    raise StateError(
        error(
            "S004",
            "Journal and state don't belong together",
            f"{where.place} continues lineage {header['lineage']}, serial {header['serial']}; the"
            f" state beside it is lineage {state.lineage}, serial {state.serial}. Put back the"
            " state that belongs to the journal: an older one would forget what was created since."
            f" {where.cure(header)}",
        )
    )


def _replayed(entries: Iterable[Mapping[str, Any]], state: State, *, results: bool) -> Journal:
    pending: dict[str, Intent] = {}
    resources, lost = dict(state.resources), list(state.lost_creates)
    for entry in entries:
        given_up = entry.get("retries") or entry.get("lost")
        if given_up in pending:
            found = lost_create(pending.pop(given_up))
            lost.extend([found] if results else [])
        if "intent" in entry:
            intent = _intent(entry)
            pending[intent.operation_id] = intent
        elif "failed" in entry:
            pending.pop(entry["failed"], None)
        elif "lost" in entry:
            continue
        else:
            done = pending.pop(entry["done"], None)
            if results and done:
                record(resources, done, _id(entry, "id"), typed(entry, "filled", dict))
    reached = replace(state, resources=resources, lost_creates=tuple(lost))
    return Journal(reached, tuple(pending.values()))


def unreadable(where: Whereabouts, what: str) -> StateError:
    """Say that a journal can't be read, and what to do."""
    return StateError(
        error(
            "S006",
            "Journal can't be read",
            f"{where.place}: {what}. It may hold the only trace of objects that were just created:"
            " put a good copy back in its place. If there is none, `provisioner state rebuild -e"
            f" {where.environment}` makes the state anew from what is live.",
        )
    )


def _intent(entry: Mapping[str, Any]) -> Intent:
    address = Address.parse(entry["address"])
    if address.kind not in KINDS:
        raise UnknownKindError(address)
    becomes, origin = entry["becomes"], entry.get("moved_from")
    return Intent(
        operation_id=typed(entry, "intent", str),
        operation=Operation(entry["operation"]),
        address=address,
        id=_id(entry, "id"),
        becomes=resource_from_json(address, becomes) if becomes else None,
        deposes=_id(entry, "deposes"),
        deposed=typed(entry, "deposed", bool),
        sent_at=float(entry["sent_at"]),
        moved_from=Address.parse(origin) if origin else None,
        retries=entry.get("retries"),
    )


def _id(entry: Mapping[str, Any], key: str) -> str | None:
    """Read an id that may be absent; raises KeyError or ValueError for what is none."""
    found: str | None = entry[key]
    if found is not None and not is_id(found):
        raise ValueError(f"{key!r} is no id")
    return found
