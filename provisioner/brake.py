"""The delete brake: a plan that deletes much is more often a mistake than meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, error, warning
from provisioner.plan import Action, Plan

MOST_PERCENT, FEWEST_RECORDED = 30, 10
"""More than this share of so many recorded resources is taken for a mistake."""
ALL = 100
"""Percent."""
NAMED = 5
"""So many of the addresses are named."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many deletes are accepted, in the place of the brake's own measure."""

    most: int
    percent: bool = False
    """`most` is a share of what is recorded."""

    @classmethod
    def parse(cls, text: str) -> Allowance:
        """Read `N` or `P%`; raises ValueError for anything else."""
        digits, percent = text.removesuffix("%"), text.endswith("%")
        if not (digits.isascii() and digits.isdigit()) or (percent and int(digits) > ALL):
            raise ValueError(f"{text!r} is neither a number nor a share like 40%.")
        return cls(int(digits), percent)


def brake(plan: Plan, allowance: Allowance | None = None) -> Diagnostic | None:
    """Refuse a plan that deletes too much; None where there is nothing against it.

    Without an allowance that is over 30 % where 10 or more resources are recorded, or all of two or
    more; a plan that was asked to destroy is meant so then.
    """
    deleted = deletes(plan)
    if not _is_too_much(plan, deleted, allowance):
        return None
    return error(
        "P060",
        "Plan deletes too much",
        f"{_found(plan, deleted)} Nothing was done. Look whether manifests are missing, misplaced"
        f" or badly indented; if all this is meant, add --max-delete {len(deleted)}.",
    )


def forewarned(plan: Plan) -> Plan:
    """Let a plan warn of the deletes at which apply would stop."""
    deleted = deletes(plan)
    if not _is_too_much(plan, deleted, None):
        return plan
    said = warning(
        "P112",
        "Apply would stop at the deletes",
        f"{_found(plan, deleted)} Look whether manifests are missing, misplaced or badly indented;"
        f" if all this is meant, apply with --max-delete {len(deleted)}.",
    )
    return replace(plan, warnings=(*plan.warnings, said))


def deletes(plan: Plan) -> list[Address]:
    """List the addresses at which a plan leaves nothing of what is there.

    A replacement is no delete: the new object is in place before the old one goes. Neither are
    its leftovers, nor what is only forgotten.
    """
    found = (each for each in plan.changes if each.action is Action.DELETE)
    return [each.address for each in found if not each.deposed]


def _is_too_much(plan: Plan, deleted: Sequence[Address], allowance: Allowance | None) -> bool:
    if allowance:
        accepted = allowance.most * _base(plan, deleted) if allowance.percent else allowance.most
        return len(deleted) * (ALL if allowance.percent else 1) > accepted
    if plan.destroy:
        return False
    much = len(deleted) * ALL > MOST_PERCENT * plan.recorded
    return (much and plan.recorded >= FEWEST_RECORDED) or (
        len(deleted) > 1 and _leaves_nothing(plan, deleted)
    )


def _leaves_nothing(plan: Plan, deleted: Sequence[Address]) -> bool:
    """Say whether nothing recorded is left; what others still use, or was gone, is not left."""
    left = any(
        each.action in (Action.UPDATE, Action.REPLACE, Action.NO_OP) for each in plan.changes
    )
    return len(deleted) >= plan.recorded or not (left or plan.selection)


def _base(plan: Plan, deleted: Sequence[Address]) -> int:
    """Give the number of which 100 % is everything: orphans come on top of what is recorded."""
    return max(plan.recorded, len(deleted))


def _found(plan: Plan, deleted: Sequence[Address]) -> str:
    share = ALL * len(deleted) // _base(plan, deleted)
    names = ", ".join(map(str, deleted[:NAMED]))
    more = f" and {len(deleted) - NAMED} more" if len(deleted) > NAMED else ""
    return (
        f"This plan deletes {len(deleted)} objects, where {plan.recorded} resources are recorded"
        f" ({share} %): {names}{more}."
    )
