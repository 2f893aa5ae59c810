"""What happens during apply: a line for each event, and the sum of them all."""

from __future__ import annotations

from collections.abc import Iterable

from provisioner.events import Event, Failed, Operation, Progressed, Skipped, Started, Succeeded
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


def summary(events: Iterable[Event], *, destroy: bool) -> str:
    """Count what was done, and name what wasn't."""
    seen = list(events)
    failed = _names(event for event in seen if isinstance(event, Failed))
    skipped = _names(event for event in seen if isinstance(event, Skipped))
    differing = _names(
        event for event in seen if isinstance(event, Succeeded) and event.diagnostics
    )
    verb = "Destroy" if destroy else "Apply"
    done = _done(seen, destroy=destroy)
    if not failed and not skipped and not differing:
        return f"{verb} complete! Resources: {done}."
    lines = [
        f"{verb} incomplete. Resources: {done}; {len(failed)} failed, {len(skipped)} skipped.",
        "",
        *([f"  Failed:  {', '.join(failed)}"] if failed else []),
        *([f"  Skipped: {', '.join(skipped)}"] if skipped else []),
        *([f"  Differs: {', '.join(differing)}"] if differing else []),
        "",
        "Mend what is said above and run the same command again to finish.",
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


def duration(seconds: float) -> str:
    """Write a span of time as Terraform does: `0s`, `1m5s`."""
    minutes, rest = divmod(round(seconds), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    head = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{head}{rest}s"


def _what(event: Event, paint: Paint) -> str:
    """Say what happened, without the name."""
    if isinstance(event, Skipped):
        return f"{paint('warning', 'Skipped')}, because {event.because} failed"
    if isinstance(event, Failed):
        failed = paint("error", f"{_NOUNS[event.operation]} failed")
        return f"{failed} after {duration(event.seconds)}"
    if isinstance(event, Progressed):
        files = f"{event.done} of {event.total} files"
        return f"Still indexing... {files} [{duration(event.seconds)} elapsed]"
    identity = _identity(event)
    if isinstance(event, Started):
        return f"{_DOING[event.operation]}...{identity}"
    if event.operation is Operation.FORGET:
        return f"Forgotten{identity}"
    return f"{_NOUNS[event.operation]} complete after {duration(event.seconds)}{identity}"


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
