"""The lock: one writer per environment, with real processes."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "core"))

from factories import codes

from provisioner.diagnostics import error
from provisioner.errors import LockError
from provisioner.state.folder import Folder
from provisioner.state.lock import locked

ROOT = Path(__file__).parents[2]
HOLD = """
import sys
from pathlib import Path
from provisioner.state.lock import locked
with locked(Path(sys.argv[1]), "apply", 0):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give the folder of an environment."""
    return tmp_path / ".provisioner" / "test"


@contextmanager
def holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Run a process that holds the lock until its input ends."""
    command = [sys.executable, "-c", HOLD, str(folder)]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            if process.poll() is None:
                process.kill()


def release(process: subprocess.Popen[str]) -> None:
    """Let the holder end as it would by itself."""
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait() == 0


def test_a_second_process_is_refused_and_learns_who_holds_the_lock(folder: Path) -> None:
    """Process, operation and time are named, and so is the way to wait."""
    with holder(folder) as process, pytest.raises(LockError) as caught, locked(folder, "apply", 0):
        pass
    told = caught.value.diagnostics[0].detail

    assert codes(caught.value) == ["S007"]
    assert f"(process {process.pid}), for apply, since 20" in told
    assert "--lock-timeout" in told


def test_a_refused_process_leaves_the_holders_note(folder: Path) -> None:
    """Whoever asks next is told the same."""
    with holder(folder):
        for _ in range(2):
            with pytest.raises(LockError), locked(folder, "plan", 0):
                pass
            assert (folder / "lock.json").exists()


def test_a_timeout_waits_for_the_lock(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lock is got when its holder lets go of it in time."""
    with holder(folder) as process:
        monkeypatch.setattr(time, "sleep", lambda _: release(process))
        with locked(folder, "apply", 30):
            assert process.returncode == 0


def test_a_killed_holder_holds_nothing(folder: Path) -> None:
    """The operating system frees the lock, and the stale note names nobody."""
    with holder(folder) as process:
        process.kill()
        process.wait()
        assert (folder / "lock.json").exists()
        with locked(folder, "apply", 0):
            assert f'"pid": {os.getpid()}' in (folder / "lock.json").read_text(encoding="utf-8")


def test_the_lock_is_free_after_its_use(folder: Path) -> None:
    """Neither success nor failure leaves it held."""
    with pytest.raises(ZeroDivisionError), locked(folder, "apply", 0):
        raise ZeroDivisionError
    with locked(folder, "apply", 0):
        pass
    assert not (folder / "lock.json").exists()


def test_a_holder_without_a_note_is_still_a_holder(folder: Path) -> None:
    """It may not have come to writing its note yet."""
    with holder(folder):
        (folder / "lock.json").unlink()
        with pytest.raises(LockError) as caught, locked(folder, "apply", 0):
            pass
    assert "by another process" in caught.value.diagnostics[0].detail


def test_someone_without_a_name_is_named_by_number(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In containers a uid may have no name."""

    def nameless() -> str:
        raise KeyError

    monkeypatch.setattr("provisioner.state.actor.getpass.getuser", nameless)
    with locked(folder, "apply", 0):
        note = (folder / "lock.json").read_text(encoding="utf-8")
    assert f'"user": "{os.getuid()}"' in note


def test_the_locks_files_are_for_their_owner_alone(folder: Path) -> None:
    """Lock and note are 0600."""
    with locked(folder, "apply", 0):
        modes = {each.name: each.stat().st_mode & 0o777 for each in folder.iterdir()}
    assert modes == {"lock": 0o600, "lock.json": 0o600}


GITHUB = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "contoso/bots",
    "GITHUB_RUN_ID": "7",
}
AZURE_DEVOPS = {
    "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI": "https://dev.azure.com/contoso/",
    "SYSTEM_TEAMPROJECT": "bots",
    "BUILD_BUILDID": "7",
}


@pytest.mark.parametrize(
    ("variables", "run"),
    [
        (GITHUB, "https://github.com/contoso/bots/actions/runs/7"),
        (AZURE_DEVOPS, "https://dev.azure.com/contoso/bots/_build/results?buildId=7"),
    ],
    ids=["github", "azure-devops"],
)
def test_a_pipelines_run_is_named(
    folder: Path, variables: dict[str, str], run: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is refused finds the run that holds the lock by its address."""
    for name in (*GITHUB, *AZURE_DEVOPS):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with (
        locked(folder, "apply", 0),
        pytest.raises(LockError) as caught,
        locked(folder, "apply", 0),
    ):
        pass
    assert f" in {run}. " in caught.value.diagnostics[0].detail


def test_waiting_is_told_once_and_only_when_it_is_needed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A free lock says nothing; a held one says by whom, and for how long it is waited for."""
    told: list[tuple[str, float]] = []

    def held(holder: str, seconds: float) -> None:
        told.append((holder, seconds))

    with locked(folder, "apply", 30, held):
        assert told == []
    with holder(folder) as process:
        monkeypatch.setattr(time, "sleep", lambda _: release(process))
        with locked(folder, "apply", 30, held):
            pass
    ((by, seconds),) = told
    assert f"(process {process.pid}), for apply" in by
    assert seconds == 30


def test_what_killed_runs_left_half_written_goes_with_the_next_lock(folder: Path) -> None:
    """It may hold in clear what is sensitive by now; whatever else is there stays."""
    (folder / "generations").mkdir(parents=True)
    (folder / "history" / "objects").mkdir(parents=True)
    left = [
        *(".state.json.a1b2c3d4", ".journal.jsonl.a1b2c3d4", "generations/.3-ab.json.a1b2c3d4"),
        f"history/objects/.{'0f' * 32}.a1b2c3d4",
    ]
    others = ["state.json", "ci.plan", ".ci.plan.a1b2c3d4", "generations/3-ab.json"]
    for each in (*left, *others):
        (folder / each).write_text("{}", encoding="utf-8")
    with Folder(folder).locked("apply", 0, lambda _holder, _seconds: None):
        assert not [each for each in left if (folder / each).exists()]
        assert all((folder / each).exists() for each in others)


def test_a_note_that_cannot_be_deleted_hides_no_trouble(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the disk fails, what failed first is told, with what to do; and the lock is free."""

    def failing(_self: Path, **_options: bool) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with pytest.raises(LockError), locked(folder, "apply", 0):  # noqa: PT012
        monkeypatch.setattr(Path, "unlink", failing)
        raise LockError(error("S003", "State can't be written", "Mend that."))
    with locked(folder, "plan", 0):
        pass
