"""Coverage: which checks look after the assistants that a plan makes or changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from provisioner.address import Address
from provisioner.impact import impact
from provisioner.plan import Plan


@dataclass(frozen=True, slots=True)
class Coverage:
    """Who is looked after, of the assistants that are created or answer otherwise."""

    covered: Mapping[Address, tuple[str, ...]]
    """By assistant, the names of the checks that talk to it."""
    uncovered: tuple[Address, ...]
    """The assistants that no check talks to."""


def coverage(plan: Plan) -> Coverage:
    """Tell which checks cover what a plan does, in the order of their names."""
    found = impact(plan)
    checks: dict[Address, list[str]] = defaultdict(list)
    for each in sorted(plan.checks, key=lambda each: each.name):
        checks[each.assistant].append(each.name)
    concerned = sorted((*found.made, *found.behaviour))
    return Coverage(
        {each: tuple(checks[each]) for each in concerned if each in checks},
        tuple(each for each in concerned if each not in checks),
    )
