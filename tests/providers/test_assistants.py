"""The provider for Azure OpenAI Assistants: the requests it makes, and how it reads answers."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from loopback import Answer, Server, serving

from provisioner.address import Address
from provisioner.api_version import ApiVersion
from provisioner.errors import ProviderError
from provisioner.providers.assistants import AssistantsProvider
from provisioner.providers.base import Tag
from provisioner.providers.limiter import Limiter
from provisioner.providers.signing import Credential
from provisioner.providers.transport import Transport
from provisioner.resource import Owner

V1, V2 = "2024-02-15-preview", "2024-05-01-preview"
TAG = Tag(Owner("u1", "test", Address("assistant", "bot"), "op-1"))
GATEWAY = Answer(404, {"error": {"code": "404", "message": "Resource not found"}})
FILE = {
    "id": "assistant-1",
    "filename": "a.csv",
    "bytes": 8,
    "purpose": "assistants",
    "created_at": 7,
}


def unheard(_done: int, _total: int) -> None:
    """Don't care how far something is."""


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries wait for nothing."""
    monkeypatch.setattr(time, "sleep", lambda _: None)


@contextmanager
def provider(*answers: Answer, version: str = V2) -> Iterator[tuple[AssistantsProvider, Server]]:
    """Give a provider at a server with these answers."""
    with serving(*answers) as server:
        transport = Transport(server.url, version, Credential(api_key="k"), Limiter(), direct=True)
        try:
            yield AssistantsProvider(transport, ApiVersion(version), 1.0), server
        finally:
            transport.close()


def missing(id_: str) -> Answer:
    """Make the 404 that names an object."""
    return Answer(404, {"error": {"message": f"No object found with id '{id_}'.", "code": None}})


def page(*ids: str, **more: Any) -> Answer:
    """Make a page of assistants."""
    return Answer(200, {"data": [{"id": each, "model": "m"} for each in ids], **more})


def queries(server: Server) -> list[str]:
    """Give the paths of the requests, without the API version."""
    paths = [each.path.removeprefix("/openai") for each in server.seen]
    return [each.replace(f"api-version={V2}", "").replace("?&", "?").rstrip("?&") for each in paths]


def test_assistants_are_listed_by_whole_pages() -> None:
    """A hundred at a time, oldest first, each page after the one before."""
    with provider(page("a", has_more=True), page("b", has_more=False)) as (service, server):
        assert [each.id for each in service.list("assistant")] == ["a", "b"]
        first, second = queries(server)
    assert "limit=100" in first
    assert "order=asc" in first
    assert "after=a" in second


def test_files_are_listed_by_their_purpose_alone() -> None:
    """Azure documents no paging for files, and its list ignores `after`."""
    with provider(Answer(200, {"data": [FILE]})) as (service, server):
        (found,) = service.list("file")
        assert queries(server) == ["/files?purpose=assistants"]
    assert (found.id, found.owner, found.created_at) == ("assistant-1", None, 7)
    assert found.attributes == {"filename": "a.csv", "bytes": 8, "purpose": "assistants"}


def test_a_list_that_is_refused_is_no_empty_list() -> None:
    """The gateway's 404 means the wrong place."""
    with provider(GATEWAY) as (service, _), pytest.raises(ProviderError) as caught:
        list(service.list("assistant"))
    assert not caught.value.gone


@pytest.mark.parametrize("kind", ["assistant", "file"])
def test_only_a_404_that_names_the_object_means_gone(kind: str) -> None:
    """Any other 404 is an error, so that nothing is created again by mistake."""
    with provider(missing("x_1"), GATEWAY) as (service, _):
        assert service.read(kind, "x_1") is None
        with pytest.raises(ProviderError):
            service.read(kind, "x_1")


@pytest.mark.parametrize("kind", ["assistant", "file"])
def test_a_404_of_a_whole_list_is_an_error(kind: str) -> None:
    """A message that happens to name the collection doesn't make it gone, nor empty."""
    retired = Answer(404, {"error": {"code": None, "message": "No assistants or files here."}})
    with provider(retired) as (service, _), pytest.raises(ProviderError) as caught:
        list(service.list(kind))
    assert not caught.value.gone


def test_an_object_is_read_by_its_id() -> None:
    """One request, and the object in its form."""
    with provider(Answer(200, {"id": "asst_1", "model": "m"})) as (service, server):
        found = service.read("assistant", "asst_1")
        assert queries(server) == ["/assistants/asst_1"]
    assert found is not None
    assert (found.id, found.attributes["model"]) == ("asst_1", "m")


@pytest.mark.parametrize(("version", "files"), [(V1, "file_ids"), (V2, "tool_resources")])
def test_the_api_version_chooses_the_projection(version: str, files: str) -> None:
    """A create is a POST of the body of its generation."""
    answer = Answer(200, {"id": "asst_1", "model": "m"})
    with provider(answer, version=version) as (service, server):
        made = service.create("assistant", {"model": "m"}, TAG, None)
        (seen,) = server.seen
    assert made.id == "asst_1"
    assert (seen.method, seen.path) == ("POST", f"/openai/assistants?api-version={version}")
    assert files in json.loads(seen.body)


def test_an_update_sends_the_whole_assistant() -> None:
    """Everything that isn't set is cleared."""
    with provider(Answer(200, {"id": "asst_1", "model": "m"})) as (service, server):
        service.update("assistant", "asst_1", {"model": "m"}, TAG, unheard)
        (seen,) = server.seen
    assert (seen.method, seen.path.split("?")[0]) == ("POST", "/openai/assistants/asst_1")
    assert json.loads(seen.body)["instructions"] is None


@pytest.mark.parametrize(
    ("length", "stands", "methods", "sent"),
    [
        pytest.param(32_768, True, ["POST"], True, id="short enough"),
        pytest.param(32_769, True, ["GET", "POST"], False, id="long, as it stands"),
        pytest.param(32_769, False, ["GET", "POST"], True, id="long, changed"),
    ],
)
def test_long_instructions_are_sent_only_where_they_change(
    length: int, methods: list[str], *, stands: bool, sent: bool
) -> None:
    """Azure's document allows a create 256,000 characters, and an update 32,768."""
    text = "x" * length
    live = Answer(200, {"id": "asst_1", "model": "m", "instructions": text if stands else "old"})
    with provider(live) as (service, server):
        service.update("assistant", "asst_1", {"model": "m", "instructions": text}, TAG, unheard)
        assert [each.method for each in server.seen] == methods
        body = json.loads(server.seen[-1].body)
    assert body.get("instructions") == (text if sent else None)
    assert ("instructions" in body) is sent


def test_an_update_of_what_is_gone_is_an_error() -> None:
    """It has to be planned again."""
    with provider(missing("asst_1")) as (service, _), pytest.raises(ProviderError) as caught:
        service.update("assistant", "asst_1", {"model": "m"}, TAG, unheard)
    assert caught.value.gone
    assert not caught.value.unsettled


@pytest.mark.parametrize(
    ("filename", "mime"),
    [
        ("a.csv", "application/csv"),
        ("a.md", "text/markdown"),
        ("a.unheard", "application/octet-stream"),
    ],
)
def test_an_upload_has_the_type_of_azures_table(tmp_path: Path, filename: str, mime: str) -> None:
    """The name decides, by Azure's own list."""
    path = tmp_path / "bytes"
    path.write_bytes(b"x")
    wanted = {"filename": filename, "bytes": 1, "sha256": "s", "purpose": "assistants"}
    with provider(Answer(201, {**FILE, "filename": filename})) as (service, server):
        assert service.create("file", wanted, TAG, path).id == "assistant-1"
        body = server.seen[0].body.decode()
    assert f'filename="{filename}"\r\nContent-Type: {mime}\r\n' in body
    assert 'name="purpose"\r\n\r\nassistants' in body


@pytest.mark.parametrize(
    "answer",
    [Answer(200, {"id": "x_1", "deleted": True}), Answer(204), missing("x_1")],
    ids=["200", "204", "404"],
)
@pytest.mark.parametrize("kind", ["assistant", "file"])
def test_a_delete_is_done_when_the_object_is_gone(kind: str, answer: Answer) -> None:
    """With a body, without one, or because it was gone already."""
    with provider(answer) as (service, server):
        service.delete(kind, "x_1")
        assert [each.method for each in server.seen] == ["DELETE"]


def test_a_delete_at_the_wrong_place_is_an_error() -> None:
    """The gateway's 404 doesn't say that the object is gone."""
    with provider(GATEWAY) as (service, _), pytest.raises(ProviderError):
        service.delete("assistant", "asst_1")


@pytest.mark.parametrize("body", [None, [], {}, {"object": "assistant"}])
def test_an_answer_without_an_id_leaves_the_create_open(body: Any) -> None:
    """Something may have been made; the next run finds out."""
    answer = Answer(200, body)
    with provider(answer) as (service, _), pytest.raises(ProviderError) as caught:
        service.create("assistant", {"model": "m"}, TAG, None)
    assert caught.value.unsettled
    assert caught.value.diagnostics[0].code == "R004"


def test_the_clock_is_the_transports() -> None:
    """The provider tells the time that its service's answers have shown."""
    with provider() as (service, _):
        assert abs(service.now() - time.time()) < 5


def test_a_file_is_downloaded_as_it_stands() -> None:
    """Bytes are no JSON, even where they look like it."""
    with provider(Answer(200, b'{"a":\r\n\x00\xff')) as (assistants, server):
        assert assistants.content("assistant-1") == b'{"a":\r\n\x00\xff'

    assert server.seen[0].path.startswith("/openai/files/assistant-1/content?")


@pytest.mark.parametrize(
    "answer",
    [
        Answer(400, {"error": {"message": "Not allowed to download files of purpose: assistants"}}),
        Answer(403, {"error": {"message": "No."}}),
        missing("assistant-1"),
    ],
)
def test_a_file_that_is_withheld_is_none(answer: Answer) -> None:
    """Its bytes can't be had: that is an answer, and no trouble."""
    with provider(answer) as (assistants, _):
        assert assistants.content("assistant-1") is None


def test_a_download_that_fails_is_trouble() -> None:
    """Nobody knows whether the bytes could be had."""
    with (
        provider(Answer(500, {"error": {"message": "Oh."}})) as (assistants, _),
        pytest.raises(ProviderError),
    ):
        assistants.content("assistant-1")
