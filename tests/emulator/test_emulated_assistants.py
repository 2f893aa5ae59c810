"""Assistants of v2: defaults, echoes and what an update merges."""

from typing import Any

import pytest
from emulator_client import Client

CODE = {"type": "code_interpreter"}
SEARCH = {"type": "file_search"}
WEATHER = {"type": "function", "function": {"name": "get_weather"}}


def test_defaults_are_filled_in_and_echoed(client: Client) -> None:
    """What isn't sent comes back as the service's defaults, in the recorded order of keys."""
    made = client.make_assistant()

    assert made["id"].startswith("asst_")
    assert len(made["id"]) == len("asst_") + 24
    assert isinstance(made["created_at"], int)
    assert list(made.items())[3:] == [
        ("name", None),
        ("description", None),
        ("model", "gpt-4o"),
        ("instructions", None),
        ("tools", []),
        ("top_p", 1.0),
        ("temperature", 1.0),
        ("tool_resources", {}),
        ("metadata", {}),
        ("response_format", "auto"),
    ]


@pytest.mark.parametrize(
    ("tools", "shown"),
    [
        ([], {}),
        ([WEATHER], {}),
        ([CODE], {"code_interpreter": {"file_ids": []}}),
        ([SEARCH], {"file_search": {"vector_store_ids": []}, "code_interpreter": {"file_ids": []}}),
    ],
)
def test_tool_resources_follow_the_tools(
    client: Client, tools: list[Any], shown: dict[str, Any]
) -> None:
    """Each tool brings its empty resources, and file_search without a store brings two."""
    assert client.make_assistant(tools=tools)["tool_resources"] == shown


def test_a_store_is_shown_without_the_code_interpreter(client: Client) -> None:
    """With a store attached, file_search stands alone."""
    store = client.make("/vector_stores")["id"]
    resources = {"file_search": {"vector_store_ids": [store]}}

    made = client.make_assistant(tools=[SEARCH], tool_resources=resources)

    assert made["tool_resources"] == resources


def test_a_function_of_2024_has_no_strict(client: Client) -> None:
    """A missing description comes back as null; `strict` isn't shown before 2025."""
    made = client.make_assistant(tools=[WEATHER])

    assert made["tools"][0]["function"] == {
        "name": "get_weather",
        "description": None,
        "parameters": {"type": "object", "properties": {}},
    }


def test_a_function_of_2025_has_strict(late: Client) -> None:
    """From 2025 on a function says `strict: false` and gets empty parameters."""
    made = late.make_assistant(tools=[WEATHER])

    assert list(made["tools"][0]["function"].items()) == [
        ("name", "get_weather"),
        ("description", None),
        ("parameters", {"type": "object", "properties": {}}),
        ("strict", False),
    ]


def test_instructions_come_back_byte_for_byte(client: Client) -> None:
    """Nothing is trimmed or normalised, whatever the text holds."""
    text = "\n  Zeichne e\u0301 \U0001f600 \u2028 \x00\t"
    made = client.make_assistant(instructions=text)

    assert made["instructions"] == text
    assert client.get(f"/assistants/{made['id']}").body == made


def test_numbers_come_back_as_decimals(client: Client) -> None:
    """A temperature of 0 is 0.0."""
    made = client.make_assistant(temperature=0, top_p=1)

    assert repr((made["temperature"], made["top_p"])) == "(0.0, 1.0)"


def test_an_update_leaves_omitted_fields_alone(client: Client) -> None:
    """Only what is sent changes."""
    made = client.make_assistant(name="a", instructions="b", tools=[CODE], metadata={"k": "v"})

    changed = client.make(f"/assistants/{made['id']}", {"name": "c"})

    assert changed == {**made, "name": "c"}


def test_an_empty_update_changes_nothing(client: Client) -> None:
    """POST without a body is fine, and does nothing."""
    made = client.make_assistant(name="a")

    assert client.post(f"/assistants/{made['id']}").body == made


def test_null_clears(client: Client) -> None:
    """Null takes a nullable field back to its default."""
    fields = {"name": "a", "description": "b", "instructions": "c", "metadata": {"k": "v"}}
    numbers = {"temperature": 0.1, "top_p": 0.2, "response_format": {"type": "json_object"}}
    made = client.make_assistant(**fields, **numbers)

    cleared = client.make(f"/assistants/{made['id']}", dict.fromkeys({**fields, **numbers}))

    plain = client.make_assistant()
    assert {**cleared, "id": "", "created_at": 0} == {**plain, "id": "", "created_at": 0}


def test_lists_and_metadata_are_replaced_whole(client: Client) -> None:
    """Tools and metadata aren't merged with what was there."""
    made = client.make_assistant(tools=[CODE, WEATHER], metadata={"a": "1", "b": "2"})

    changed = client.make(f"/assistants/{made['id']}", {"tools": [SEARCH], "metadata": {"c": "3"}})

    assert changed["tools"] == [SEARCH]
    assert changed["metadata"] == {"c": "3"}


def test_resources_left_out_stay(client: Client) -> None:
    """Naming one tool's resources leaves the other's; an empty list detaches."""
    file, store = client.make_file(), client.make("/vector_stores")["id"]
    code = {"code_interpreter": {"file_ids": [file]}}
    search = {"file_search": {"vector_store_ids": [store]}}
    made = client.make_assistant(tools=[CODE, SEARCH], tool_resources={**code, **search})
    path = f"/assistants/{made['id']}"
    assert made["tool_resources"] == {**search, **code}

    kept = client.make(path, {"tool_resources": code})
    emptied = client.make(path, {"tool_resources": {"file_search": {"vector_store_ids": []}}})

    assert kept["tool_resources"] == {**search, **code}
    assert emptied["tool_resources"] == {"file_search": {"vector_store_ids": []}, **code}


def test_the_model_may_be_changed(client: Client) -> None:
    """`model` is updated like any field."""
    made = client.make_assistant()

    assert client.make(f"/assistants/{made['id']}", {"model": "other"})["model"] == "other"


def test_names_are_not_unique(client: Client) -> None:
    """Two assistants may be called alike."""
    assert client.make_assistant(name="twin")["id"] != client.make_assistant(name="twin")["id"]


def test_deleting_an_assistant_leaves_what_it_used(client: Client) -> None:
    """Files and stores outlive the assistant, which then is a 404 that names it."""
    file, store = client.make_file(), client.make("/vector_stores")["id"]
    resources = {
        "code_interpreter": {"file_ids": [file]},
        "file_search": {"vector_store_ids": [store]},
    }
    made = client.make_assistant(tools=[CODE, SEARCH], tool_resources=resources)
    path = f"/assistants/{made['id']}"

    deleted = client.delete(path)

    body = {"id": made["id"], "object": "assistant.deleted", "deleted": True}
    assert (deleted.status, deleted.body) == (200, body)
    assert client.get(f"/files/{file}").status == 200
    assert client.get(f"/vector_stores/{store}").status == 200
    for gone in (client.get(path), client.delete(path), client.post(path, {"name": "x"})):
        assert gone.status == 404
        assert gone.body == {
            "error": {
                "message": f"No assistant found with id '{made['id']}'.",
                "type": "invalid_request_error",
                "param": None,
                "code": None,
            }
        }


def test_an_inline_store_becomes_a_store_of_its_own(client: Client) -> None:
    """The helper is write-only: a new store is made, filled and named in the answer."""
    file = client.make_file()
    inline = {"file_search": {"vector_stores": [{"file_ids": [file], "metadata": {"a": "b"}}]}}

    made = client.make_assistant(tools=[SEARCH], tool_resources=inline)

    (store,) = made["tool_resources"]["file_search"]["vector_store_ids"]
    found = client.get(f"/vector_stores/{store}").body
    assert found["status"] == "completed"
    assert found["file_counts"]["completed"] == 1
    assert (found["name"], found["metadata"]) == (None, {"a": "b"})


def test_inline_stores_are_for_create_only(client: Client) -> None:
    """An update doesn't know the helper."""
    made = client.make_assistant()
    body = {"tool_resources": {"file_search": {"vector_stores": []}}}

    error = client.post(f"/assistants/{made['id']}", body).error()

    assert error["message"] == "Unknown parameter: 'tool_resources.file_search.vector_stores'."


@pytest.mark.parametrize(
    "given", [{"type": "json_object"}, {"type": "text"}, "none", "auto"], ids=str
)
def test_response_formats_come_back_as_sent(client: Client, given: Any) -> None:
    """The first v2 knows four."""
    assert client.make_assistant(response_format=given)["response_format"] == given


def test_json_schemas_came_later(client: Client, late: Client) -> None:
    """`json_schema` is refused by the first v2, and "none" by the late ones."""
    schema = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}}}

    assert late.make_assistant(response_format=schema)["response_format"] == schema
    assert client.post("/assistants", {"model": "m", "response_format": schema}).status == 400
    assert late.post("/assistants", {"model": "m", "response_format": "none"}).status == 400


def test_file_search_settings_came_later(client: Client) -> None:
    """`max_num_results` is unknown before 2024-07-01-preview."""
    tool = {"type": "file_search", "file_search": {"max_num_results": 8}}
    body = {"model": "m", "tools": [tool]}

    assert client.post("/assistants", body).error()["param"] == "tools[0].file_search"
    made = client.at("2024-07-01-preview").make("/assistants", body)
    assert made["tools"] == [tool]


def test_strict_came_later(client: Client) -> None:
    """`strict` is unknown before 2024-08-01-preview and shown from 2025 on."""
    tool = {"type": "function", "function": {"name": "f", "strict": True}}
    body = {"model": "m", "tools": [tool]}

    assert client.post("/assistants", body).error()["param"] == "tools[0].function.strict"
    made = client.at("2025-01-01-preview").make("/assistants", body)
    assert made["tools"][0]["function"]["strict"] is True
