"""Threads and their messages."""

from typing import Any

import pytest
from emulator_client import LATE, V1, Client

MISSING = {"type": "invalid_request_error", "param": None, "code": None}


def parts(*texts: str) -> list[dict[str, Any]]:
    """Give the content of a message that has these texts."""
    return [{"type": "text", "text": {"value": text, "annotations": []}} for text in texts]


@pytest.mark.parametrize("body", [None, {}, {"messages": []}])
def test_a_thread_needs_nothing(client: Client, body: Any) -> None:
    """A thread is made of no body, an empty one, and one without messages."""
    made = client.make("/threads", body)

    assert made["id"].startswith("thread_")
    assert len(made["id"]) == len("thread_") + 24
    assert list(made) == ["id", "object", "created_at", "metadata", "tool_resources"]
    assert made["tool_resources"] == {}


def test_get_shows_another_emptiness_than_post(client: Client) -> None:
    """What POST answers as `{}` a GET shows with an empty list of files; an update with `{}`."""
    made = client.make("/threads")
    path = f"/threads/{made['id']}"

    assert client.get(path).body == {
        **made,
        "tool_resources": {"code_interpreter": {"file_ids": []}},
    }
    assert client.make(path, {"metadata": {"a": "b"}}) == {**made, "metadata": {"a": "b"}}


def test_v1_threads_have_no_resources(v1: Client) -> None:
    """v1 shows neither resources, nor takes any."""
    made = v1.make("/threads", {"metadata": {"a": "b"}})

    assert list(made) == ["id", "object", "created_at", "metadata"]
    assert v1.get(f"/threads/{made['id']}").body == made
    assert v1.post("/threads", {"tool_resources": {}}).error()["code"] == "unknown_parameter"


def test_an_unknown_thread_is_named(client: Client) -> None:
    """Every path below a thread that isn't there answers the recorded 404."""
    path = "/threads/thread_x"

    for reply in (
        *(client.get(path), client.post(path, {}), client.delete(path)),
        client.get(f"{path}/messages"),
        client.post(f"{path}/messages", {"role": "user", "content": "a"}),
        client.get(f"{path}/runs"),
        client.post(f"{path}/runs", {"assistant_id": "asst_x"}),
        client.get(f"{path}/runs/run_x/steps"),
    ):
        assert reply.status == 404
        assert reply.error() == {"message": "No thread found with id 'thread_x'.", **MISSING}


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("messages/msg_x", "No message found with id 'msg_x'."),
        ("runs/run_x", "No run found with id 'run_x'."),
    ],
)
def test_unknown_objects_of_a_thread_are_named(client: Client, path: str, message: str) -> None:
    """A message or a run that isn't in this thread is a 404."""
    thread = client.make("/threads")["id"]

    reply = client.get(f"/threads/{thread}/{path}")

    assert (reply.status, reply.error()["message"]) == (404, message)


def test_a_deleted_thread_takes_all_along(client: Client) -> None:
    """Nothing of a thread can be had once it is deleted."""
    thread = client.make("/threads", {"messages": [{"role": "user", "content": "a"}]})["id"]
    message = client.get(f"/threads/{thread}/messages").body["data"][0]["id"]

    deleted = client.delete(f"/threads/{thread}").body

    assert deleted == {"id": thread, "object": "thread.deleted", "deleted": True}
    assert client.get(f"/threads/{thread}/messages/{message}").status == 404


def test_a_message_of_v2(client: Client) -> None:
    """A text becomes a part, and there is no status in an answer."""
    thread = client.make("/threads")["id"]

    made = client.make(f"/threads/{thread}/messages", {"role": "user", "content": "Hi"})

    assert list({**made, "id": "", "created_at": 0}.items()) == [
        ("id", ""),
        ("object", "thread.message"),
        ("created_at", 0),
        ("assistant_id", None),
        ("thread_id", thread),
        ("run_id", None),
        ("role", "user"),
        ("content", parts("Hi")),
        ("attachments", []),
        ("metadata", {}),
    ]


def test_a_message_of_v1(v1: Client) -> None:
    """v1 has files in place of attachments, and lists them below the message."""
    thread, file = v1.make("/threads")["id"], v1.make_file()
    body = {"role": "user", "content": "Hi", "file_ids": [file]}

    made = v1.make(f"/threads/{thread}/messages", body)

    assert list(made)[3:] == [
        *("thread_id", "role", "content", "file_ids", "assistant_id", "run_id", "metadata")
    ]
    assert made["file_ids"] == [file]
    path = f"/threads/{thread}/messages/{made['id']}/files"
    shown = {"id": file, "object": "thread.message.file", "created_at": made["created_at"]}
    shown["message_id"] = made["id"]
    assert v1.get(path).body["data"] == [shown]
    assert v1.get(f"{path}/{file}").body == shown
    assert v1.get(f"{path}/assistant-x").status == 404
    assert v1.at(LATE).get(path).error() == {"code": "404", "message": "Resource not found"}


def test_a_file_named_twice_is_attached_once(v1: Client) -> None:
    """Whoever pages through a message's files by their ids comes to an end."""
    thread, file, other = v1.make("/threads")["id"], v1.make_file(), v1.make_file()
    messages = f"/threads/{thread}/messages"
    body = {"role": "user", "content": "Hi", "file_ids": [file, other, file]}

    made = v1.make(messages, body)

    assert made["file_ids"] == [file, other]
    files = f"{messages}/{made['id']}/files"
    assert v1.get(files, limit=1).body["last_id"] == other
    rest = v1.get(files, limit=1, after=other).body
    assert (rest["last_id"], rest["has_more"]) == (file, False)


def test_parts_are_kept_in_order(client: Client) -> None:
    """An array of texts and images comes back as it was, with the detail that was left out."""
    image = {"url": "https://example.com/a.png"}
    content = [
        {"type": "text", "text": "one"},
        {"type": "image_url", "image_url": image},
        {"type": "text", "text": "two"},
    ]
    thread = client.make("/threads", {"messages": [{"role": "user", "content": content}]})["id"]

    shown = client.get(f"/threads/{thread}/messages").body["data"][0]["content"]

    shown_image = {"type": "image_url", "image_url": {**image, "detail": "auto"}}
    assert shown == [*parts("one"), shown_image, *parts("two")]


def test_an_update_of_a_message_answers_in_v1s_words(client: Client) -> None:
    """The answer to an update has `file_ids`, and no `attachments`; a GET has them again."""
    thread = client.make("/threads")["id"]
    path = f"/threads/{thread}/messages"
    made = client.make(path, {"role": "user", "content": "Hi"})

    changed = client.make(f"{path}/{made['id']}", {"metadata": {"a": "b"}})

    rest = {name: made[name] for name in made if name != "attachments"}
    assert changed == {**rest, "metadata": {"a": "b"}, "file_ids": []}
    assert client.get(f"{path}/{made['id']}").body == {**made, "metadata": {"a": "b"}}


def test_messages_are_listed_newest_first(client: Client) -> None:
    """Messages of one second keep their order, and are paged by `after` and `before`."""
    thread = client.make("/threads")["id"]
    path = f"/threads/{thread}/messages"
    ids = [client.make(path, {"role": "user", "content": text})["id"] for text in "abc"]

    def listed(**query: Any) -> list[str]:
        return [each["id"] for each in client.get(path, **query).body["data"]]

    assert listed() == ids[::-1]
    assert listed(order="asc") == ids
    assert listed(limit=1) == ids[2:]
    assert listed(after=ids[2], limit=1) == [ids[1]]
    assert listed(before=ids[1], limit=1) == [ids[2]]
    assert client.get(path, limit=1).body["has_more"]


def test_only_v2_deletes_messages(client: Client) -> None:
    """A deleted message is gone; v1 has no such route."""
    thread = client.make("/threads", {"messages": [{"role": "user", "content": "a"}]})["id"]
    path = f"/threads/{thread}/messages"
    message = client.get(path).body["data"][0]["id"]
    assert client.at(V1).delete(f"{path}/{message}").error()["message"] == "Resource not found"

    deleted = client.delete(f"{path}/{message}").body

    assert deleted == {"id": message, "object": "thread.message.deleted", "deleted": True}
    assert client.get(path).body["data"] == []


def test_attachments_are_lent_to_the_thread(client: Client) -> None:
    """A file is for code, for search, or both; the store made for it expires after a week."""
    file, thread = client.make_file(), client.make("/threads")["id"]
    tools = [{"type": "code_interpreter"}, {"type": "file_search"}]
    attachments = [{"file_id": file, "tools": tools}]

    body = {"role": "user", "content": "a", "attachments": attachments}
    made = client.make(f"/threads/{thread}/messages", body)

    assert made["attachments"] == attachments
    resources = client.get(f"/threads/{thread}").body["tool_resources"]
    (store,) = resources["file_search"]["vector_store_ids"]
    assert resources["code_interpreter"]["file_ids"] == [file]
    shown = client.get(f"/vector_stores/{store}").body
    assert shown["expires_after"] == {"anchor": "last_active_at", "days": 7}
    assert client.get(f"/vector_stores/{store}/files").body["data"][0]["id"] == file


def test_a_thread_gets_a_store_of_its_own(client: Client) -> None:
    """An inline store is made, and an update points to another or to none."""
    inline = {"file_search": {"vector_stores": [{"file_ids": []}]}}
    made = client.make("/threads", {"tool_resources": inline})
    other = client.make("/vector_stores")["id"]
    path = f"/threads/{made['id']}"

    (store,) = made["tool_resources"]["file_search"]["vector_store_ids"]
    pointed = {"file_search": {"vector_store_ids": [other]}}
    changed = client.make(path, {"tool_resources": pointed})
    emptied = client.make(path, {"tool_resources": {"file_search": {"vector_store_ids": []}}})

    assert client.get(f"/vector_stores/{store}").status == 200
    assert (changed["tool_resources"], emptied["tool_resources"]) == (pointed, {})


REFUSED = [
    ({"content": "a"}, "role", "missing_required_parameter"),
    ({"role": "user"}, "content", "missing_required_parameter"),
    ({"role": "system", "content": "a"}, "role", "invalid_value"),
    ({"role": "user", "content": ""}, "content", "empty_string"),
    ({"role": "user", "content": []}, "content", "empty_array"),
    ({"role": "user", "content": 1}, "content", "invalid_type"),
    ({"role": "user", "content": [{"type": "a"}]}, "content[0].type", "invalid_value"),
    ({"role": "user", "content": "a", "file_ids": []}, "file_ids", "unknown_parameter"),
    (
        {"role": "user", "content": "a", "attachments": [{"file_id": "f", "tools": []}]},
        *("attachments[0].tools", "empty_array"),
    ),
    ({"role": "user", "content": "a", "metadata": {"m": True}}, "metadata.m", "invalid_type"),
]


@pytest.mark.parametrize(("body", "param", "code"), REFUSED)
def test_what_a_message_may_not_be(client: Client, body: Any, param: str, code: str) -> None:
    """A message that breaks a rule is refused with the place of it, alone and with a thread."""
    thread = client.make("/threads")["id"]

    alone = client.post(f"/threads/{thread}/messages", body).error()
    within = client.post("/threads", {"messages": [body]}).error()

    assert (alone["param"], alone["code"]) == (param, code)
    assert (within["param"], within["code"]) == (f"messages[0].{param}", code)


def test_files_that_are_not_there_make_no_thread(client: Client) -> None:
    """A message that names an unknown file is a 404, and nothing of it is kept."""
    thread = client.make("/threads")["id"]
    attachment = {"file_id": "assistant-x", "tools": [{"type": "code_interpreter"}]}
    body = {"role": "user", "content": "a", "attachments": [attachment]}

    reply = client.post(f"/threads/{thread}/messages", body)

    assert (reply.status, reply.error()["message"]) == (404, "Files [assistant-x] were not found")
    assert client.get(f"/threads/{thread}/messages").body["data"] == []
