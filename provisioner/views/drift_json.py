"""Drift for programs, in the words of the plan."""

from __future__ import annotations

from provisioner import __version__
from provisioner.plan import Plan
from provisioner.views import escape, plan_json

FORMAT_VERSION = "1.0"


def render(plan: Plan) -> str:
    """Write the drift alone."""
    return escape.document(
        {
            "format_version": FORMAT_VERSION,
            "provisioner_version": __version__,
            "project": plan.project,
            "environment": plan.environment,
            "resource_drift": plan_json.drift(plan),
        }
    )
