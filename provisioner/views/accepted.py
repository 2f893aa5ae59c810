"""What accepting wrote: a unified diff of each file, and a summary."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import unified_diff

from provisioner.address import Address
from provisioner.views import escape
from provisioner.views.style import painter

_ROLES = {"---": "strong", "+++": "strong", "@@": "faint", "-": "-", "+": "+"}
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_NO_NEWLINE = "\\ No newline at end of file"


def file(name: str, before: str, after: str, *, color: bool) -> str:
    """Show how a file changed, as `diff -u` does."""
    paint = painter(color)
    old, new = (_LINE.findall(each) for each in (before, after))
    shown = escape.line(name)
    lines: list[str] = []
    for each in unified_diff(old, new, f"a/{shown}", f"b/{shown}"):
        role = next((role for sign, role in _ROLES.items() if each.startswith(sign)), "")
        text = escape.text(each.rstrip("\n").removesuffix("\r"))
        lines.append(paint(role, text))
        if not each.endswith("\n"):
            lines.append(paint("faint", _NO_NEWLINE))
    return "\n".join(lines) + "\n"


def summary(
    fields: Mapping[Address, Sequence[str]],
    recorded: Collection[Address],
    left: Mapping[Address, Sequence[str]],
    others: Mapping[Address, Sequence[str]],
) -> str:
    """Say what was written, what is left for the next apply, and what nobody asked for."""
    lines = list(_lines(fields, recorded, others))
    for address, paths in left.items():
        lines.append(
            f"{address} was edited in the manifests, too: the next apply brings"
            f" {escape.line(', '.join(paths))}."
        )
    for address, paths in others.items():
        lines.append(f"{address} has other edits, which stay: {escape.line(', '.join(paths))}.")
    return "\n".join(lines) + "\n"


def _lines(
    fields: Mapping[Address, Sequence[str]],
    recorded: Collection[Address],
    others: Collection[Address],
) -> Iterator[str]:
    for address, paths in fields.items():
        yield f"Accepted {address}: {escape.line(', '.join(paths))}."
    if fields:
        count = sum(map(len, fields.values()))
        yield f"\nAccept complete! Fields written: {count}. The service was not changed."
    elif recorded:
        yield "No edits to write: the manifests say what is live, which is recorded as applied now."
    elif others:
        yield "No edits to accept where you asked for them."
    else:
        yield "No edits to accept. Live objects are as last applied."
