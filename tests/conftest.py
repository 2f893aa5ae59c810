"""What all tests share."""

from __future__ import annotations

import os
import socket
from collections.abc import Generator

import pytest

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches further than this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else "127.0.0.1"
        if host not in LOOPBACK:
            raise AssertionError(f"a test tried to reach {host}")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on what the person who runs it has set."""
    for name in list(os.environ):
        if (
            name.startswith(("PROVISIONER_", "AZURE_", "OPENAI_"))
            and name != "PROVISIONER_REQUIRE_ALL"
        ):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NO_COLOR", "1")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let somebody with more time run everything."""
    parser.addoption(
        "--thorough", action="store_true", help="run also what takes longer than CI has"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the other half of a matrix, of which one half is enough in every run."""
    if config.getoption("--thorough"):
        return
    left_out = [each for each in items if each.get_closest_marker("thorough")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [each for each in items if not each.get_closest_marker("thorough")]


NOT_OURS = "not at hand"
"""In the reason of a skip: documents and recordings of the service, which are not the project's."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """With --require-all, a part that this machine could have set up and hasn't is a failure."""
    report = yield
    required = os.environ.get("PROVISIONER_REQUIRE_ALL")
    if required and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)
        if NOT_OURS not in reason:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} was skipped, but everything is required: {reason}"
    return report
