"""What differs between two declarations, in the words of the plan."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner import __version__
from provisioner.contrast import Contrast
from provisioner.impact import severity
from provisioner.plan import Action
from provisioner.views import escape, plan_json
from provisioner.views.change_text import contrasted
from provisioner.views.markdown import details
from provisioner.views.markdown_code import span
from provisioner.views.markdown_diff import edged
from provisioner.views.markdown_fit import LIMIT, Section, fit, length
from provisioner.views.style import painter

FORMAT_VERSION = "1.0"
_SAME = "No differences. Both say the same."


def text(contrast: Contrast, *, color: bool) -> str:
    """Show each resource that differs, and count them."""
    paint = painter(color)
    names = [escape.line(each) for each in (contrast.before, contrast.after)]
    head = f"What differs in {_place(contrast)} from {names[0]} to {names[1]}"
    blocks = [
        contrasted(each, severity(each), (contrast.before, contrast.after), paint)
        for each in contrast.changes
    ]
    last = _summary(contrast, names) if blocks else _SAME
    return "\n\n".join([paint("strong", head), *blocks, last]) + "\n"


def markdown(contrast: Contrast) -> str:
    """Write the same as a comment on a pull request, or as much of it as one may hold."""
    names = [span(each) for each in (contrast.before, contrast.after)]
    place = span(contrast.project)
    if contrast.environment is not None:
        place = f"{place}, environment {span(contrast.environment)},"
    begin = [f"### What differs in {place} from {names[0]} to {names[1]}"]
    begin.append(f"**{_summary(contrast, names)}**" if contrast.changes else _SAME)
    room = LIMIT - sum(length(each) for each in begin)
    return "\n\n".join([*begin, *fit(list(_sections(contrast)), room).texts]) + "\n"


def _sections(contrast: Contrast) -> Iterator[Section]:
    """Show each resource folded; what has no room is mentioned only."""
    words = {Action.CREATE: "only in the second", Action.DELETE: "only in the first"}
    names = contrast.before, contrast.after
    for each in contrast.changes:
        block = contrasted(each, severity(each), names, edged)
        what = "renamed" if each.only_address else words.get(each.action, "differs")
        yield details(each, what, block)


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
