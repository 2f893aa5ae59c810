"""The emulator inside another program, and driven by the official client."""

import http.client
import signal
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import openai
import pytest
from emulator_client import V1, V2, Client

from provisioner.emulator.embedded import running
from provisioner.emulator.settings import EmulatorSettings


def make_openai(url: str, version: str) -> openai.AzureOpenAI:
    """Make the official client for an emulator."""
    return openai.AzureOpenAI(azure_endpoint=url, api_key="any", api_version=version, max_retries=0)


def test_it_starts_and_stops_quickly() -> None:
    """A test-suite can afford one for each test, and no thread is left."""
    begun, threads = time.monotonic(), threading.active_count()
    with running(EmulatorSettings()) as url:
        started = time.monotonic() - begun
        assert Client(url).make_assistant()

    assert started < 0.5
    assert time.monotonic() - begun < 1
    assert threading.active_count() == threads
    with pytest.raises(OSError, match="refused"):
        Client(url).get("/assistants")


def test_signals_stay_the_programs_own() -> None:
    """No handler is installed or replaced."""
    names = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(name) for name in names]
    with running(EmulatorSettings()):
        assert [signal.getsignal(name) for name in names] == before
    assert [signal.getsignal(name) for name in names] == before


def test_two_run_side_by_side() -> None:
    """Each has its own objects."""
    with running(EmulatorSettings()) as one, running(EmulatorSettings()) as other:
        made = Client(one).make_assistant()

        assert Client(one).get(f"/assistants/{made['id']}").status == 200
        assert Client(other).get(f"/assistants/{made['id']}").status == 404


def test_a_connection_left_open_does_not_hold_it_up() -> None:
    """A client that keeps its connection alive is hung up on."""
    with running(EmulatorSettings()) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc)
        connection.request("GET", "/openai/assistants")
        assert connection.getresponse().read()
        begun = time.monotonic()

    assert time.monotonic() - begun < 0.5
    connection.close()


def test_data_are_kept(tmp_path: Path) -> None:
    """A folder serves one emulator after the other."""
    settings = EmulatorSettings(data=tmp_path)
    with running(settings) as url:
        made = Client(url).make_assistant()

    with running(settings) as url:
        assert Client(url).get(f"/assistants/{made['id']}").body == made


def test_nothing_is_printed(capfd: pytest.CaptureFixture[str]) -> None:
    """No access log, no banner, no complaint about bad requests."""
    with running(EmulatorSettings()) as url:
        Client(url).make_assistant()
        Client(url).send("POST", "/files", b"garbage", "multipart/form-data; boundary=x")

    assert capfd.readouterr() == ("", "")


def test_the_official_client_drives_v2(shared_url: str) -> None:
    """Typed stores and files, untyped assistants: everything is understood."""
    client = make_openai(shared_url, V2)
    file = client.files.create(file=("a.txt", b"hello"), purpose="assistants")
    store = client.vector_stores.create(name="store")
    polled = client.vector_stores.file_batches.create_and_poll(
        store.id, file_ids=[file.id], poll_interval_ms=50
    )
    body = {
        "model": "gpt-4o",
        "tools": [{"type": "file_search"}],
        "tool_resources": {"file_search": {"vector_store_ids": [store.id]}},
    }
    made = client.post("/assistants", cast_to=object, body=body)

    assert polled.status == "completed"
    assert isinstance(made, dict)
    assert made["tool_resources"] == body["tool_resources"]
    assert file.id in [found.id for found in client.files.list().data]
    assert client.files.delete(file.id).deleted
    assert client.vector_stores.delete(store.id).deleted
    with pytest.raises(openai.NotFoundError, match="No vector store found with id"):
        client.vector_stores.retrieve(store.id)


def test_the_official_client_drives_v1(shared_url: str) -> None:
    """Untyped requests reach v1 as well; its errors become the client's exceptions."""
    client = make_openai(shared_url, V1)
    file = client.files.create(file=("a.txt", b"hello"), purpose="assistants")

    made = client.post("/assistants", cast_to=object, body={"model": "m", "file_ids": [file.id]})

    assert isinstance(made, dict)
    assert made["file_ids"] == [file.id]
    with pytest.raises(openai.BadRequestError) as caught:
        client.post("/assistants", cast_to=object, body={"model": "m", "tool_resources": {}})
    assert (caught.value.code, caught.value.param) == ("unknown_parameter", "tool_resources")
