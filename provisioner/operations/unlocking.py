"""Unlocking: what a run that died has left behind of its lock."""

from __future__ import annotations

import json
from pathlib import Path

from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.operations.records import lock_state


def unlock(project: Project, environment: Environment) -> str | None:
    """Clear what a dead holder has left behind; tell who it was, None where there was nothing.

    The operating system lets go of a lock when its holder dies, so there is nothing to break: one
    that is held is held by a living process. Raises LockError that names it.
    """
    left = _left_behind(project.state_folder(environment.name) / "lock.json")
    with lock_state(project, environment, "state unlock", 0):
        return left


def _left_behind(note: Path) -> str | None:
    try:
        who = json.loads(note.read_text(encoding="utf-8"))
        return (
            f"{who['operation']} by {who['user']}@{who['host']} (process {who['pid']}), begun"
            f" {who['since']}"
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return "a run whose note can't be read"
