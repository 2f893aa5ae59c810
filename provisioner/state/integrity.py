"""Integrity: what must hold in every state, whoever wrote it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from provisioner.address import Address
from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.resource import ResourceState
from provisioner.state.model import State


def contradictions(state: State) -> list[str]:
    """Say what can't be true: an id that is recorded twice, or a dependency on nothing."""
    found = ["its serial is negative"] if state.serial < 0 else []
    return [*found, *_shared_ids(state.resources), *_lost_dependencies(state.resources)]


def _shared_ids(resources: Mapping[Address, ResourceState]) -> Iterator[str]:
    holders: dict[str, Address] = {}
    for address, each in resources.items():
        for id_ in (each.id, *each.deposed):
            if not id_:
                yield f"{address} has no id"
            elif id_ in holders:
                yield f"{id_} is recorded as {holders[id_]} and as {address}"
            holders[id_] = address


def _lost_dependencies(resources: Mapping[Address, ResourceState]) -> Iterator[str]:
    for address, each in resources.items():
        for wanted in each.depends_on:
            if wanted not in resources:
                yield f"{address} depends on {wanted}, which is not recorded"


def without_lost_dependencies(
    resources: Mapping[Address, ResourceState],
) -> dict[Address, ResourceState]:
    """Let nothing depend on what was forgotten."""
    return {
        address: each
        if all(wanted in resources for wanted in each.depends_on)
        else replace(each, depends_on=tuple(it for it in each.depends_on if it in resources))
        for address, each in resources.items()
    }


def refuse_contradictions(state: State, path: str, cure: Callable[[], str]) -> None:
    """Raise StateError, with every contradiction at once, where a state has any."""
    if found := contradictions(state):
        raise StateError(
            error("S012", "State contradicts itself", f"{path}: {'; '.join(found)}. {cure()}")
        )
