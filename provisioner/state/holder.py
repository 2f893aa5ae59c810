"""Who holds a lock: what the holder writes down about itself, and how others are told."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from provisioner.diagnostics import error
from provisioner.errors import LockError
from provisioner.json_reading import read_json
from provisioner.state.actor import actor

UNTOLD = "a run whose note can't be read"


def note(operation: str) -> str:
    """Write down who holds a lock from now on."""
    who = actor(os.environ)
    document = {
        "operation": operation,
        "user": who.user,
        "host": who.host,
        "pid": os.getpid(),
        "since": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        **({"run": who.run} if who.run else {}),
    }
    return json.dumps(document) + "\n"


def locked(place: str, holder: str, otherwise: str = "") -> LockError:
    """Say that a lock is held, and by whom; `otherwise` is what to do if its holder is dead."""
    return LockError(
        error(
            "S007",
            "State is locked",
            f"The lock {place} is held {holder}. Wait until it is done, or give --lock-timeout"
            f" SECONDS to wait for it.{otherwise}",
        )
    )


def held_by(content: bytes) -> str:
    """Say who holds a lock, as far as the holder's note tells."""
    try:
        who = _read(content)
        run = f" in {who['run']}" if "run" in who else ""
        return f"by {_who(who)}, for {who['operation']}, since {who['since']}{run}"
    except (ValueError, KeyError, TypeError):
        return "by another process"


def begun_by(content: bytes) -> str:
    """Say whose run it was that wrote a note."""
    try:
        who = _read(content)
        return f"{who['operation']} by {_who(who)}, begun {who['since']}"
    except (ValueError, KeyError, TypeError):
        return UNTOLD


def _who(who: Mapping[str, Any]) -> str:
    return f"{who['user']}@{who['host']} (process {who['pid']})"


def _read(content: bytes) -> Mapping[str, Any]:
    found: Mapping[str, Any] = read_json(content)
    return found
