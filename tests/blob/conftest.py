"""Azurite, once for each worker, and projects whose state is in it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from azure.storage.blob import ContainerClient

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from azurite_process import KEY as ACCOUNT_KEY
from azurite_process import azurite
from blob_projects import BlobProject, Container
from emulator_process import start_emulator
from projects import KEY, V2, Service

from provisioner.state import blob_client


@pytest.fixture(scope="session")
def account() -> Iterator[str]:
    """Run Azurite; give the account's URL."""
    with azurite() as url:
        yield url


@pytest.fixture
def container(account: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Container]:
    """Make a container of this test's own."""
    monkeypatch.setenv("AZURE_STORAGE_KEY", ACCOUNT_KEY)
    clients: list[ContainerClient] = []
    made = blob_client.container.__wrapped__

    def remembered(*arguments: Any, **options: Any) -> ContainerClient:
        clients.append(made(*arguments, **options))
        return clients[-1]

    # A client is kept for one command, and closed by its end; here one process runs many.
    monkeypatch.setattr(blob_client, "container", cache(remembered))
    yield Container.made(account)
    for each in clients:
        each.close()


@pytest.fixture
def emulator() -> Iterator[str]:
    """Run an emulator of this test's own, as a process."""
    with start_emulator("--api-key", KEY) as url:
        yield url


@pytest.fixture
def make_project(
    tmp_path: Path, emulator: str, container: Container, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., BlobProject]:
    """Make a folder of the one project whose state is in the container, or of another."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)

    def make(folder: str = "one", uid: str = "u1", url: str = emulator) -> BlobProject:
        project = BlobProject(tmp_path / folder, Service(emulator, V2), container)
        project.begin(uid, url)
        return project

    return make


@pytest.fixture
def project(make_project: Callable[..., BlobProject]) -> BlobProject:
    """Give a project with one assistant that holds a file."""
    project = make_project()
    project.write("bot.yaml", BOT)
    project.write("numbers.csv", "a,b\n1,2\n")
    return project


BOT = """\
apiVersion: provisioner/v1
kind: Assistant
metadata: {name: bot}
spec:
  model: chat
  instructions: Count.
  tools: [{type: code_interpreter, files: [{path: numbers.csv}]}]
"""
