"""Cures: how a state that can't be trusted is brought back, from what is kept beside it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from provisioner.state.generations import Generation, Generations
from provisioner.state.journal import Header
from provisioner.state.storage import Storage


def cure(storage: Storage, environment: str, header: Header | None = None) -> str:
    """Name the generation that goes back in its place, and the command for it.

    With a journal beside it that must be the one that the journal continues: then nothing is lost.
    """
    environment = shlex.quote(environment)
    best = fitting(storage, header)
    rebuild = f"`provisioner state rebuild -e {environment}` makes the state anew from what is live"
    if best is None:
        return f"No good generation of it is kept here: put a backup of it back, or {rebuild}."
    name = best.name.rpartition("/")[2]
    return (
        f"The newest good generation has serial {best.state.serial}, resources:"
        f" {len(best.state.resources)}. Bring it back with `provisioner state push -e"
        f" {environment} --generation {name}`; if that is too old, {rebuild}."
    )


def fitting(storage: Storage, header: Header | None) -> Generation | None:
    """Find the newest good generation that fits the journal; without one, the newest."""
    found = list(Generations(storage).good())
    if header is not None:
        found = sorted(_continued(found, header), key=lambda each: _is_newer(each, header))
    return next(iter(found), None)


def _continued(found: list[Generation], header: Header) -> Iterator[Generation]:
    for each in found:
        same = each.state.lineage == header.get("lineage")
        if same and (each.state.serial == header.get("serial") or _is_newer(each, header)):
            yield each


def _is_newer(generation: Generation, header: Header) -> bool:
    """Say whether a generation is later than the state that a journal continues.

    Then the run ended between writing it and clearing the journal.
    """
    serial = header.get("serial")
    return isinstance(serial, int) and generation.state.serial > serial
