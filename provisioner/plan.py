"""Plans: what apply would do, as values.

What apply does is wholly described by `Plan.changes`; a reason is for display only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, Position
from provisioner.resource import UNPROTECTED, Attributes, Lifecycle


class Action(Enum):
    """What a change does to its object; the value is the symbol that people read."""

    CREATE = "+"
    UPDATE = "~"
    REPLACE = "+/-"
    DELETE = "-"
    FORGET = "."
    NO_OP = " "


class Cause(Enum):
    """Who made a difference, by what was last applied."""

    YOU = "you"
    """The manifest has changed since."""
    LIVE = "live"
    """The live object was changed since, behind our back."""
    BOTH = "both"


class ChangeSeverity(Enum):
    """What a change means to those who talk to an assistant, the least first."""

    COSMETIC = "cosmetic"
    """Nothing that a model sees: shown names, metadata, whitespace."""
    BEHAVIOURAL = "behavioural"
    """The same assistant answers differently: instructions, model, a file's bytes."""
    CAPABILITY = "capability"
    """It can do more or less than before: a tool, a file, the assistant itself."""

    @property
    def rank(self) -> int:
        """Order them."""
        return list(ChangeSeverity).index(self)


@dataclass(frozen=True, slots=True)
class Difference:
    """One attribute that differs.

    A value that is an Address is the id of that resource, known only after apply. None stands for
    an attribute that one side doesn't have: absent and null are one.
    """

    path: tuple[str | int, ...]
    before: Any
    after: Any
    cause: Cause | None = None
    """None where nothing was applied before that could tell."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to happen at one address.

    CREATE has no `before`, DELETE and FORGET no `after`. REPLACE makes the new object first, then
    everything that refers to it is updated, then the old object (`id`) is deleted.
    """

    address: Address
    action: Action
    id: str | None
    before: Attributes | None
    after: Attributes | None
    differences: tuple[Difference, ...] = ()
    reason: str | None = None
    """For display only, as an end of the sentence "… will be created"."""
    depends_on: tuple[Address, ...] = ()
    """What must be in place before this change."""
    released_by: tuple[Address, ...] = ()
    """Whose changes must be done before the object `id` may be deleted."""
    deposed: bool = False
    """The object is a replaced predecessor, not what stands at the address."""
    requested: bool = False
    """REPLACE only: nothing but a request forces it."""
    keep_old: bool = False
    """REPLACE only: leave the old object deposed, something outside this plan still refers to it.
    """
    record: bool = False
    """NO_OP only: nothing is sent, but the state has to be brought up to date."""
    unrecorded: bool = False
    """DELETE only: the object is known by its tag alone, nothing is recorded at the address."""
    labels: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    """For a file: the absolute path of its bytes."""
    origin: Position | None = None
    lifecycle: Lifecycle = UNPROTECTED
    previous_address: Address | None = None
    """Where the object stood until now: `moved` has renamed its address."""
    importing: bool = False
    """The live object `id`, which this environment didn't make, is taken over."""

    @property
    def is_idle(self) -> bool:
        """Say whether the object stays as it is, where it is."""
        return self.action is Action.NO_OP and not self.previous_address and not self.importing

    @property
    def only_address(self) -> bool:
        """Say whether the object only comes to stand at this address, and stays as it is."""
        stays = self.action in (Action.NO_OP, Action.UPDATE) and not self.differences
        return stays and (self.previous_address is not None or self.importing)


@dataclass(frozen=True, slots=True)
class PlannedCheck:
    """A check of the environment that is planned for, and the assistant that it talks to."""

    name: str
    assistant: Address


@dataclass(frozen=True, slots=True)
class Plan:
    """Every change, in the order of their addresses, and what was found on the way."""

    changes: tuple[Change, ...]
    drift: tuple[Change, ...]
    """Live objects that are no longer as last applied: `before` is recorded, `after` is live."""
    warnings: tuple[Diagnostic, ...]
    project: str
    environment: str
    endpoint: str
    lineage: str
    serial: int
    created: datetime
    recorded: int = 0
    """How many resources were recorded when it was made."""
    destroy: bool = False
    """It was asked to delete what is managed."""
    selection: tuple[str, ...] = ()
    """The options that choose a part of the project, as they are typed; none: it is for all."""
    checks: tuple[PlannedCheck, ...] = ()
    rollback: int | None = None
    """The serial of the revision that it goes back to."""

    @property
    def title(self) -> str:
        """Say what kind of plan it is, as the beginning of a head."""
        if self.rollback is not None:
            return f"Plan to roll back to revision {self.rollback}"
        return "Plan to destroy" if self.destroy else "Plan"

    @property
    def has_changes(self) -> bool:
        """Say whether apply would change anything but the state's own bookkeeping."""
        return any(not change.is_idle for change in self.changes)

    @property
    def has_records(self) -> bool:
        """Say whether apply would bring the state's own bookkeeping up to date."""
        return any(change.record for change in self.changes)

    def count(self, *actions: Action) -> int:
        """Count the changes with one of these actions."""
        return sum(change.action in actions for change in self.changes)


def touched(changes: Iterable[Change]) -> frozenset[Address]:
    """List the addresses at which anything is sent or recorded."""
    return frozenset(each.address for each in changes if not each.is_idle or each.record)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many objects a plan or an apply adds, changes, destroys and imports.

    A replacement is one added and one destroyed. What only comes to stand at another address
    counts as none of these; what is imported and changed counts as both.
    """

    added: int = 0
    changed: int = 0
    destroyed: int = 0
    imported: int = 0

    @classmethod
    def of(cls, plan: Plan) -> Counts:
        """Count what the plan means to do."""
        return cls(
            plan.count(Action.CREATE, Action.REPLACE),
            sum(each.action is Action.UPDATE and not each.only_address for each in plan.changes),
            plan.count(Action.DELETE)
            + sum(each.action is Action.REPLACE and not each.keep_old for each in plan.changes),
            sum(each.importing for each in plan.changes),
        )
