"""Where a state went: a note in its former place, so that nobody begins anew there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.json_reading import read_json
from provisioner.state.actor import actor
from provisioner.state.files import unwritable
from provisioner.state.storage import Storage

NOTE = "moved.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Moved:
    """A state that is somewhere else now."""

    to: str
    """The address of its new place, for people."""
    by: str
    at: str
    config: Mapping[str, Any] | None
    """How the Project says that place; None: local files of that machine."""


def read_moved(storage: Storage) -> Moved | None:
    """Read where a state went; None where it didn't, or nobody can say."""
    try:
        document = read_json(storage.read(NOTE))
        if document["moved"] != VERSION:
            return None
        return Moved(document["to"], document["by"], document["at"], document["config"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_moved(storage: Storage, to: str, config: Mapping[str, Any] | None) -> None:
    """Note in the former place where the state is now. Raises StateError."""
    who = actor(os.environ)
    document = {
        "moved": VERSION,
        "to": to,
        "by": f"{who.user}@{who.host}",
        "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "config": config,
    }
    try:
        storage.write(NOTE, [(json.dumps(document, indent=1) + "\n").encode()])
    except OSError as trouble:
        raise unwritable(storage.place(NOTE), trouble) from trouble


def is_no_damage(trouble: StateError) -> bool:
    """Say whether a state can't be read though nothing is wrong with it: a newer one, or moved."""
    return any(each.code in ("S002", "S027") for each in trouble.diagnostics)


def refuse_moved(storage: Storage, environment: str) -> None:
    """Refuse to begin anew where the state was moved away from. Raises StateError."""
    if moved := read_moved(storage):
        raise StateError(
            error(
                "S027",
                "State was moved",
                f"The state of {environment} was moved from {storage.place()} to {moved.to} by"
                f" {moved.by} at {moved.at}. {_say_so(moved)}, or bring it here with"
                f" `provisioner init --migrate-state -e {environment}`.",
            )
        )


def _say_so(moved: Moved) -> str:
    if moved.config is None:
        return "These are local files of that machine: use that one, with `state` taken out"
    return "Say in provisioner.yaml, with `state` of the environment, that it is there"
