"""What the service refuses, and in which words."""

from collections.abc import Callable
from typing import Any

import pytest
from emulator_client import Client


def function(**fields: Any) -> list[Any]:
    """Give the tools of one function."""
    return [{"type": "function", "function": {"name": "f", **fields}}]


REFUSED = [
    ({"foo": 1}, "foo", "unknown_parameter"),
    ({"file_ids": []}, "file_ids", "unknown_parameter"),
    ({"reasoning_effort": "low"}, "reasoning_effort", "unknown_parameter"),
    ({"model": None}, "model", "invalid_type"),
    ({"model": ""}, "model", "empty_string"),
    ({"name": "n" * 257}, "name", "string_above_max_length"),
    ({"name": 1}, "name", "invalid_type"),
    ({"description": "d" * 513}, "description", "string_above_max_length"),
    ({"instructions": "i" * 256_001}, "instructions", "string_above_max_length"),
    ({"tools": None}, "tools", "invalid_type"),
    ({"tools": [{"type": "code_interpreter"}] * 129}, "tools", "array_above_max_length"),
    ({"tools": ["code_interpreter"]}, "tools[0]", "invalid_type"),
    ({"tools": [{}]}, "tools[0].type", "missing_required_parameter"),
    ({"tools": [{"type": "retrieval"}]}, "tools[0].type", "invalid_value"),
    ({"tools": [{"type": "file_search", "description": "d"}]}, "tools[0].description", None),
    ({"tools": [{"type": "function"}]}, "tools[0].function", "missing_required_parameter"),
    ({"tools": function(name="no blanks")}, "tools[0].function.name", "invalid_value"),
    ({"tools": function(name="line\n")}, "tools[0].function.name", "invalid_value"),
    ({"tools": function(name="n" * 65)}, "tools[0].function.name", "string_above_max_length"),
    ({"tools": function(description="d" * 1025)}, "tools[0].function.description", None),
    ({"tools": function(parameters=[])}, "tools[0].function.parameters", "invalid_type"),
    ({"metadata": {str(i): "" for i in range(17)}}, "metadata", "object_above_max_properties"),
    ({"metadata": {"k" * 65: ""}}, "metadata", "property_name_above_max_length"),
    ({"metadata": {"k": "v" * 513}}, "metadata.k", "string_above_max_length"),
    ({"metadata": {"k": True}}, "metadata.k", "invalid_type"),
    ({"metadata": []}, "metadata", "invalid_type"),
    ({"temperature": 2.1}, "temperature", "decimal_above_max_value"),
    ({"temperature": -1}, "temperature", "integer_below_min_value"),
    ({"temperature": True}, "temperature", "invalid_type"),
    ({"top_p": 1.1}, "top_p", "decimal_above_max_value"),
    ({"response_format": "json"}, "response_format", "invalid_value"),
    ({"tool_resources": {"retrieval": {}}}, "tool_resources.retrieval", "unknown_parameter"),
    (
        {"tool_resources": {"code_interpreter": {"file_ids": ["f"] * 21}}},
        "tool_resources.code_interpreter.file_ids",
        "array_above_max_length",
    ),
    (
        {"tool_resources": {"file_search": {"vector_store_ids": ["v", "w"]}}},
        "tool_resources.file_search.vector_store_ids",
        "array_above_max_length",
    ),
    (
        {"tool_resources": {"file_search": {"vector_store_ids": [], "vector_stores": []}}},
        "tool_resources.file_search",
        "invalid_value",
    ),
    ({"tool_resources": {"file_search": {}}}, "tool_resources.file_search", "invalid_value"),
]


@pytest.mark.parametrize(
    ("fields", "param", "code"), REFUSED, ids=[f"{param}-{code}" for _, param, code in REFUSED]
)
def test_a_bad_field_is_refused(
    client: Client, fields: dict[str, Any], param: str, code: str | None
) -> None:
    """The answer is 400, in the service's form, and names the field."""
    reply = client.post("/assistants", {"model": "m", **fields})

    error = reply.error()
    assert reply.status == 400
    assert set(error) == {"message", "type", "param", "code"}
    assert (error["type"], error["param"]) == ("invalid_request_error", param)
    assert code is None or error["code"] == code


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"tool_resource": {}}, "Unknown parameter: 'tool_resource'."),
        (
            {"metadata": {"modified": True}},
            "Invalid type for 'metadata.modified': expected a string, but got a boolean instead.",
        ),
        (
            {"tools": [{"type": "retrieval"}]},
            (
                "Invalid value: 'retrieval'. Supported values are: 'code_interpreter', 'function',"
                " and 'file_search'."
            ),
        ),
        (
            {"name": "n" * 257},
            (
                "Invalid 'name': string too long. Expected a string with maximum length 256, but"
                " got a string with length 257 instead."
            ),
        ),
    ],
)
def test_refusals_have_the_words_of_the_service(
    client: Client, fields: dict[str, Any], message: str
) -> None:
    """The known messages are word for word."""
    assert client.post("/assistants", {"model": "m", **fields}).error()["message"] == message


def test_everything_at_its_limit_is_taken(client: Client) -> None:
    """Limits are included."""
    made = client.make_assistant(
        name="n" * 256,
        description="d" * 512,
        instructions="ä" * 256_000,
        tools=[{"type": "code_interpreter"}] * 128,
        metadata={f"{i:064}": "v" * 512 for i in range(16)},
        temperature=2,
        top_p=0,
    )

    assert len(made["instructions"]) == 256_000


def test_the_model_is_required(client: Client) -> None:
    """No model, no assistant; no body is no model."""
    for body in (None, {}, {"name": "a"}):
        error = client.post("/assistants", body).error()
        assert error["message"] == "Missing required parameter: 'model'."
        assert (error["param"], error["code"]) == ("model", "missing_required_parameter")


def test_an_update_takes_fewer_instructions_than_a_create(client: Client) -> None:
    """Azure's documents give modify 32,768 characters."""
    path = f"/assistants/{client.make_assistant(instructions='i' * 40_000)['id']}"

    assert client.post(path, {"instructions": "i" * 32_768}).status == 200
    assert client.post(path, {"instructions": "i" * 32_769}).error()["param"] == "instructions"


def test_tool_resources_cannot_be_nulled_by_an_update(client: Client) -> None:
    """Null is for create; an update says empty lists."""
    path = f"/assistants/{client.make_assistant(tool_resources=None)['id']}"

    assert client.post(path, {"tool_resources": None}).error()["code"] == "invalid_type"


def test_a_refused_update_changes_nothing(client: Client) -> None:
    """Everything or nothing: a good field beside a bad reference isn't kept."""
    made = client.make_assistant(name="before")
    path = f"/assistants/{made['id']}"
    resources = {"code_interpreter": {"file_ids": ["assistant-nowhere"]}}

    reply = client.post(path, {"name": "after", "tool_resources": resources})

    assert reply.status == 404
    assert client.get(path).body == made


def test_a_refused_create_makes_nothing(start: Callable[..., Client]) -> None:
    """No half-made assistant or store is left behind."""
    client = start()
    inline = {"file_search": {"vector_stores": [{"file_ids": ["assistant-nowhere"]}]}}

    assert client.post("/assistants", {"model": "m", "tool_resources": inline}).status == 404
    assert client.get("/assistants").body["data"] == []
    assert client.get("/vector_stores").body["data"] == []


def test_unknown_files_and_stores_are_named(client: Client) -> None:
    """A reference to nothing is a 404 that names what is missing."""
    code = {"code_interpreter": {"file_ids": ["assistant-x", "assistant-y"]}}
    search = {"file_search": {"vector_store_ids": ["vs_x"]}}

    files = client.post("/assistants", {"model": "m", "tool_resources": code})
    stores = client.post("/assistants", {"model": "m", "tool_resources": search})

    assert files.status == stores.status == 404
    assert files.error()["message"] == "Files [assistant-x, assistant-y] were not found"
    assert stores.error()["message"] == "No vector store found with id 'vs_x'."


def test_only_deployments_are_models(start: Callable[..., Client]) -> None:
    """With `--deployments` any other model is refused, in Azure's message-less form."""
    client = start("--deployments", "gpt-4o,chat")
    made = client.make_assistant(model="chat")

    for path in ("/assistants", f"/assistants/{made['id']}"):
        reply = client.post(path, {"model": "gpt-5"})
        error = {"type": "invalid_request_error", "param": "model", "code": "model_not_found"}
        assert (reply.status, reply.body) == (400, {"error": error})


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"not json",
        b"\xff\xfe",
        b'{"model": NaN}',
        b'{"model": 1e999}',
        b'{"model": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"model": "m", "tools": ' + b"[" * 5_000 + b"]" * 5_000 + b"}",
        # Not too deep to be read, but to be written again where it stands deeper.
        b'{"model": "m", "tools": [{"type": "function", "function": {"name": "f", "parameters": '
        + b'{"a": ' * 600
        + b"1"
        + b"}" * 602
        + b"]}",
        b"[]",
        b'"text"',
        b"null",
    ],
    ids=lambda content: repr(content[:20]),
)
def test_a_malformed_body_is_refused(client: Client, content: bytes) -> None:
    """Whatever isn't a JSON object is a 400, never a failure of the server."""
    reply = client.send("POST", "/assistants", content)

    assert reply.status == 400
    assert reply.error()["type"] == "invalid_request_error"


def test_lone_surrogates_come_back_as_sent(client: Client) -> None:
    """Half a character is no reason to fail."""
    reply = client.send("POST", "/assistants", b'{"model": "m", "name": "\\ud800"}')

    assert reply.body["name"] == "\ud800"
    assert client.send("POST", "/assistants", b'{"\\ud800": 1}').status == 400


@pytest.mark.parametrize("path", ["/threads/runs", "/assistants"])
def test_an_id_of_half_a_character_is_unknown(client: Client, path: str) -> None:
    """A lone surrogate, which JSON can hold and a database can't, names nothing."""
    search = {"file_search": {"vector_store_ids": ["\ud800"]}}
    body = {"model": "gpt-4o", "tool_resources": search}

    reply = client.post(path, {"assistant_id": "\ud800"} if path == "/threads/runs" else body)

    assert reply.status == 404
