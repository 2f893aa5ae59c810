"""Applying: a plan carried out, under the lock, with everything written down."""

from __future__ import annotations

from collections.abc import Container, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import replace

from provisioner.address import Address
from provisioner.brake import Allowance, brake
from provisioner.calls import Calls, verify_source
from provisioner.diagnostics import Diagnostic, error
from provisioner.errors import PlanError, ProvisionerError
from provisioner.events import Event, Operation, Succeeded
from provisioner.executor import execute
from provisioner.halt import Halt
from provisioner.operations.keeping import kept_state, locked
from provisioner.operations.lost_calls import ended
from provisioner.operations.planning import Planned
from provisioner.operations.workspace import Workspace
from provisioner.plan import Action, Plan, touched
from provisioner.saved_plan.staleness import moved, remaining
from provisioner.settling import Settlement
from provisioner.state.journal import lost_create
from provisioner.state.recorder import Recorder
from provisioner.state.storage import Held
from provisioner.steps import steps


def lock(
    workspace: Workspace,
    operation: str,
    timeout: float = 0,
    held: Held = lambda _holder, _seconds: None,
) -> AbstractContextManager[None]:
    """Lock the workspace's environment for writing; raises LockError that names the holder."""
    return locked(workspace.project, workspace.environment, operation, timeout, held)


def refuse_stale(reviewed: Plan, now: Plan) -> None:
    """Refuse when what would be done is no longer what was reviewed."""
    _refuse_changed_files(now)
    if found := moved(reviewed.changes, now.changes):
        raise PlanError(
            error(
                "P007",
                "Plan is stale",
                f"Since it was shown, things have changed. {_told(found)} Nothing was applied. Run"
                " the command again.",
            )
        )


def confirmed(recalled: Plan, now: Planned) -> Planned:
    """Take of the plan within reach of one that was made from the records alone what that one has.

    Raises PlanError where live objects that it touches are not as recorded.
    """
    _refuse_changed_files(recalled)
    within = touched(recalled.changes)
    sides = recalled.changes, now.plan.changes
    if found := moved(*([each for each in side if each.address in within] for side in sides)):
        raise PlanError(
            error(
                "P065",
                "Live objects are not as recorded",
                f"What the plan takes for live isn't so. {_told(found)} Nothing was applied. Run"
                " the command again without --no-refresh.",
            )
        )
    return replace(now, plan=replace(now.plan, changes=remaining(*sides)))


def changed_files(plan: Plan) -> Iterator[Diagnostic]:
    """Report every file that would be uploaded with other bytes than those of the plan."""
    for change in plan.changes:
        if change.action in (Action.CREATE, Action.REPLACE):
            try:
                verify_source(change)
            except ProvisionerError as trouble:
                yield from trouble.diagnostics


def _refuse_changed_files(plan: Plan) -> None:
    """Refuse at once what would else come to an end halfway."""
    if found := list(changed_files(plan)):
        raise PlanError(*found)


def _told(found: Iterable[tuple[Address, str]]) -> str:
    return " ".join(f"{address}: {what}." for address, what in found)


def refuse_deletes(plan: Plan, allowance: Allowance | None) -> None:
    """Refuse a plan that deletes too much."""
    if stop := brake(plan, allowance):
        raise PlanError(stop)


def apply_plan(
    workspace: Workspace, planned: Planned, parallelism: int, halt: Halt | None = None
) -> Generator[Event, None, None]:
    """Carry out a plan, or until a halt; the caller holds the lock, and took the plan under it.

    Whatever happens, what was done is recorded when the iterator ends or is closed.
    """
    backend = kept_state(workspace.project, workspace.environment)
    recorder = backend.open(planned.recorded, planned.observation.as_read)
    try:
        _record_settlement(recorder, planned, workspace.resources)
        calls = Calls(
            planned.provider,
            recorder,
            workspace.project.uid,
            workspace.environment.name,
            {each.address: each.operation_id for each in planned.observation.settlement.open},
        )
        for change in planned.plan.changes:
            if change.is_idle and change.record:
                calls.note(change)
        todo = steps(planned.plan.changes)
        gone: set[str] = set()
        with closing(execute(todo, calls.carry_out, parallelism, halt)) as events:
            for event in events:
                gone |= _deleted(event)
                yield event
        recorder.forget_lost(ended(planned.observation, recorder.resources.values(), gone))
    finally:
        recorder.close()


def _deleted(event: Event) -> set[str]:
    is_done = isinstance(event, Succeeded) and event.operation is Operation.DELETE
    return {event.id} if is_done and event.id else set()


def _record_settlement(recorder: Recorder, planned: Planned, declared: Container[Address]) -> None:
    """Record what became of pending intents; creates that are tried again stay pending.

    One that isn't wanted any more is remembered as long as it may be carried out yet.
    """
    settlement, since = planned.observation.settlement, planned.observation.since
    record_known(recorder, settlement)
    standing = (change for change in planned.plan.changes if not change.deposed)
    actions = {change.address: change.action for change in standing}
    for intent in settlement.open:
        left_out = intent.address not in actions and intent.address in declared
        if not left_out and actions.get(intent.address) not in (Action.CREATE, Action.REPLACE):
            may_arrive = since <= lost_create(intent).until
            (recorder.lost if may_arrive else recorder.failed)(intent)


def record_known(recorder: Recorder, settlement: Settlement) -> None:
    """Record the pending intents whose outcome is known by now."""
    for intent, id_, filled in settlement.done:
        recorder.done(intent, id_, filled)
    for intent in settlement.failed:
        recorder.failed(intent)
    for intent in settlement.overtaken:
        recorder.lost(intent)
