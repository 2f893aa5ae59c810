"""What messages and runs lend to a thread, and the vector stores that take it in."""

import json
from typing import Any

import pytest
from talking import Talk, Talking

WEEK = 7 * 86_400


@pytest.fixture
def talk(talk_as: Talking) -> Talk:
    """Start an emulator whose clock stands still."""
    return talk_as()


def store_of(talk: Talk, thread: str) -> dict[str, Any]:
    """Give the vector store of a thread."""
    resources = talk.client.get(f"/threads/{thread}").body["tool_resources"]
    (store_id,) = resources["file_search"]["vector_store_ids"]
    return talk.client.get(f"/vector_stores/{store_id}").body


def attachment(talk: Talk) -> dict[str, Any]:
    """Make a message that brings a file to search."""
    file = {"file_id": talk.client.make_file(), "tools": [{"type": "file_search"}]}
    return {"role": "user", "content": "a", "attachments": [file]}


def test_a_file_for_a_store_that_was_deleted_is_refused(talk: Talk) -> None:
    """The thread goes on naming its store: the recorded 404 says which, and no message is added."""
    store = talk.client.make("/vector_stores")["id"]
    thread = talk.thread(tool_resources={"file_search": {"vector_store_ids": [store]}})
    talk.client.delete(f"/vector_stores/{store}")
    messages = f"/threads/{thread}/messages"

    reply = talk.client.post(messages, attachment(talk))

    assert (reply.status, reply.error()["message"]) == (
        *(404, f"No vector store found with id '{store}'."),
    )
    assert talk.client.get(messages).body["data"] == []


def test_a_file_for_a_store_that_has_expired_is_refused(talk: Talk) -> None:
    """As a file attached to such a store by itself (Azure's page: it must be made anew)."""
    thread = talk.thread()
    messages = f"/threads/{thread}/messages"
    talk.client.make(messages, attachment(talk))
    talk.clock.now += WEEK

    error = talk.client.post(messages, attachment(talk)).error()

    assert error["message"] == f"Vector store {store_of(talk, thread)['id']} is expired."


def test_a_file_keeps_the_threads_store_alive(talk: Talk) -> None:
    """A store made for a thread expires a week after its last use (Azure's page)."""
    thread = talk.thread()
    messages = f"/threads/{thread}/messages"
    talk.client.make(messages, attachment(talk))
    talk.clock.now += WEEK - 1

    talk.client.make(messages, attachment(talk))

    store = store_of(talk, thread)
    assert store["file_counts"]["total"] == 2
    assert store["expires_at"] == int(talk.clock.now) + WEEK


def test_a_stream_tells_the_thread_with_what_its_run_brings(talk: Talk) -> None:
    """`thread.created` shows the resources that a GET shows from then on."""
    store = talk.client.make("/vector_stores")["id"]
    resources = {"file_search": {"vector_store_ids": [store]}}
    body = {"assistant_id": talk.client.make_assistant(instructions="Greet.")["id"]}

    told = talk.client.post("/threads/runs", {**body, "tool_resources": resources, "stream": True})

    created = json.loads(told.body.split(b"\n")[1].removeprefix(b"data: "))
    assert created["tool_resources"] == resources
    assert created == talk.client.get(f"/threads/{created['id']}").body
