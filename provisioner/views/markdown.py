"""A plan as a comment on a pull request: Markdown as GitHub reads it.

The only text outside of code is ours. It holds no tags but `details`, `summary` and `code`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from provisioner.impact import replaced, severity
from provisioner.plan import Action, Change, ChangeSeverity, Plan
from provisioner.views import diagnostics, impact, plan_text
from provisioner.views.change_text import drifted, planned
from provisioner.views.markdown_code import fence, span
from provisioner.views.markdown_diff import diff, edged
from provisioner.views.markdown_fit import LIMIT, Section, first, fit, length
from provisioner.views.style import painter

_TABLE_ROOM = 30_000
_NOTE_ROOM = 1_000
"""Kept free for what is said when something is left out."""
_TABLE_HEAD = "| Action | Address | Severity | Whose |\n|---|---|---|---|"
_NOTHING = "-"
_WORDS = {
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.REPLACE: "replace",
    Action.DELETE: "destroy",
    Action.FORGET: "forget",
}


def render(plan: Plan) -> str:
    """Write the whole plan, or as much of it as a comment may hold; the same for equal plans."""
    changes = [change for change in plan.changes if not change.is_idle]
    renewed = replaced(plan)
    rows = [_row(change, severity(change, renewed)) for change in changes]
    shown = first(rows, _TABLE_ROOM)
    begin = [
        _head(plan),
        f"**{plan_text.summary(plan, painter(color=False))}**",
        *_part(plan),
        *impact.sentences(plan, span),
    ]
    begin += ["\n".join([_TABLE_HEAD, *shown])] if rows else []
    room = LIMIT - _NOTE_ROOM - sum(length(each) for each in begin)
    fitted = fit(list(_sections(plan, changes, renewed)), room)
    note = _left_out(plan, len(rows) - len(shown), fitted.cut)
    return "\n\n".join([*begin, *note, *fitted.texts]) + "\n"


def _head(plan: Plan) -> str:
    """Say what this is about."""
    where = f"{span(plan.project)}, environment {span(plan.environment)}"
    return f"### {plan.title} for {where} ({span(plan.endpoint)})"


def _part(plan: Plan) -> list[str]:
    """Say that there may be more to do than what is shown."""
    chosen = " ".join(plan.selection)
    return [f"This plan is for a part of the project only: {span(chosen)}"] if chosen else []


def _row(change: Change, rated: ChangeSeverity | None) -> str:
    """Write a row of the table; nothing in it is anybody's text."""
    meaning = rated.value if rated else _NOTHING
    return f"| {_action(change)} | `{change.address}` | {meaning} | {_whose(change)} |"


def _action(change: Change) -> str:
    """Name the action, its symbol first."""
    if change.only_address:
        return "import" if change.importing else f"move from `{change.previous_address}`"
    deposed = " (deposed object)" if change.deposed else ""
    return f"`{change.action.value}` {_WORDS[change.action]}{deposed}"


def _whose(change: Change) -> str:
    """Tell who made the differences, as far as that is known."""
    causes = {each.cause.value for each in change.differences if each.cause}
    return "both" if len(causes) > 1 else next(iter(causes), _NOTHING)


def _sections(
    plan: Plan, changes: Sequence[Change], renewed: frozenset[object]
) -> Iterator[Section]:
    """Show every change and all drift, folded, and the warnings."""
    for change in changes:
        yield details(change, _action(change), planned(change, severity(change, renewed), edged))
    for change in plan.drift:
        gone = change.action is Action.DELETE
        said = f"has {'been deleted' if gone else 'changed'} outside of provisioner"
        yield details(change, said, drifted(change, edged))
    if plan.warnings:
        said = diagnostics.text(plan.warnings, color=False).removesuffix("\n")
        yield Section(f"**Warnings**\n\n{fence([said], 'text')}", "- Warnings: left out")


def details(change: Change, what: str, block: str) -> Section:
    """Fold a change in; a browser shows only its first line until somebody unfolds it."""
    body = fence(diff(block), "diff")
    name = f"<code>{change.address}</code>: {_as_html(what)}"
    text = f"<details><summary>{name}</summary>\n\n{body}\n\n</details>"
    return Section(text, f"- `{change.address}`: {what}, {len(block):,} characters left out")


def _as_html(what: str) -> str:
    """Write our own code spans as tags: inside of tags Markdown isn't read."""
    parts = what.split("`")
    return "".join(f"<code>{part}</code>" if at % 2 else part for at, part in enumerate(parts))


def _left_out(plan: Plan, rows: int, sections: int) -> list[str]:
    """Say what had no room, and how to see it."""
    if not rows and not sections:
        return []
    whats = [f"{rows:,} rows of the table"] if rows else []
    whats += [f"{sections:,} sections below it"] if sections else []
    command = span(f"provisioner plan -e {shlex.quote(plan.environment)}")
    what = f"_Too long for a comment. Left out: {' and '.join(whats)}."
    return [f"{what} To see everything, run {command} with the same options._"]
