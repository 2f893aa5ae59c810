"""Unlocking: what a run that died has left behind of its lock."""

from __future__ import annotations

from dataclasses import dataclass

from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.operations.keeping import kept_state


@dataclass(frozen=True, slots=True)
class Unlocked:
    """Whose lock was cleared."""

    holder: str
    was_held: bool
    """It was taken from a holder that may be alive."""


def unlock(project: Project, environment: Environment, *, force: bool) -> Unlocked | None:
    """Clear what a dead holder has left behind; tell who it was, None where there was nothing.

    In a folder the operating system lets go of a lock when its holder dies, so there is nothing to
    break: one that is held is held by a living process. A lease ends by itself a minute after its
    holder's death; `force` ends it at once. Raises LockError that names the holder.
    """
    backend = kept_state(project, environment)
    left = backend.storage.abandoned()
    if force and (broken := backend.storage.break_lock()):
        return Unlocked(broken, was_held=True)
    if not force:
        with backend.storage.locked("state unlock", 0, _nobody):
            pass
    return Unlocked(left, was_held=False) if left else None


def _nobody(_holder: str, _seconds: float) -> None:
    """Wait for nobody."""
