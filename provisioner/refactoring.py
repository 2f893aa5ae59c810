"""Refactoring: what the Project says about addresses that are renamed, forgotten or taken over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from provisioner.address import Address
from provisioner.diagnostics import Position
from provisioner.resource import ResourceState


@dataclass(frozen=True, slots=True)
class Moved:
    """What was declared at one address is declared at another now: the same object."""

    origin: Address
    target: Address
    position: Position


@dataclass(frozen=True, slots=True)
class Removed:
    """What is no longer declared is forgotten, or else destroyed although it was protected."""

    address: Address
    destroy: bool
    position: Position


@dataclass(frozen=True, slots=True)
class Import:
    """A live object is taken over at an address."""

    address: Address
    id: str
    environment: str | None = None
    """None: every environment."""
    position: Position | None = None
    """None: a command asks for it, not the Project."""


@dataclass(frozen=True)
class Refactoring:
    """The blocks of one Project."""

    moved: tuple[Moved, ...] = ()
    removed: tuple[Removed, ...] = ()
    imports: tuple[Import, ...] = ()

    @cached_property
    def destinations(self) -> Mapping[Address, Address]:
        """Where each renamed address ends: a move may lead on to another one."""
        steps = {each.origin: each.target for each in self.moved}
        return {origin: self._end(origin, steps) for origin in steps}

    @staticmethod
    def _end(origin: Address, steps: Mapping[Address, Address]) -> Address:
        reached = steps[origin]
        # A loop is reported where the blocks are read; here it must only come to an end.
        for _ in steps:
            reached = steps.get(reached, reached)
        return reached

    @cached_property
    def forgotten(self) -> frozenset[Address]:
        """The addresses whose objects are to stay when their records go."""
        return frozenset(each.address for each in self.removed if not each.destroy)

    @cached_property
    def released(self) -> frozenset[Address]:
        """The addresses whose objects may be destroyed whatever protected them."""
        return frozenset(each.address for each in self.removed if each.destroy)

    def imports_for(self, environment: str) -> Iterator[Import]:
        """Go through the imports that hold for an environment."""
        return (each for each in self.imports if each.environment in (None, environment))


UNCHANGED = Refactoring()


def move(resources: dict[Address, ResourceState], origin: Address, target: Address) -> None:
    """Let what is recorded at one address stand at another, in place.

    What depends on it depends on the new address then. Nothing happens where nothing is recorded.
    """
    if origin in resources:
        resources[target] = replace(resources.pop(origin), address=target)
    for address, state in resources.items():
        if origin in state.depends_on:
            renamed = {target if each == origin else each for each in state.depends_on}
            resources[address] = replace(state, depends_on=tuple(sorted(renamed)))
