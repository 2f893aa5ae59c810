"""What differs between two declarations, in the words of the plan."""

from __future__ import annotations

from provisioner import __version__
from provisioner.contrast import Contrast
from provisioner.impact import severity
from provisioner.plan import Action
from provisioner.views import escape, plan_json
from provisioner.views.change_text import contrasted
from provisioner.views.style import painter

FORMAT_VERSION = "1.0"


def text(contrast: Contrast, *, color: bool) -> str:
    """Show each resource that differs, and count them."""
    paint = painter(color)
    names = [escape.line(each) for each in (contrast.before, contrast.after)]
    head = f"What differs in {_place(contrast)} from {names[0]} to {names[1]}"
    blocks = [
        contrasted(each, severity(each), (names[0], names[1]), paint) for each in contrast.changes
    ]
    none = f"{paint('good', 'No differences.')} Both say the same."
    last = _summary(contrast, names) if blocks else none
    return "\n\n".join([paint("strong", head), *blocks, last]) + "\n"


def as_json(contrast: Contrast) -> str:
    """Write the same for programs; each resource has the shape that it has in a plan."""
    changes = [plan_json.resource_change(each, severity(each)) for each in contrast.changes]
    return escape.document(
        {
            "format_version": FORMAT_VERSION,
            "provisioner_version": __version__,
            "project": contrast.project,
            "environment": contrast.environment,
            "before": contrast.before,
            "after": contrast.after,
            "resource_changes": changes,
        }
    )


def _place(contrast: Contrast) -> str:
    place = contrast.project
    if contrast.environment is not None:
        place = f"{place}, environment {contrast.environment},"
    return escape.line(place)


def _summary(contrast: Contrast, names: list[str]) -> str:
    done = [each.action for each in contrast.changes]
    gone, new = done.count(Action.DELETE), done.count(Action.CREATE)
    moved = done.count(Action.NO_OP)
    renamed = f", {moved} renamed" if moved else ""
    return (
        f"Differences: {done.count(Action.UPDATE)} changed{renamed}, {new} only in {names[1]},"
        f" {gone} only in {names[0]}."
    )
