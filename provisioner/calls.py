"""The calls that carry out a plan's steps, each written down before and after it is made."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, TypeVar

from provisioner.address import Address
from provisioner.content import Content
from provisioner.diagnostics import Diagnostic, error
from provisioner.diff import differences
from provisioner.errors import IndexingError, ProviderError, ProvisionerError
from provisioner.events import Operation
from provisioner.files_digest import files_digest
from provisioner.kinds import KINDS
from provisioner.outcome import Outcome, Progress
from provisioner.plan import Action, Change, Difference
from provisioner.providers.base import Provider, Tag
from provisioner.resource import Attributes, Owner, RemoteObject, ResourceState, resolve
from provisioner.state.journal import Intent
from provisioner.steps import Step
from provisioner.unindexed import unindexed

Answer = TypeVar("Answer")


class Record(Protocol):
    """Where it is written down what is done."""

    @property
    def resources(self) -> Mapping[Address, ResourceState]:
        """What is recorded now."""

    def intend(self, intent: Intent) -> None:
        """Write down what is about to be done; on disk when this returns."""

    def done(self, intent: Intent, id_: str | None, filled: Attributes) -> None:
        """Record that it was done."""

    def failed(self, intent: Intent) -> None:
        """Record that nothing came of it."""

    def record(self, resource: ResourceState) -> None:
        """Bring a record up to date where nothing is sent."""


@dataclass(frozen=True)
class Calls:
    """Carries out steps at one service, for one project and environment."""

    provider: Provider
    record: Record
    uid: str
    environment: str
    lost: Mapping[Address, str] = field(default_factory=dict)
    """The operation ids of creates that are tried again because their outcome was lost."""

    def carry_out(self, step: Step, progress: Progress) -> Outcome:
        """Carry out a step and record it.

        Raises ProvisionerError; then the record says whether the outcome is known.
        """
        try:
            if step.operation is Operation.CREATE:
                return self._create(step.change, progress)
            if step.operation in (Operation.DELETE, Operation.FORGET):
                return self._remove(step)
            if step.change.action is Action.NO_OP:
                return self._keep(step.change)
            return self._update(step.change, progress)
        except IndexingError as trouble:
            self._record_as_is(step.change)
            names = {state.id: each for each, state in self._dependencies(step.change).items()}
            raise ProvisionerError(*unindexed(step.change, trouble, names)) from trouble

    def note(self, change: Change) -> None:
        """Record a resource for which nothing has to be sent."""
        self.record.record(_becomes(change, change.after or {}, change.id or "", self._now(change)))

    def _create(self, change: Change, progress: Progress) -> Outcome:
        verify_source(change)
        attributes = self._resolved(change)
        intent = Intent(
            _new_operation_id(),
            Operation.CREATE,
            change.address,
            id=None,
            becomes=_becomes(change, attributes, "", None),
            deposes=change.id,
            sent_at=self.provider.now(),
            moved_from=change.previous_address,
            retries=self.lost.get(change.address),
        )
        tag = self._tag(change, attributes, intent.operation_id)
        source = Path(change.source) if change.source else None
        create = self.provider.create
        made = self._journalled(
            intent, lambda: create(change.address.kind, attributes, tag, source)
        )
        outcome = self._finish(intent, attributes, made)
        # Recorded by now: whatever happens while its files are indexed, the store isn't lost.
        self.provider.fill(made.kind, made.id, attributes, progress)
        return outcome

    def _update(self, change: Change, progress: Progress) -> Outcome:
        attributes, id_ = self._resolved(change), change.id or ""
        intent = self._update_intent(change, attributes, None)
        tag = self._tag(change, attributes, None)
        update = self.provider.update
        made = self._journalled(
            intent, lambda: update(change.address.kind, id_, attributes, tag, progress)
        )
        return self._finish(intent, attributes, made)

    def _keep(self, change: Change) -> Outcome:
        """Record an object at its new address where nothing has to be sent."""
        now = self.record.resources.get(change.previous_address or change.address)
        intent = self._update_intent(change, self._resolved(change), now)
        self.record.intend(intent)
        self.record.done(intent, change.id, now.filled if now else {})
        return Outcome(change.id)

    def _update_intent(
        self, change: Change, attributes: Attributes, now: ResourceState | None
    ) -> Intent:
        id_ = change.id or ""
        return Intent(
            _new_operation_id(),
            Operation.UPDATE,
            change.address,
            id_,
            becomes=_becomes(change, attributes, id_, now),
            sent_at=self.provider.now(),
            moved_from=change.previous_address,
        )

    def _remove(self, step: Step) -> Outcome:
        address, id_ = step.change.address, step.id or ""
        intent = Intent(
            _new_operation_id(),
            step.operation,
            address,
            id_,
            becomes=None,
            deposed=step.deposed,
            sent_at=self.provider.now(),
            moved_from=step.change.previous_address,
        )
        forget = step.operation is Operation.FORGET
        self._journalled(
            intent, lambda: None if forget else self.provider.delete(address.kind, id_)
        )
        self.record.done(intent, id_, {})
        return Outcome(id_)

    def _journalled(self, intent: Intent, call: Callable[[], Answer]) -> Answer:
        self.record.intend(intent)
        try:
            return call()
        except ProvisionerError as trouble:
            if not (isinstance(trouble, ProviderError) and trouble.unsettled):
                self.record.failed(intent)
            raise

    def _finish(self, intent: Intent, attributes: Attributes, made: RemoteObject) -> Outcome:
        kind = KINDS[made.kind]
        echo = dict(kind.normal_form(made.attributes))
        filled = {
            key: echo.pop(key)
            for key in kind.service_filled
            if key in echo and key not in attributes
        }
        self.record.done(intent, made.id, filled)
        for key in kind.unreadable & attributes.keys() - echo.keys():
            echo[key] = attributes[key]
        found = differences(kind.keyed_form(attributes), kind.keyed_form(echo))
        return Outcome(made.id, (_kept_otherwise(intent.address, made.id, found),) if found else ())

    def _resolved(self, change: Change) -> Attributes:
        ids = {each: state.id for each, state in self._dependencies(change).items()}
        return KINDS[change.address.kind].normal_form(resolve(change.after or {}, ids))

    def _dependencies(self, change: Change) -> dict[Address, ResourceState]:
        recorded = self.record.resources
        return {each: recorded[each] for each in change.depends_on if each in recorded}

    def _record_as_is(self, change: Change) -> None:
        """Record what a store holds after it didn't take everything: that is no foreign edit."""
        state = self.record.resources.get(change.address)
        if state is None:
            return
        with contextlib.suppress(ProviderError):
            found = self.provider.read(change.address.kind, state.id)
            whole = self.provider.complete(found) if found else None
            if whole:
                form = KINDS[change.address.kind].normal_form(whole.attributes)
                self.record.record(replace(state, attributes=form))

    def _now(self, change: Change) -> ResourceState | None:
        return self.record.resources.get(change.address)

    def _tag(self, change: Change, attributes: Attributes, operation_id: str | None) -> Tag:
        owner = Owner(self.uid, self.environment, change.address, operation_id)
        ids = [str(each) for each in KINDS[change.address.kind].references(attributes)]
        files = {
            state.id: state.attributes.get("sha256", "")
            for state in self._dependencies(change).values()
        }
        return Tag(owner, files_digest(ids, files) if ids else None)


def _new_operation_id() -> str:
    return uuid.uuid4().hex[:16]


def _becomes(
    change: Change, attributes: Attributes, id_: str, now: ResourceState | None
) -> ResourceState:
    return ResourceState(
        change.address,
        id_,
        attributes,
        change.depends_on,
        change.labels,
        deposed=now.deposed if now else (),
        filled=now.filled if now else {},
        lifecycle=change.lifecycle,
    )


def verify_source(change: Change) -> None:
    """Refuse a file whose bytes are no longer those of the plan."""
    if not change.source:
        return
    try:
        found = Content.of(Path(change.source)).sha256
    except OSError as trouble:
        found = trouble.strerror or str(trouble)
    if found != (change.after or {}).get("sha256"):
        raise ProvisionerError(
            error(
                "P004",
                "File changed after the plan was made",
                f"{change.source} is not what was planned ({found}). Plan again.",
                change.origin,
                change.address,
            )
        )


def _kept_otherwise(address: Address, id_: str, found: tuple[Difference, ...]) -> Diagnostic:
    """Say where the service kept something else than it was sent.

    Whether an update replaces or merges metadata is documented nowhere; on either behaviour a pair
    that survives its removal must not go unnoticed.
    """
    paths = ", ".join(".".join(str(part) for part in each.path) for each in found)
    return error(
        "R003",
        "Service kept something else than it was sent",
        f"The answer for {id_} differs at {paths}. It is recorded as sent, and the next plan shows"
        " the difference; if it stays, change it in the portal.",
        address=address,
    )
