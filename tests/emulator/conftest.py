"""Servers and clients for the emulator's tests."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from emulator_client import LATE, V1, Client
from talking import Talk, Talking, talking

sys.path.insert(0, str(Path(__file__).parents[1]))

from emulator_process import start_emulator


@pytest.fixture(scope="session")
def shared_url() -> Iterator[str]:
    """Run an emulator with the default settings, shared by all tests of a session."""
    with start_emulator() as url:
        yield url


@pytest.fixture
def client(shared_url: str) -> Client:
    """Give a v2 client of the shared emulator."""
    return Client(shared_url)


@pytest.fixture
def v1(shared_url: str) -> Client:
    """Give a v1 client of the shared emulator."""
    return Client(shared_url, V1)


@pytest.fixture
def late(shared_url: str) -> Client:
    """Give a client of the shared emulator with an API version of 2025."""
    return Client(shared_url, LATE)


@pytest.fixture
def start() -> Iterator[Callable[..., Client]]:
    """Start emulators with special settings; they are killed after the test."""
    with ExitStack() as stack:

        def starter(*arguments: str) -> Client:
            return Client(stack.enter_context(start_emulator(*arguments)))

        yield starter


@pytest.fixture
def talk_as(tmp_path: Path) -> Iterator[Talking]:
    """Start emulators whose model follows a transcript, and whose clock stands still."""
    with ExitStack() as stack:

        def starter(transcript: str = "turns: []", **settings: Any) -> Talk:
            return stack.enter_context(talking(tmp_path, transcript, **settings))

        yield starter


@pytest.fixture
def talk(talk_as: Talking) -> Talk:
    """Start an emulator whose model is the echo."""
    return talk_as()
