"""Coverage: which checks look after the assistants that a plan makes or changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.address import Address
from provisioner.impact import impact
from provisioner.plan import Action, Plan


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who is looked after, of the assistants that are created or answer otherwise."""

    covered: Mapping[Address, tuple[str, ...]]
    """By assistant, the names of the checks that talk to it."""
    uncovered: tuple[Address, ...]
    """The assistants that no check talks to."""


def coverage(plan: Plan) -> Coverage:
    """Tell which checks cover what a plan does, in the order of their names."""
    created = (
        each.address
        for each in plan.changes
        if each.action is Action.CREATE and each.address.kind == "assistant"
    )
    checks = {
        address: tuple(sorted(each.name for each in plan.checks if each.assistant == address))
        for address in sorted((*created, *impact(plan).behaviour))
    }
    return Coverage(
        {address: names for address, names in checks.items() if names},
        tuple(address for address, names in checks.items() if not names),
    )
