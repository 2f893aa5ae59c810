"""The blast radius of a plan, in a few words."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from provisioner.address import Address
from provisioner.coverage import coverage
from provisioner.impact import Impact
from provisioner.impact import impact as measure
from provisioner.plan import Plan
from provisioner.views import escape
from provisioner.views.scalars import KIBI, size

_NAMED = 5
"""So many names are written out; of more, how many they are."""


def sentences(plan: Plan, write: Callable[[str], str] = escape.line) -> list[str]:
    """Say what a plan means to those who talk to the assistants; nothing of an idle one.

    `write` makes somebody's name safe to show.
    """
    if not plan.has_changes:
        return []
    parts = list(_parts(measure(plan), write)) or ["no assistant answers otherwise"]
    return [f"Impact: {'; '.join(parts)}.", *_checks(plan, write)]


def _checks(plan: Plan, write: Callable[[str], str]) -> list[str]:
    """Say which checks look after what is new or answers otherwise, if the project has any."""
    found = coverage(plan)
    names = sorted({name for each in found.covered.values() for name in each})
    parts = [f"{_named(names, write)} for what is new or changes"] if names else []
    if found.uncovered:
        parts.append(f"none for {_named(found.uncovered, write)}")
    return [f"Checks: {'; '.join(parts)}."] if plan.checks and parts else []


def _parts(impact: Impact, write: Callable[[str], str]) -> Iterator[str]:
    if impact.made:
        yield f"{_counted(len(impact.made), 'new assistant')} ({_named(impact.made, write)})"
    if impact.gone:
        verb = "goes" if len(impact.gone) == 1 else "go"
        yield f"{_counted(len(impact.gone), 'assistant')} {verb} ({_named(impact.gone, write)})"
    if impact.behaviour:
        verb = "changes" if len(impact.behaviour) == 1 else "change"
        assistants = _counted(len(impact.behaviour), "assistant")
        yield f"{assistants} {verb} behaviour ({_named(impact.behaviour, write)})"
    yield from _tools(impact.tools_gained, "gain", write)
    yield from _tools(impact.tools_lost, "lose", write)
    if impact.uploads:
        files, amount = _counted(len(impact.uploads), "file"), _amount(impact.upload_bytes)
        yield f"{files} to upload ({amount})"


def _tools(
    found: Mapping[Address, Collection[str]], verb: str, write: Callable[[str], str]
) -> Iterator[str]:
    """Say how many assistants get or lose tools, and which these are."""
    if found:
        names = sorted({name for tools in found.values() for name in tools})
        verb = f"{verb}s" if len(found) == 1 else verb
        yield f"{_counted(len(found), 'assistant')} {verb} tools ({_named(names, write)})"


def _named(names: Sequence[object], write: Callable[[str], str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(write(str(each)) for each in names[:_NAMED])}{more}"


def _amount(count: int) -> str:
    return size(count) if count >= KIBI else _counted(count, "byte")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
