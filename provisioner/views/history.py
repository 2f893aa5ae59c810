"""The revisions of an environment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timezone
from typing import Any

from provisioner import __version__
from provisioner.history.revision import Listed, Revision
from provisioner.views import escape
from provisioner.views.style import Paint, painter

FORMAT_VERSION = "1.0"


def text(project: str, environment: str, lines: Sequence[Listed], *, color: bool) -> str:
    """Show each revision, in the order given."""
    paint = painter(color)
    names = f"{escape.line(project)}, environment {escape.line(environment)}"
    head = paint("strong", f"History of {names}")
    none = "There are no revisions yet: each apply that ends well makes one."
    blocks = [_block(each, paint) for each in lines]
    return "\n\n".join([head, *(blocks or [none])]) + "\n"


def as_json(project: str, environment: str, lines: Sequence[Listed]) -> str:
    """Write the revisions for programs."""
    return escape.document(
        {
            "format_version": FORMAT_VERSION,
            "provisioner_version": __version__,
            "project": project,
            "environment": environment,
            "revisions": [_value(each) for each in lines],
        }
    )


def _block(line: Listed, paint: Paint) -> str:
    revision = line.revision
    counts = revision.counts
    imported = f"{counts.imported} imported, " if counts.imported else ""
    done = (
        f"{imported}{counts.added} added, {counts.changed} changed, {counts.destroyed} destroyed;"
        f" {revision.resources} in all"
    )
    first = f"{_time(revision)}  {_operation(revision)}: {done}"
    lines = [f"{paint('strong', f'revision {revision.serial}')}  {first}", f"  by {_by(revision)}"]
    if revision.commit:
        dirty = ", with changes that are not in it" if revision.commit.dirty else ""
        lines.append(f"  commit {escape.line(revision.commit.id)}{dirty}")
    if revision.selection:
        lines.append(f"  for a part of the project only: {_selection(revision)}")
    if line.obstacle:
        lines.append(f"  {paint('warning', 'no rollback')}: {line.obstacle}")
    return "\n".join(lines)


def _operation(revision: Revision) -> str:
    back = "" if revision.rolled_back_to is None else f" to revision {revision.rolled_back_to}"
    return f"{escape.line(revision.operation)}{back}"


def _by(revision: Revision) -> str:
    who = revision.actor
    run = f", {who.run}" if who.run else ""
    return escape.line(f"{who.user}@{who.host}{run}")


def _selection(revision: Revision) -> str:
    return escape.line(" ".join(revision.selection))


def _time(revision: Revision) -> str:
    return revision.created.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _value(line: Listed) -> dict[str, Any]:
    revision, counts = line.revision, line.revision.counts
    commit = revision.commit
    return {
        "serial": revision.serial,
        "lineage": revision.lineage,
        "operation": revision.operation,
        "rolled_back_to": revision.rolled_back_to,
        "timestamp": _time(revision),
        "user": revision.actor.user,
        "host": revision.actor.host,
        "run": revision.actor.run,
        "commit": {"id": commit.id, "dirty": commit.dirty} if commit else None,
        "counts": {
            "added": counts.added,
            "changed": counts.changed,
            "destroyed": counts.destroyed,
            "imported": counts.imported,
        },
        "resources": revision.resources,
        "selection": list(revision.selection),
        "content": {"sha256": revision.content},
        "files": [{"sha256": each} for each in revision.files],
        "rollback": line.obstacle is None,
        **({"obstacle": line.obstacle} if line.obstacle else {}),
    }
