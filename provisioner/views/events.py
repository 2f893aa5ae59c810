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
    verb = "Destroy" if destroy else "Apply"
    done = _done(seen, destroy=destroy)
    left: dict[str, list[Event]] = {
        "Failed": [each for each in seen if isinstance(each, Failed)],
        "Skipped": [each for each in seen if isinstance(each, Skipped)],
        "Not started": [each for each in seen if isinstance(each, NotStarted)],
        "Differs": [each for each in seen if isinstance(each, Succeeded) and each.diagnostics],
    }
    names = {title: _names(found) for title, found in left.items() if found}
    if not names:
        return f"{verb} complete! Resources: {done}."
    counted = [f"{len(names.get(title, ()))} {title.lower()}" for title in ("Failed", "Skipped")]
    if "Not started" in names:
        counted.append(f"{len(names['Not started'])} not started")
    width = max(map(len, ("Skipped", *names))) + 2
    lines = [
        f"{verb} incomplete. Resources: {done}; {', '.join(counted)}.",
        "",
        *(f"  {f'{title}:':<{width}}{', '.join(each)}" for title, each in names.items()),
        "",
        "To go on, run:"
        if names.keys() <= {"Not started"}
        else "Mend what is said above. To go on, run:",
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
