"""Who runs the program."""

from __future__ import annotations

import socket

import pytest

from provisioner.state.actor import actor

GITHUB = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "contoso/bots",
    "GITHUB_RUN_ID": "4711",
}
AZURE = {
    "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI": "https://dev.azure.com/contoso/",
    "SYSTEM_TEAMPROJECT": "bots",
    "BUILD_BUILDID": "7",
}
GITLAB = {"CI_JOB_URL": "https://gitlab.example/contoso/bots/-/jobs/9"}


@pytest.mark.parametrize(
    ("environ", "run"),
    [
        (GITHUB, "https://github.com/contoso/bots/actions/runs/4711"),
        (AZURE, "https://dev.azure.com/contoso/bots/_build/results?buildId=7"),
        (GITLAB, "https://gitlab.example/contoso/bots/-/jobs/9"),
        ({**GITHUB, "GITHUB_RUN_ID": ""}, None),
        ({}, None),
    ],
)
def test_a_pipelines_run_is_named_by_its_address(environ: dict[str, str], run: str | None) -> None:
    """As far as its variables tell."""
    found = actor(environ)

    assert found.run == run
    assert found.user
    assert found.host == socket.gethostname()
