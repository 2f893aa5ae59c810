"""Leftovers of broken uploads for people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone

from provisioner.candidates import Candidate
from provisioner.events import Event
from provisioner.plan import Plan
from provisioner.views import escape, plan_text
from provisioner.views.events import counts
from provisioner.views.style import painter


def render(
    plan: Plan,
    candidates: Sequence[Candidate],
    unread: Sequence[str] = (),
    *,
    color: bool,
) -> str:
    """Show what is going to be deleted, and what may be when it is named."""
    sections = []
    if plan.has_changes:
        sections.append(plan_text.render(plan, color=color).rstrip("\n"))
    else:
        sections.append(plan_text.head(plan, "Leftovers", painter(color)))
    if candidates:
        sections.append("\n".join([*_candidates(candidates), *_unread(unread)]))
    if not plan.has_changes:
        sections.append("Nothing is left over that is known to be ours.")
    return "\n\n".join(sections) + "\n"


def _candidates(candidates: Iterable[Candidate]) -> Iterator[str]:
    yield "These files may be left over from lost uploads, or be somebody else's. Nothing uses"
    yield "them. They stay unless they are named, as in `provisioner gc FILE_ID`:"
    for each in candidates:
        made = datetime.fromtimestamp(each.live.created_at, timezone.utc)
        bytes_ = "same bytes" if each.has_same_bytes else "name and size"
        yield (
            f"  {escape.line(each.live.id)}  {escape.line(str(each.live.attributes['filename']))},"
            f" made {made:%Y-%m-%dT%H:%M:%SZ}, like {each.address} ({bytes_})"
        )


def _unread(environments: Sequence[str]) -> Iterator[str]:
    if environments:
        names = ", ".join(map(escape.line, environments))
        yield f"The state of {names} can't be read from here, and may have recorded them."


def collected(happened: Iterable[Event]) -> str:
    """Count what was deleted."""
    return f"Collected. Objects: {counts(happened).destroyed} deleted."
