"""A plan as one HTML page for reviewers, which needs nothing but itself."""

from __future__ import annotations

from provisioner.plan import Plan
from provisioner.views.page.overview import page
from provisioner.views.page.template import filled


def render(plan: Plan) -> str:
    """Write the page; equal plans give equal pages."""
    return filled(page(plan))
