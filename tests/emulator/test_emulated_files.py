"""Files: upload, list, download, delete."""

from collections.abc import Callable

import pytest
from emulator_client import LATE, V1, V2, Client

from provisioner.emulator.embedded import running
from provisioner.emulator.settings import EmulatorSettings

FIRST = "2024-01-01-preview"


@pytest.mark.parametrize("version", [V1, V2, "2025-01-01-preview"])
def test_an_upload_answers_200_with_the_file(client: Client, version: str) -> None:
    """200 and a body, whatever documents say of 201; ids have 24 letters or digits."""
    reply = client.at(version).upload(b"hello", "data.csv")

    assert reply.status == 200
    assert reply.body["id"].startswith("assistant-")
    assert len(reply.body["id"]) == len("assistant-") + 24
    assert list({**reply.body, "id": "", "created_at": 0}.items()) == [
        ("object", "file"),
        ("id", ""),
        ("purpose", "assistants"),
        ("filename", "data.csv"),
        ("bytes", 5),
        ("created_at", 0),
        ("status", "processed"),
        ("status_details", None),
    ]
    assert client.at(version).get(f"/files/{reply.body['id']}").body == reply.body


def test_ids_are_shorter_from_march_2025_on(late: Client) -> None:
    """22 letters or digits."""
    assert len(late.make_file()) == len("assistant-") + 22


def test_the_first_version_has_updated_at(client: Client) -> None:
    """A key that 2024-02-15-preview dropped."""
    made = client.at(FIRST).upload().body

    assert made["updated_at"] == made["created_at"]


@pytest.mark.parametrize(
    "filename", ["Grüße 日本.txt", "a b (c).md", "no-extension", "UPPER.CSV", "x" * 300]
)
def test_filenames_are_kept(client: Client, filename: str) -> None:
    """A name comes back as it was sent."""
    assert client.upload(filename=filename).body["filename"] == filename


def test_bytes_are_kept(start: Callable[..., Client]) -> None:
    """Content is binary, and comes back where downloads are allowed."""
    client = start("--file-downloads")
    content = bytes(range(256)) * 5000 + b"\r\n--\r\n"
    made = client.upload(content, "data.zip").body

    reply = client.get(f"/files/{made['id']}/content")

    assert made["bytes"] == len(content)
    assert (reply.status, reply.body) == (200, content)
    assert reply.headers["Content-Type"] == "application/octet-stream"
    assert reply.headers["Content-Disposition"] == 'attachment; filename="data.zip"'


def test_files_for_assistants_cannot_be_downloaded(client: Client) -> None:
    """As at OpenAI; other purposes can."""
    assistants = client.get(f"/files/{client.make_file()}/content")
    vision = client.upload(b"pixels", "a.png", "vision").body

    assert assistants.status == 400
    message = "Not allowed to download files of purpose: assistants"
    assert assistants.error()["message"] == message
    assert vision["id"].startswith("file-")
    assert client.get(f"/files/{vision['id']}/content").body == b"pixels"


@pytest.mark.parametrize(
    ("fields", "files", "message"),
    [
        ({"purpose": "assistants"}, {}, "'file' is a required property"),
        ({}, {"file": ("a.txt", b"x")}, "'purpose' is a required property"),
        (
            {"purpose": "assistants", "filename": "a.txt"},
            {"file": ("a.txt", b"x")},
            "Additional properties are not allowed ('filename' was unexpected)",
        ),
        (
            {"purpose": "cooking"},
            {"file": ("a.txt", b"x")},
            "'cooking' is not one of ['assistants', 'batch', 'fine-tune', 'vision'] - 'purpose'",
        ),
        ({"purpose": "assistants"}, {"file": ("a.txt", b"")}, "Empty file."),
        ({"purpose": "assistants", "file": "text"}, {}, "'file' is not a file"),
    ],
)
def test_a_bad_form_is_refused(
    client: Client, fields: dict[str, str], files: dict[str, tuple[str, bytes]], message: str
) -> None:
    """400 in the service's form, with the words of its own schema."""
    reply = client.post_form(fields, files)

    assert reply.status == 400
    assert reply.body["error"] == {
        "message": message,
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"{}", "application/json"),
        (b"", "multipart/form-data; boundary=x"),
        (b"garbage", "multipart/form-data; boundary=x"),
        (b"garbage", "multipart/form-data"),
        (b"--x\r\nBad Header\r\n\r\n\r\n--x--", "multipart/form-data; boundary=x"),
        (b"--x\r\n\r\n\r\n--x--", "multipart/form-data; boundary=x"),
    ],
)
def test_something_else_than_a_form_is_refused(
    client: Client, content: bytes, content_type: str
) -> None:
    """400, never a failure of the server."""
    reply = client.send("POST", "/files", content, content_type)

    assert reply.status == 400
    assert reply.error()["type"] == "invalid_request_error"


def test_a_file_over_the_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """One byte more than allowed is too much; the limit is lowered to spare half a gigabyte."""
    monkeypatch.setattr("provisioner.emulator.files.LARGEST_UPLOAD", 10)
    monkeypatch.setattr("provisioner.emulator.routing.LARGEST_UPLOAD", 10)
    with running(EmulatorSettings()) as url:
        client = Client(url)

        assert client.upload(b"x" * 10).status == 200
        assert client.upload(b"x" * 11).status == 413
        assert len(client.get("/files").body["data"]) == 1


def test_unknown_extensions_are_refused_in_v2(client: Client, v1: Client) -> None:
    """As at OpenAI and Azure's agents in v2's days; nothing is known of v1."""
    reply = client.upload(filename="a.vb")

    assert reply.status == 400
    assert reply.error()["message"].startswith('Invalid extension vb. Supported formats: "c", ')
    assert v1.upload(filename="a.vb").status == 200


def test_the_list_has_no_pages(start: Callable[..., Client]) -> None:
    """Everything at once, newest first; limit and after are ignored, and no key speaks of pages."""
    client = start()
    assert client.get("/files").body == {"object": "list", "data": []}
    files = [client.make_file() for _ in range(25)]

    body = client.get("/files", limit=2, after=files[10], order="asc").body

    assert set(body) == {"object", "data"}
    assert [file["id"] for file in body["data"]] == files[::-1]


def test_the_list_is_filtered_by_purpose(start: Callable[..., Client]) -> None:
    """Only files with the purpose asked for."""
    client = start()
    file, image = client.make_file(), client.upload(b"x", "a.png", "vision").body["id"]

    ids = {
        purpose: [file["id"] for file in client.get("/files", purpose=purpose).body["data"]]
        for purpose in ("assistants", "vision", "fine-tune")
    }

    assert ids == {"assistants": [file], "vision": [image], "fine-tune": []}


def test_an_unknown_file_is_a_404_that_names_it(client: Client) -> None:
    """GET, DELETE and content alike."""
    for reply in (
        client.get("/files/assistant-x"),
        client.delete("/files/assistant-x"),
        client.get("/files/assistant-x/content"),
    ):
        assert reply.status == 404
        assert reply.error()["message"] == "No such File object: assistant-x"


@pytest.mark.parametrize("version", [V1, V2, LATE])
def test_deleting_a_file_in_use_pulls_it_out_of_everything(client: Client, version: str) -> None:
    """200 with a body, no guard, and no trace in assistants and vector stores."""
    file, other = client.make_file(), client.make_file()
    resources = {"code_interpreter": {"file_ids": [file, other]}}
    assistant = client.make_assistant(tool_resources=resources)
    store = client.make("/vector_stores", {"file_ids": [file, other]})

    reply = client.at(version).delete(f"/files/{file}")

    assert reply.status == 200
    assert reply.body == {"object": "file", "id": file, "deleted": True}
    left = client.get(f"/assistants/{assistant['id']}").body["tool_resources"]
    assert left == {"code_interpreter": {"file_ids": [other]}}
    listed = client.get(f"/vector_stores/{store['id']}/files").body["data"]
    assert [held["id"] for held in listed] == [other]
    assert client.get(f"/vector_stores/{store['id']}").body["file_counts"]["total"] == 1
    assert client.get(f"/files/{file}").status == 404
