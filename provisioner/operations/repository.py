"""The git repository that a project lies in, if it does."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from provisioner.history.revision import Commit

_OID = "# branch.oid "
_MOST_SECONDS = 10.0
_COMMAND = ("status", "--porcelain=v2", "--branch", "--untracked-files=normal", "--", ".")


def commit_of(folder: Path) -> Commit | None:
    """Tell the commit that is checked out; None where git has none, isn't there, or takes long.

    Only what is changed below the folder makes it dirty.
    """
    try:
        # Nothing of the repository's own settings is to be run, and nothing of it to be locked.
        found = subprocess.run(
            ["git", "-c", "core.fsmonitor=false", *_COMMAND],
            cwd=folder,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0"},
            capture_output=True,
            timeout=_MOST_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    lines = found.stdout.decode("utf-8", errors="replace").splitlines()
    ids = [line.removeprefix(_OID) for line in lines if line.startswith(_OID)]
    if not ids or not ids[0].isalnum():  # "(initial)": nothing is committed yet
        return None
    return Commit(ids[0], dirty=any(not line.startswith("# ") for line in lines))
