"""Who runs this program: a person at a machine, or a pipeline's run."""

from __future__ import annotations

import getpass
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

_RUNS = (
    ("{}/{}/actions/runs/{}", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"),
    (
        "{}/{}/_build/results?buildId={}",
        "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI",
        "SYSTEM_TEAMPROJECT",
        "BUILD_BUILDID",
    ),
    ("{}", "CI_JOB_URL"),
)
"""How a run's address is made of a pipeline's variables: GitHub's, Azure DevOps', GitLab's."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did something."""

    user: str
    host: str
    run: str | None = None
    """The address of the pipeline's run; None where it was no pipeline, or one not known here."""


def actor(environ: Mapping[str, str]) -> Actor:
    """Tell who runs this program."""
    return Actor(user_name(), socket.gethostname(), _run(environ))


def user_name() -> str:
    """Give the user's name; where there is none for this uid, as in containers, the uid."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _run(environ: Mapping[str, str]) -> str | None:
    for form, *names in _RUNS:
        values = [environ.get(each, "") for each in names]
        if all(values):
            return form.format(values[0].rstrip("/"), *values[1:])
    return None
