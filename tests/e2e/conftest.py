"""An emulator and projects for each test."""

from __future__ import annotations

import re
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from conversing import talkative
from emulator_process import start_emulator
from projects import KEY, PROJECT, ROOT, V1, V2, Project, Service


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
            _copy_example(example, folder)
        project = Project(folder, Service(emulator, api_version))
        project.write(
            "provisioner.yaml",
            PROJECT.format(name=name, uid=uid, url=emulator, api_version=api_version),
        )
        return project

    return make


def _copy_example(example: str, folder: Path) -> None:
    """Copy what is declared, without the environments that some of it is for."""
    shutil.copytree(ROOT / "examples" / example, folder, ignore=_no_state)
    for path in folder.rglob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"(?m)^  environments: \[.*\n", "", text), encoding="utf-8")


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the key of the emulators."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)


@pytest.fixture(scope="module")
def talking_v1(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Make the project of `talker_v1`; a module has one."""
    with talkative(tmp_path_factory.mktemp("v1"), V1) as made:
        yield made


@pytest.fixture(scope="module")
def talking_v2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Make the project of `talker_v2`; a module has one."""
    with talkative(tmp_path_factory.mktemp("v2"), V2) as made:
        yield made


@pytest.fixture
def talker_v1(talking_v1: Project, key: None) -> Project:  # noqa: ARG001
    """Give a project with an assistant that talks, v1."""
    return talking_v1


@pytest.fixture
def talker_v2(talking_v2: Project, key: None) -> Project:  # noqa: ARG001
    """Give the same, v2."""
    return talking_v2


@pytest.fixture(params=["talker_v1", "talker_v2"])
def talker(request: pytest.FixtureRequest) -> Project:
    """Give each of them."""
    made: Project = request.getfixturevalue(request.param)
    return made


def _no_state(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name == ".provisioner"]
