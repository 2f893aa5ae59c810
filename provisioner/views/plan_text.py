"""A plan for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provisioner.impact import replaced, severity
from provisioner.plan import Action, Cause, Change, Counts, Plan
from provisioner.views import escape, impact
from provisioner.views.change_text import drifted, planned
from provisioner.views.style import Paint, painter

_LEGEND = {
    Action.CREATE: "  + create",
    Action.UPDATE: "  ~ update in-place",
    Action.REPLACE: "+/- create replacement and then destroy",
    Action.DELETE: "  - destroy",
    Action.FORGET: "  . forget",
}
_CAUSES = {
    Cause.YOU: "you: the manifest was changed since the last apply",
    Cause.LIVE: "live: the object was changed outside of provisioner",
    Cause.BOTH: "both: both were, to different values",
}
_ROLLED_BACK = "you: the revision differs from what was last applied"
_DRIFT = "Note: objects have changed outside of provisioner since the last apply"


def render(plan: Plan, *, color: bool) -> str:
    """Show what apply would do, and before that what changed behind its back."""
    paint = painter(color)
    changes = [change for change in plan.changes if not change.is_idle]
    sections = [head(plan, plan.title, paint), *drift(plan.drift, paint)]
    if changes:
        sections += [*_legend(plan, changes, paint), *_blocks(plan, changes, paint)]
    sections += [*_part(plan), *impact.sentences(plan), summary(plan, paint)]
    return "\n\n".join(sections) + "\n"


def _blocks(plan: Plan, changes: Iterable[Change], paint: Paint) -> Iterator[str]:
    """Show what happens to each object."""
    renewed = replaced(plan)
    return (planned(each, severity(each, renewed), paint) for each in changes)


def head(plan: Plan, what: str, paint: Paint) -> str:
    """Say what this is about: project, environment and endpoint."""
    names = f"{what} for {escape.line(plan.project)}, environment {escape.line(plan.environment)}"
    return f"{paint('strong', names)} ({escape.line(plan.endpoint)})"


def drift(changes: tuple[Change, ...], paint: Paint) -> list[str]:
    """Show the live objects that are no longer as last applied."""
    note = [paint("strong", _DRIFT)] if changes else []
    return [*note, *(drifted(change, paint) for change in changes)]


def _legend(plan: Plan, changes: list[Change], paint: Paint) -> list[str]:
    """Explain the symbols and words that follow, if there are any."""
    used = {change.action for change in changes if not change.only_address}
    lines = [
        text.replace(action.value, paint(action.value, action.value), 1)
        for action, text in _LEGEND.items()
        if action in used
    ]
    head = "Actions are shown with the following symbols:"
    return ["\n".join([head, *lines, *_words(plan, changes)])] if lines else []


def _words(plan: Plan, changes: list[Change]) -> list[str]:
    """Explain who is said to have made a difference."""
    causes = _CAUSES if plan.rollback is None else {**_CAUSES, Cause.YOU: _ROLLED_BACK}
    used = {each.cause for change in changes for each in change.differences}
    return [f"  # {text}" for cause, text in causes.items() if cause in used]


def _part(plan: Plan) -> list[str]:
    """Say that there may be more to do than what is shown."""
    if not plan.selection:
        return []
    chosen = escape.line(" ".join(plan.selection))
    return [f"Note: this plan is for a part of the project only: {chosen}"]


def summary(plan: Plan, paint: Paint) -> str:
    """Count what would happen."""
    if not plan.has_changes:
        return f"{paint('good', 'No changes.')} There is nothing to do."
    counts = Counts.of(plan)
    imported = f"{counts.imported} to import, " if counts.imported else ""
    return (
        f"{paint('strong', 'Plan:')} {imported}{counts.added} to add, {counts.changed} to change, "
        f"{counts.destroyed} to destroy."
    )
