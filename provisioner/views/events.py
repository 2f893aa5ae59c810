"""What happens during apply: a line for each event, and the sum of them all."""

from __future__ import annotations

from collections.abc import Iterable

from provisioner.events import (
    Continuing,
    Event,
    Failed,
    NotStarted,
    Operation,
    Progressed,
    Skipped,
    Started,
    Succeeded,
)
from provisioner.plan import Counts
from provisioner.views import diagnostics, escape
from provisioner.views.style import Paint, painter

_DOING = {
    Operation.CREATE: "Creating",
    Operation.UPDATE: "Modifying",
    Operation.MOVE: "Moving",
    Operation.IMPORT: "Importing",
    Operation.DELETE: "Destroying",
    Operation.FORGET: "Forgetting",
}
_NOUNS = {
    Operation.CREATE: "Creation",
    Operation.UPDATE: "Modifications",
    Operation.MOVE: "Move",
    Operation.IMPORT: "Import",
    Operation.DELETE: "Destruction",
    Operation.FORGET: "Forgetting",
}
_MINUTE = 60


def line(event: Event, *, color: bool) -> str:
    """Say what happened; a failure brings its diagnostics along, on further lines."""
    paint = painter(color)
    what = _what(event, paint)
    first = f"{paint('strong', f'{_name(event)}:')} {what}"
    if not isinstance(event, (Failed, Succeeded)) or not event.diagnostics:
        return first
    return f"{first}\n\n{diagnostics.text(event.diagnostics, color=color)}".rstrip("\n")


def summary(events: Iterable[Event], *, destroy: bool, again: str) -> str:
    """Count what was done, name what wasn't, and give the command that goes on."""
    seen = list(events)
    names = {title: _names(found) for title, found in _left(seen).items()}
    if not names:
        return headline(seen, destroy=destroy)
    way_on = "To go on, run:"
    width = max(map(len, ("Skipped", *names))) + 2
    lines = [
        headline(seen, destroy=destroy),
        "",
        *(f"  {f'{title}:':<{width}}{', '.join(each)}" for title, each in names.items()),
        "",
        way_on if names.keys() == {"Not started"} else f"Mend what is said above. {way_on}",
        "",
        f"  {escape.line(again)}",
    ]
    return "\n".join(lines)


def counts(happened: Iterable[Event]) -> Counts:
    """Count what was done."""
    succeeded = [event for event in happened if isinstance(event, Succeeded)]
    done = [event.operation for event in succeeded]
    return Counts(
        done.count(Operation.CREATE),
        done.count(Operation.UPDATE),
        done.count(Operation.DELETE),
        sum(event.imported for event in succeeded),
    )


def headline(events: Iterable[Event], *, destroy: bool) -> str:
    """Count what was done, and what wasn't, in one line."""
    seen = list(events)
    left = {title: len(_names(found)) for title, found in _left(seen).items()}
    verb, done = "Destroy" if destroy else "Apply", _done(seen, destroy=destroy)
    if not left:
        return f"{verb} complete! Resources: {done}."
    undone = f"{left.get('Failed', 0)} failed, {left.get('Skipped', 0)} skipped"
    later = f", {left['Not started']} not started" if "Not started" in left else ""
    return f"{verb} incomplete. Resources: {done}; {undone}{later}."


def _left(seen: Iterable[Event]) -> dict[str, list[Event]]:
    """Group what isn't done, or came out otherwise than it was sent."""
    left: dict[str, list[Event]] = {"Failed": [], "Skipped": [], "Not started": [], "Differs": []}
    for event in seen:
        if isinstance(event, Failed):
            left["Failed"].append(event)
        elif isinstance(event, Skipped):
            left["Skipped"].append(event)
        elif isinstance(event, NotStarted):
            left["Not started"].append(event)
        elif isinstance(event, Succeeded) and event.diagnostics:
            left["Differs"].append(event)
    return {title: found for title, found in left.items() if found}


def under_way(event: Started | Progressed) -> str:
    """Say of which resource what is under way."""
    if isinstance(event, Started):
        return f"{_name(event)}: {_DOING[event.operation]}..."
    return f"{_name(event)}: {_going_on(event).capitalize()}"


def duration(seconds: float) -> str:
    """Write a span of time as Terraform does: `0s`, `1m5s`."""
    minutes, rest = divmod(round(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    head = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{head}{rest}s"


def _what(event: Event, paint: Paint) -> str:
    """Say what happened, without the name."""
    if isinstance(event, (Skipped, NotStarted)):
        return _undone(event, paint)
    if isinstance(event, (Progressed, Continuing)):
        return f"Still {_going_on(event)} [{duration(event.seconds)} elapsed]"
    if isinstance(event, Failed):
        failed = paint("error", f"{_NOUNS[event.operation]} failed")
        return f"{failed} after {duration(event.seconds)}"
    identity = _identity(event)
    if isinstance(event, Started):
        return f"{_DOING[event.operation]}...{identity}"
    if event.operation is Operation.FORGET:
        return f"Forgotten{identity}"
    return f"{_NOUNS[event.operation]} complete after {duration(event.seconds)}{identity}"


def _undone(event: Skipped | NotStarted, paint: Paint) -> str:
    if isinstance(event, NotStarted):
        return "Not started"
    return f"{paint('warning', 'Skipped')}, because {event.because} failed"


def _going_on(event: Progressed | Continuing) -> str:
    if isinstance(event, Progressed):
        return f"indexing... {event.done} of {event.total} files"
    return f"{_DOING[event.operation].lower()}..."


def _identity(event: Started | Succeeded) -> str:
    """Name the object, where its name doesn't do so already."""
    gone = isinstance(event, Succeeded) and event.operation is Operation.DELETE
    return f" [id={escape.line(event.id)}]" if event.id and not event.deposed and not gone else ""


def _name(event: Event) -> str:
    """Name the resource; of a replaced predecessor the id too."""
    if not event.deposed:
        return str(event.address)
    return f"{event.address} (deposed object{f' {escape.line(event.id)}' if event.id else ''})"


def _names(events: Iterable[Event]) -> list[str]:
    """Name each resource once."""
    return list(dict.fromkeys(_name(event) for event in events))


def _done(events: Iterable[Event], *, destroy: bool) -> str:
    """Say how many were imported, added, changed and destroyed."""
    done = counts(events)
    if destroy and not done.added and not done.changed:
        return f"{done.destroyed} destroyed"
    imported = f"{done.imported} imported, " if done.imported else ""
    return f"{imported}{done.added} added, {done.changed} changed, {done.destroyed} destroyed"
