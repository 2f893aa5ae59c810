"""Assistants of v1: `file_ids`, the files sub-resource, and what v1 doesn't know."""

import pytest
from emulator_client import V1, V2, Client

GATEWAY_404 = {"error": {"code": "404", "message": "Resource not found"}}


def test_v1_has_fewer_keys(v1: Client) -> None:
    """No temperature, top_p, tool_resources or response_format, but file_ids."""
    made = v1.make_assistant()

    assert list(made.items())[3:] == [
        ("name", None),
        ("description", None),
        ("model", "gpt-4o"),
        ("instructions", None),
        ("tools", []),
        ("file_ids", []),
        ("metadata", {}),
    ]


@pytest.mark.parametrize("field", ["tool_resources", "temperature", "top_p", "response_format"])
def test_v1_refuses_what_came_with_v2(v1: Client, field: str) -> None:
    """Unknown keys are refused, not ignored."""
    error = v1.post("/assistants", {"model": "m", field: None}).error()

    assert error == {
        "message": f"Unknown parameter: '{field}'.",
        "type": "invalid_request_error",
        "param": field,
        "code": "unknown_parameter",
    }


def test_v1_has_retrieval_and_v2_has_file_search(v1: Client, client: Client) -> None:
    """Each generation knows its own tool."""
    assert v1.make_assistant(tools=[{"type": "retrieval"}])["tools"] == [{"type": "retrieval"}]
    for refusing, tool in ((v1, "file_search"), (client, "retrieval")):
        error = refusing.post("/assistants", {"model": "m", "tools": [{"type": tool}]}).error()
        assert (error["param"], error["code"]) == ("tools[0].type", "invalid_value")


def test_file_ids_are_ordered_by_the_files_age(v1: Client) -> None:
    """However sent, the oldest file comes first."""
    first, second, third = v1.make_file(), v1.make_file(), v1.make_file()

    made = v1.make_assistant(file_ids=[third, first, second])

    assert made["file_ids"] == [first, second, third]


def test_file_ids_are_replaced_whole_and_emptied_explicitly(v1: Client) -> None:
    """Files that an update doesn't list are detached, an omitted list keeps all."""
    first, second = v1.make_file(), v1.make_file()
    path = f"/assistants/{v1.make_assistant(file_ids=[first])['id']}"

    assert v1.make(path, {"name": "n"})["file_ids"] == [first]
    assert v1.make(path, {"file_ids": [second]})["file_ids"] == [second]
    assert v1.make(path, {"file_ids": []})["file_ids"] == []
    assert v1.get(f"/files/{first}").status == 200


def test_at_most_twenty_files(v1: Client) -> None:
    """The twenty-first is refused, by list and by sub-resource."""
    files = [v1.make_file() for _ in range(21)]
    assert v1.post("/assistants", {"model": "m", "file_ids": files}).status == 400
    made = v1.make_assistant(file_ids=files[:20])

    reply = v1.post(f"/assistants/{made['id']}/files", {"file_id": files[20]})

    assert reply.status == 400


def test_instructions_are_shorter_in_v1(v1: Client) -> None:
    """32,768 characters and no more."""
    assert v1.post("/assistants", {"model": "m", "instructions": "i" * 32_768}).status == 200
    assert v1.post("/assistants", {"model": "m", "instructions": "i" * 32_769}).status == 400


def test_the_sub_resource_is_file_ids(v1: Client) -> None:
    """Attaching, listing and detaching by path show in file_ids; detaching keeps the file."""
    first, second = v1.make_file(), v1.make_file()
    made = v1.make_assistant(file_ids=[first])
    path = f"/assistants/{made['id']}/files"

    attached = v1.make(path, {"file_id": second})

    assert attached == v1.get(f"{path}/{second}").body
    assert {**attached, "created_at": 0} == {
        "id": second,
        "object": "assistant.file",
        "created_at": 0,
        "assistant_id": made["id"],
    }
    page = v1.get(path).body
    assert [file["id"] for file in page["data"]] == [second, first]
    assert (page["first_id"], page["last_id"], page["has_more"]) == (second, first, False)
    gone = v1.delete(f"{path}/{first}")
    assert gone.body == {"id": first, "object": "assistant.file.deleted", "deleted": True}
    assert v1.get(f"/assistants/{made['id']}").body["file_ids"] == [second]
    assert v1.get(f"/files/{first}").status == 200
    assert v1.get(f"{path}/{first}").status == v1.delete(f"{path}/{first}").status == 404


def test_attaching_twice_attaches_once(v1: Client) -> None:
    """The second answer is the first."""
    file, made = v1.make_file(), v1.make_assistant()
    path = f"/assistants/{made['id']}/files"

    assert v1.make(path, {"file_id": file}) == v1.make(path, {"file_id": file})
    assert v1.get(f"/assistants/{made['id']}").body["file_ids"] == [file]


def test_attaching_an_unknown_file_is_refused(v1: Client) -> None:
    """The answer names the file; an unknown assistant is named as well."""
    path = f"/assistants/{v1.make_assistant()['id']}/files"

    unknown = v1.post(path, {"file_id": "assistant-x"})
    nobody = v1.post("/assistants/asst_x/files", {"file_id": "assistant-x"})

    assert (unknown.status, nobody.status) == (404, 404)
    assert unknown.error()["message"] == "Files [assistant-x] were not found"
    assert nobody.error()["message"] == "No assistant found with id 'asst_x'."


def test_v2_has_no_sub_resource(client: Client, v1: Client) -> None:
    """Under v2 the path is unknown to the gateway, even of an assistant that exists."""
    file = v1.make_file()
    path = f"/assistants/{v1.make_assistant(file_ids=[file])['id']}/files"

    for reply in (
        client.get(path),
        client.post(path, {"file_id": file}),
        client.get(f"{path}/{file}"),
        client.delete(f"{path}/{file}"),
    ):
        assert (reply.status, reply.body) == (404, GATEWAY_404)


def test_v1_has_no_vector_stores(v1: Client) -> None:
    """Under v1 the path is unknown to the gateway."""
    for reply in (v1.get("/vector_stores"), v1.post("/vector_stores"), v1.get("/vector_stores/x")):
        assert (reply.status, reply.body) == (404, GATEWAY_404)


def test_one_assistant_is_seen_by_both_generations(v1: Client, client: Client) -> None:
    """The files are the same list under two names, and the search tool has two names."""
    file = v1.make_file()
    tools = [{"type": "code_interpreter"}, {"type": "retrieval"}]
    made = v1.make_assistant(file_ids=[file], tools=tools)
    path = f"/assistants/{made['id']}"

    seen = client.get(path).body

    assert seen["tools"] == [{"type": "code_interpreter"}, {"type": "file_search"}]
    assert seen["tool_resources"]["code_interpreter"] == {"file_ids": [file]}
    client.make(path, {"tool_resources": {"code_interpreter": {"file_ids": []}}})
    assert v1.get(path).body == {**made, "file_ids": []}


@pytest.mark.parametrize("beta", ["assistants=v1", "assistants=v2", "nonsense"])
def test_the_beta_header_is_ignored(shared_url: str, beta: str) -> None:
    """The api-version alone decides."""
    headers = {"api-key": "any", "OpenAI-Beta": beta}

    assert "file_ids" in Client(shared_url, V1, headers).make_assistant()
    assert "tool_resources" in Client(shared_url, V2, headers).make_assistant()
