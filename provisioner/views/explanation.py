"""An explanation as people read it: each value, and below it what made it so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provisioner.manifest.provenance import Explanation, Origin, Provenance
from provisioner.views import escape
from provisioner.views.scalars import scalar
from provisioner.views.style import Paint, painter

LONGEST = 60
"""Characters of a value that are shown."""


def text(explanation: Explanation, *, color: bool) -> str:
    """Show every field with its origins; the last one that says a value has won."""
    paint = painter(color)
    blocks = ["\n".join(_block(explanation, each, paint)) for each in explanation.fields]
    return "\n\n".join([paint("strong", f"# {explanation.address}"), *blocks]) + "\n"


def _block(explanation: Explanation, field: Provenance, paint: Paint) -> Iterator[str]:
    yield f"{paint('strong', escape.line('.'.join(field.path)))} = {short(field.value)}"
    rows = [_row(origin) for origin in field.origins]
    for what, fields in (("recorded", explanation.recorded), ("live", explanation.live)):
        if fields is not None:
            rows.append((what, "", _compared(field, fields.get(field.path))))
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    for what, where, says in rows:
        yield f"  {what:<{widths[0]}}  {where:<{widths[1]}}  {says}".rstrip()


def _row(origin: Origin) -> tuple[str, str, str]:
    position = escape.line(str(origin.position)) if origin.position else ""
    named = origin.what in ("file", "ref", "attached", "variable", "alias")
    return origin.what, position, escape.line(str(origin.says)) if named else short(origin.says)


def _compared(field: Provenance, value: Any) -> str:
    if value is None:
        return "nothing"
    return "the same" if value == field.value else short(value)


def short(value: Any) -> str:
    """Write a value on one line, the beginning of it where it is long."""
    if value is None:
        return "nothing"
    written = str(value) if not isinstance(value, (str, int, float, list, dict)) else scalar(value)
    if len(written) <= LONGEST:
        return written
    size = f"{len(value):,} characters" if isinstance(value, str) else "cut"
    return f"{written[:LONGEST]}… ({size})"
