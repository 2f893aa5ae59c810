"""Events: what happens while a plan is applied, in the order in which it happens."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic


class Operation(Enum):
    """One step of an apply. A replacement is a create and, later, a delete.

    MOVE and IMPORT change nothing but an object's tag; where there is none, they only record.
    """

    CREATE = "create"
    UPDATE = "update"
    MOVE = "move"
    IMPORT = "import"
    DELETE = "delete"
    FORGET = "forget"


@dataclass(frozen=True, slots=True)
class Started:
    """The call is about to be made."""

    address: Address
    operation: Operation
    id: str | None
    deposed: bool = False


@dataclass(frozen=True, slots=True)
class Progressed:
    """The service has taken the call, and works on; nothing else waits for this news."""

    address: Address
    operation: Operation
    id: str | None
    seconds: float
    """Since the call began."""
    done: int
    """Files of a vector store that are indexed."""
    total: int
    deposed: bool = False


@dataclass(frozen=True, slots=True)
class Continuing:
    """The call is still under way, and nothing else is known of it."""

    address: Address
    operation: Operation
    id: str | None
    seconds: float
    """Since the call began."""
    deposed: bool = False


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The call is done and recorded."""

    address: Address
    operation: Operation
    id: str | None
    seconds: float
    deposed: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()
    """What is wrong although the call was carried out."""
    imported: bool = False
    """The object was taken over by it."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The call failed; what doesn't depend on it goes on."""

    address: Address
    operation: Operation
    id: str | None
    seconds: float
    diagnostics: tuple[Diagnostic, ...]
    deposed: bool = False


@dataclass(frozen=True, slots=True)
class Skipped:
    """The call was not made, because something that it depends on failed."""

    address: Address
    operation: Operation
    id: str | None
    because: Address
    deposed: bool = False


@dataclass(frozen=True, slots=True)
class NotStarted:
    """The call was not made, because the run ended before its turn came."""

    address: Address
    operation: Operation
    id: str | None
    deposed: bool = False


Event: TypeAlias = Started | Progressed | Continuing | Succeeded | Failed | Skipped | NotStarted
