"""An emulator and projects for each test."""

from __future__ import annotations

import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from emulator_process import start_emulator
from projects import KEY, PROJECT, ROOT, V2, Project, Service


@pytest.fixture
def emulator() -> Iterator[str]:
    """Run an emulator of this test's own, as a process."""
    with start_emulator("--api-key", KEY) as url:
        yield url


@pytest.fixture
def make_project(
    tmp_path: Path, emulator: str, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Project]:
    """Make projects at this test's emulator; `example` copies one of the examples."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)

    def make(api_version: str = V2, example: str | None = None, name: str = "demo") -> Project:
        uid = uuid.uuid4().hex[:6]
        folder = tmp_path / f"{name}-{uid}"
        if example:
            shutil.copytree(ROOT / "examples" / example, folder, ignore=_no_state)
        project = Project(folder, Service(emulator, api_version))
        project.write(
            "provisioner.yaml",
            PROJECT.format(name=name, uid=uid, url=emulator, api_version=api_version),
        )
        return project

    return make


def _no_state(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == ".provisioner"]
