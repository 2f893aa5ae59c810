"""Drift for people."""

from __future__ import annotations

from provisioner.plan import Action, Plan
from provisioner.views.change_text import drifted
from provisioner.views.plan_text import head
from provisioner.views.style import painter


def render(plan: Plan, *, color: bool) -> str:
    """Show how live objects differ from what was last applied, and nothing else."""
    paint = painter(color)
    blocks = [drifted(change, paint) for change in plan.drift]
    deleted = sum(change.action is Action.DELETE for change in plan.drift)
    last = f"{paint('strong', 'Drift:')} {len(blocks) - deleted} changed, {deleted} deleted."
    none = f"{paint('good', 'No drift.')} Live objects are as last applied."
    return "\n\n".join([head(plan, "Drift", paint), *blocks, last if blocks else none]) + "\n"
