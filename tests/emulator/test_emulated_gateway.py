"""Keys, API versions, routes, rates and headers."""

import asyncio
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from emulator_client import LATE, V1, V2, Client

from provisioner.emulator.app import create_app
from provisioner.emulator.settings import EmulatorSettings
from provisioner.emulator.store import Store

GATEWAY_404 = {"error": {"code": "404", "message": "Resource not found"}}


@pytest.mark.parametrize(
    "version",
    [
        "2024-01-01-preview",
        "2024-02-15-preview",
        "2024-03-01-preview",
        "2024-04-01-preview",
    ],
)
def test_versions_before_may_2024_are_v1(client: Client, version: str) -> None:
    """Assistants have file_ids."""
    assert "file_ids" in client.at(version).make_assistant()


@pytest.mark.parametrize(
    "version",
    [
        *("2024-05-01", "2024-07-01", "2024-08-01", "2024-09-01", "2024-10-01", "2024-12-01"),
        *("2025-01-01", "2025-02-01", "2025-03-01", "2025-04-01"),
    ],
)
def test_versions_from_may_2024_on_are_v2(client: Client, version: str) -> None:
    """Assistants have tool_resources."""
    assert "tool_resources" in client.at(f"{version}-preview").make_assistant()


@pytest.mark.parametrize(
    "version",
    [None, "", "v1", "2024-02-01", "2024-06-01", "2024-10-21", "2023-12-01-preview", "2024-05-01"],
)
@pytest.mark.parametrize("path", ["/assistants", "/files", "/assistants/asst_x"])
def test_other_versions_are_unknown_routes(client: Client, version: str | None, path: str) -> None:
    """Missing, unknown and GA versions get the gateway's 404, which names no object."""
    reply = client.at(version).get(path)

    assert (reply.status, reply.body) == (404, GATEWAY_404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "/"),
        ("GET", "/nonsense"),
        ("GET", "/assistants/"),
        ("GET", "/assistants/a/b"),
        ("PUT", "/assistants"),
        ("PATCH", "/assistants/asst_x"),
        ("DELETE", "/assistants"),
        ("POST", "/files/assistant-x"),
        ("GET", "/deployments/gpt-4o/assistants"),
    ],
)
def test_unknown_routes_and_methods_are_the_gateways(
    client: Client, method: str, path: str
) -> None:
    """Wrong paths and wrong methods look alike; nothing is redirected."""
    reply = client.send(method, path)

    assert (reply.status, reply.body) == (404, GATEWAY_404)


def test_no_credential_is_a_401(shared_url: str) -> None:
    """Any key is fine here, none is not."""
    for headers in (
        {},
        {"api-key": ""},
        {"Authorization": "Bearer "},
        {"Authorization": "Basic x"},
    ):
        reply = Client(shared_url, V2, headers).get("/assistants")
        assert reply.status == 401
        assert reply.error()["code"] == "401"
        assert reply.error()["message"].startswith("Access denied due to invalid subscription key")
    assert (
        Client(shared_url, V2, {"Authorization": "bearer token"}).get("/assistants").status == 200
    )


def test_with_a_key_only_that_key_opens(start: Callable[..., Client]) -> None:
    """As api-key or as bearer token; a wrong one is a 401, whatever the route."""
    url = start("--api-key", "s3cret").url

    def status(path: str, **headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Client(url, V2, named).get(path).status

    assert status("/assistants", api_key="s3cret") == 200
    assert status("/assistants", Authorization="Bearer s3cret") == 200
    assert status("/assistants", api_key="wrong") == 401
    assert status("/assistants", Authorization="Bearer wrong") == 401
    assert status("/assistants", api_key="wrong", Authorization="Bearer s3cret") == 401
    assert status("/nonsense", api_key="wrong") == 401


def test_too_many_requests_are_429(start: Callable[..., Client]) -> None:
    """Above the rate the gateway says how long to wait, in the message and in a header."""
    client = start("--rate", "3")

    replies = [client.get("/assistants") for _ in range(5)]

    assert [reply.status for reply in replies] == [200, 200, 200, 429, 429]
    assert replies[3].body == {
        "error": {"code": "429", "message": "Rate limit is exceeded. Try again in 1 second."}
    }
    assert replies[3].headers["Retry-After"] == "1"
    deadline = time.monotonic() + 5
    while client.get("/assistants").status == 429:
        assert time.monotonic() < deadline


def test_latency_is_waited(start: Callable[..., Client]) -> None:
    """Every answer takes at least as long."""
    client = start("--latency", "120")
    begun = time.monotonic()

    client.get("/assistants")

    assert time.monotonic() - begun >= 0.12


def test_headers_of_v1(v1: Client) -> None:
    """Request ids and a region, no headers of later days."""
    headers = v1.get("/assistants").headers

    assert headers["apim-request-id"]
    assert headers["x-request-id"]
    assert headers["x-ms-region"] == "East US"
    assert headers["Date"]
    assert headers["Content-Type"] == "application/json"
    assert "x-ms-middleware-request-id" not in headers
    assert "openai-version" not in headers
    assert "server" not in headers


def test_headers_of_v2(client: Client) -> None:
    """One request id more; a 404 has only the gateway's."""
    good, missing = client.get("/assistants").headers, client.get("/assistants/asst_x").headers

    assert good["x-request-id"]
    assert good["x-ms-middleware-request-id"]
    assert "x-request-id" not in missing
    assert "x-ms-middleware-request-id" not in missing
    assert missing["apim-request-id"]


def test_headers_of_2025(late: Client) -> None:
    """OpenAI's headers come through, the organization not on files."""
    headers, files = late.get("/assistants").headers, late.get("/files").headers

    assert headers["openai-version"] == "2020-10-01"
    assert headers["openai-processing-ms"].isdigit()
    assert headers["openai-organization"]
    assert "openai-organization" not in files


@pytest.mark.parametrize("version", [V1, V2, LATE])
def test_files_may_be_read_by_any_origin(client: Client, version: str) -> None:
    """The header of cross-origin requests is on /files only."""
    assert client.at(version).get("/files").headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in client.at(version).get("/assistants").headers


@pytest.mark.parametrize("path", ["/files", "/assistants", "/nonsense"])
@pytest.mark.parametrize("version", [None, V1])
def test_a_large_body_is_read_before_it_is_refused(
    shared_url: str, path: str, version: str | None
) -> None:
    """A client gets to see the answer even if its request is large and hopeless."""
    content = b" " * 20_000_000

    for headers in ({}, {"api-key": "any"}):
        reply = Client(shared_url, version, headers).send("POST", path, content)
        assert reply.status in (400, 401, 404)


def test_a_client_that_hangs_up_ends_in_no_traceback() -> None:
    """As one that is killed while it sends; what was not whole does nothing."""
    sent: list[Any] = []
    scope = {"type": "http", "method": "POST", "path": "/openai/assistants", "root_path": ""}
    scope |= {"query_string": b"api-version=%s" % V2.encode(), "headers": [(b"api-key", b"k")]}

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    with closing(Store(None)) as store:
        asyncio.run(create_app(EmulatorSettings(), store)(scope, receive, send))

    assert not sent
