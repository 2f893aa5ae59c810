"""The planner: (desired, recorded, live) -> changes. A pure function: no client, clock or path.

Its decisions are the table in docs/lifecycle.md, row by row.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, error
from provisioner.diff import attributed, differences
from provisioner.errors import PlanError
from provisioner.findings import (
    collisions,
    disappeared,
    finished,
    namesakes,
    violations,
)
from provisioner.importing import incomparable, refusals, unchangeable, untold
from provisioner.kinds import KINDS
from provisioner.leftovers import deposed, late
from provisioner.orphans import deletion, orphans, reported
from provisioner.plan import Action, Change
from provisioner.resource import RemoteObject, Resource, ResourceState, resolve, unresolve
from provisioner.situation import Situation, keep, live_form
from provisioner.sparing import spare


@dataclass(frozen=True, slots=True)
class Decisions:
    """What the planner made of a situation."""

    changes: tuple[Change, ...]
    warnings: tuple[Diagnostic, ...]


@dataclass
class _Planning:
    """One run of the planner; lives no longer than that."""

    situation: Situation
    scope: frozenset[Address]
    replaced: frozenset[Address]
    ids: dict[Address, str] = field(default_factory=dict)
    """The ids that stand after this plan as they stand now."""
    changes: list[Change] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)


def plan(
    situation: Situation,
    *,
    scope: frozenset[Address] | None = None,
    recreate_missing: bool = False,
    protected: frozenset[Address] = frozenset(),
    replaced: frozenset[Address] = frozenset(),
    delete_orphans: bool = False,
) -> Decisions:
    """Decide what is to happen at every address of the scope (left out: all).

    The situation is relocated already. What is recorded at `replaced` is made anew whatever else
    would do. Orphans are reported where there is no scope. Raises PlanError, with every problem
    at once, where no answer would be safe, or where something protected would be deleted.
    """
    everything = frozenset(situation.desired) | frozenset(situation.recorded)
    planning = _Planning(situation, everything if scope is None else scope & everything, replaced)
    planning.problems.extend(collisions(situation, planning.scope))
    if not recreate_missing:
        planning.problems.extend(disappeared(situation))
    for address in sorted(planning.scope, key=_creation_order):
        _decide(planning, address)
    strays = [each for each in orphans(situation) if scope is None or each.address in scope]
    goes = {each.live.id for each in strays if delete_orphans and each.is_certain}
    planning.changes.extend(deletion(each) for each in strays if each.live.id in goes)
    overdue = late(situation)
    planning.changes.extend(each for each in overdue if scope is None or each.address in scope)
    planning.changes, kept = spare(planning.situation, planning.changes)
    planning.warnings.extend(kept)
    if scope is None:
        planning.warnings.extend(reported(each) for each in strays if each.live.id not in goes)
        planning.warnings.extend(finished(situation))
    bound = protected - situation.refactoring.released
    planning.problems.extend(violations(planning.changes, bound))
    if planning.problems:
        raise PlanError(*planning.problems)
    changes = sorted(planning.changes, key=lambda change: (change.address, change.deposed))
    return Decisions(tuple(changes), tuple(planning.warnings))


def drift(situation: Situation) -> tuple[Change, ...]:
    """List the live objects that are no longer as last applied, in the order of addresses."""
    found = (_drifted(situation, state) for _, state in sorted(situation.recorded.items()))
    return tuple(change for change in found if change)


def _creation_order(address: Address) -> tuple[int, Address]:
    """Kinds refer only to kinds that are made before them."""
    return list(KINDS).index(address.kind), address


def _decide(planning: _Planning, address: Address) -> None:
    state = planning.situation.recorded.get(address)
    resource = planning.situation.desired.get(address)
    change = (
        _declared(planning, resource, state)
        if resource
        else _undeclared(planning, address, state)
        if state
        else None
    )
    if change:
        planning.changes.append(change)
        if change.id and change.action in (Action.NO_OP, Action.UPDATE):
            planning.ids[address] = change.id
    planning.changes.extend(deposed(planning.situation, state) if state else ())


def _declared(
    planning: _Planning, resource: Resource, state: ResourceState | None
) -> Change | None:
    kind = KINDS[resource.address.kind]
    after = kind.normal_form(resolve(resource.attributes, planning.ids))
    live = _live(planning, resource.address, state)
    change = Change(
        resource.address,
        Action.CREATE,
        None,
        None,
        after,
        depends_on=resource.depends_on,
        labels=resource.labels,
        source=resource.source,
        origin=resource.origin,
        lifecycle=resource.lifecycle,
        previous_address=planning.situation.previous.get(resource.address),
    )
    if live is None:
        planning.warnings.extend(namesakes(planning.situation, change))
        return replace(change, reason="it was deleted outside") if state else change
    wanted = planning.situation.imports.get(resource.address) if state is None else None
    before = untold(live, after) if wanted else live_form(kind, live, state)
    after = keep(kind, after, before, resource.lifecycle.ignore_changes)
    found = differences(kind.keyed_form(before), kind.keyed_form(after))
    if state:
        # What refers to an object that is gone has to change, though the manifest hasn't.
        applied = kind.normal_form(unresolve(state.attributes, planning.situation.lost))
        found = attributed(found, kind.keyed_form(applied))
    change = replace(change, id=live.id, before=before, after=after, differences=found)
    if wanted:
        planning.problems.extend(unchangeable(wanted, found, kind.immutable))
        planning.warnings.extend(incomparable(wanted))
        change = replace(change, importing=True)
    return _compared(planning, change, live, state)


def _compared(
    planning: _Planning, change: Change, live: RemoteObject, recorded: ResourceState | None
) -> Change:
    kind = KINDS[change.address.kind]
    adopted = None
    if recorded is None and not change.importing:
        adopted = "it is ours by its tag, but was not recorded"
        change = replace(change, previous_address=_renamed(change.address, live))
    fixed = kind.immutable - kind.open_to_change(change.before or {}, change.after or {})
    found = [str(each.path[0]) for each in change.differences if each.path[0] in fixed]
    requested = not found and recorded is not None and change.address in planning.replaced
    if found or requested:
        reason = next((kind.reasons[each] for each in found if each in kind.reasons), None)
        made_anew = replace(change, action=Action.REPLACE, reason=reason, requested=requested)
        return replace(made_anew, released_by=planning.situation.dependents.get(change.address, ()))
    if change.differences:
        return replace(change, action=Action.UPDATE, reason=adopted)
    if kind.tagged and (live.owner is None or live.owner.address != change.address):
        change = replace(change, action=Action.UPDATE, reason=adopted)
        restores = not change.only_address
        return replace(change, reason="to restore its ownership tag") if restores else change
    record = recorded is None or not _is_recorded(change, recorded)
    return replace(change, action=Action.NO_OP, record=record, reason=adopted)


def _renamed(address: Address, live: RemoteObject) -> Address | None:
    """Tell which address an object that was found by its tag stood at, if that was renamed."""
    tagged = live.owner.address if live.owner else address
    return tagged if tagged != address else None


def _is_recorded(change: Change, state: ResourceState) -> bool:
    return (state.attributes, state.depends_on, dict(state.labels), state.lifecycle) == (
        change.after,
        change.depends_on,
        dict(change.labels),
        change.lifecycle,
    )


def _live(
    planning: _Planning, address: Address, state: ResourceState | None
) -> RemoteObject | None:
    """Find the object that stands at the address: the recorded one, else the one with our tag."""
    live = planning.situation.live.get(state.id) if state else None
    if live:
        _refuse_foreign(planning, address, live)
        return live
    wanted = planning.situation.imports.get(address)
    if wanted and state is None:
        refused = list(refusals(planning.situation, wanted))
        planning.problems.extend(refused)
        return None if refused else planning.situation.live[wanted.id]
    tagged = planning.situation.unrecorded(address)
    if state is None and len(tagged) == 1:
        return tagged[0]
    if tagged:
        _refuse_copies(planning, address, state, tagged)
    return None


def _refuse_copies(
    planning: _Planning, address: Address, state: ResourceState | None, tagged: list[RemoteObject]
) -> None:
    """People copy metadata: a tag alone doesn't say which object is the one that we made."""
    ids = ", ".join(sorted(each.id for each in tagged))
    recorded = f"What was recorded, {state.id}, is gone" if state else "Nothing is recorded"
    planning.problems.append(
        error(
            "P003",
            "Ownership tag is ambiguous",
            f"{recorded}, and {ids} carries the tag of {address}. Delete in the portal what is not"
            " wanted, or its metadata pair `provisioner`, and plan again.",
            address=address,
        )
    )


def _refuse_foreign(planning: _Planning, address: Address, live: RemoteObject) -> None:
    if live.owner is None or planning.situation.is_ours(live.owner):
        return
    planning.problems.append(
        error(
            "P002",
            "Object belongs to somebody else",
            f"{live.id} is recorded as {address}, but its ownership tag says project"
            f" {live.owner.uid}, environment {live.owner.environment}, {live.owner.address}."
            " Another project has taken it over: remove it there; or take it out of the manifests"
            " here, and it is forgotten without being deleted.",
            address=address,
        )
    )


def _undeclared(planning: _Planning, address: Address, state: ResourceState) -> Change:
    live = planning.situation.live.get(state.id)
    change = Change(
        address,
        Action.FORGET,
        state.id,
        state.attributes,
        None,
        released_by=planning.situation.dependents.get(address, ()),
        labels=state.labels,
        previous_address=planning.situation.previous.get(address),
    )
    if live is None:
        return replace(change, reason="it was deleted outside")
    if address in planning.situation.refactoring.forgotten:
        return replace(change, reason="`removed` says so, with destroy: false")
    if live.owner and not planning.situation.is_ours(live.owner):
        return replace(change, reason="it belongs to another project or environment now")
    before = live_form(KINDS[address.kind], live, state)
    return replace(change, action=Action.DELETE, before=before)


def _drifted(situation: Situation, state: ResourceState) -> Change | None:
    kind = KINDS[state.address.kind]
    live = situation.live.get(state.id)
    if live is None:
        return Change(state.address, Action.DELETE, state.id, state.attributes, None)
    after = live_form(kind, live, state)
    after = keep(kind, after, state.attributes, state.lifecycle.ignore_changes)
    found = differences(kind.keyed_form(state.attributes), kind.keyed_form(after))
    if not found:
        return None
    return Change(state.address, Action.UPDATE, state.id, state.attributes, after, found)
