"""What was answered is kept: across restarts, kills and concurrent writers."""

import http.client
import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest
from emulator_client import LATE, Client
from emulator_process import cold_emulator


def fill(client: Client) -> list[tuple[str, object]]:
    """Make one object of each kind; give the paths and what they hold."""
    file = client.make_file(b"kept", "kept.txt")
    store = client.make("/vector_stores", {"name": "kept", "file_ids": [file]})
    resources = {
        "code_interpreter": {"file_ids": [file]},
        "file_search": {"vector_store_ids": [store["id"]]},
    }
    assistant = client.make_assistant(name="kept", tool_resources=resources)
    batches = f"/vector_stores/{store['id']}/file_batches"
    batch = client.make(batches, {"file_ids": [client.make_file()]})
    paths = [f"/files/{file}", f"/assistants/{assistant['id']}", f"{batches}/{batch['id']}"]
    return [(path, client.get(path).body) for path in paths]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_everything_outlives_the_process(tmp_path: Path, end: signal.Signals) -> None:
    """With --data all objects are back after a stop, an interrupt and a kill."""
    data = str(tmp_path / "data")
    with cold_emulator("--data", data, "--indexing-seconds", "0") as (url, process):
        kept = fill(Client(url, LATE))
        process.send_signal(end)
        code = process.wait(10)

    assert code == (-signal.SIGKILL if end == signal.SIGKILL else 0)
    with cold_emulator("--data", data, "--file-downloads") as (url, _):
        client = Client(url, LATE)
        assert [(path, client.get(path).body) for path, _ in kept] == kept
        assert client.get(f"{kept[0][0]}/content").body == b"kept"


def test_nothing_answered_is_lost_by_a_kill(tmp_path: Path) -> None:
    """Whatever four writers were told before a SIGKILL is there afterwards."""
    told: list[str] = []

    def write(client: Client) -> None:
        try:
            while True:
                told.append(client.make_assistant()["id"])
        except (OSError, http.client.HTTPException):
            pass

    with cold_emulator("--data", str(tmp_path)) as (url, process):
        writers = [threading.Thread(target=write, args=(Client(url),)) for _ in range(4)]
        for writer in writers:
            writer.start()
        while len(told) < 200:
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
        for writer in writers:
            writer.join()

    with cold_emulator("--data", str(tmp_path)) as (url, _):
        assert all(Client(url).get(f"/assistants/{id_}").status == 200 for id_ in told)


def test_only_the_owner_may_look(tmp_path: Path) -> None:
    """The folder is made with 0700, its files with 0600."""
    data = tmp_path / "deep" / "data"
    with cold_emulator("--data", str(data)) as (url, _):
        Client(url).make_assistant()
        modes = {path.name: path.stat().st_mode & 0o777 for path in data.iterdir()}

    assert data.stat().st_mode & 0o777 == 0o700
    assert "emulator.db" in modes
    assert set(modes.values()) == {0o600}


def test_without_data_nothing_is_written(tmp_path: Path) -> None:
    """In memory means that no file appears and nothing is left for the next start."""
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        with cold_emulator() as (url, _):
            Client(url).make_assistant()
        with cold_emulator() as (url, _):
            assert Client(url).get("/assistants").body["data"] == []
    finally:
        os.chdir(before)
    assert list(tmp_path.iterdir()) == []


def test_a_port_in_use_is_an_error() -> None:
    """The second emulator on a port ends with a failure, not in silence."""
    with cold_emulator() as (url, process):
        command = [*map(str, process.args)]  # type: ignore[union-attr]
        command[command.index("--port") + 1] = url.rpartition(":")[2]
        second = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)

    assert second.returncode != 0
    assert "Address already in use" in second.stderr
