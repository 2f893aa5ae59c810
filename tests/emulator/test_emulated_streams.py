"""Streams of events, read as they are written and by the official client."""

import http.client
import json
import threading
import warnings
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import openai
import pytest
from emulator_client import LATE, V2
from talking import CODE, WEATHER, Talk, Talking, path

SCRIPT = """
turns:
  - when: {contains: weather}
    then: [{call: {name: get_weather, arguments: {city: Oslo}}}, {say: "It is ${get_weather}."}]
  - when: {contains: plot}
    then:
      - code:
          input: plot(x)
          logs: done
          files: [{name: a.csv, text: a}]
      - say: {text: "Here: a.csv", annotations: [{mark: a.csv, path: a.csv}]}
  - when: {contains: handbook}
    then: [{search: {results: [{file: a.txt, text: Be kind.}]}}, {say: Be kind.}]
  - when: {contains: limit}
    then: [{say: Half of}, {incomplete: max_completion_tokens}]
  - when: {contains: expire}
    then: [{say: Half of}, {expire: true}]
  - when: {contains: wait}
    then: [{delay: {seconds: 100}}, {say: Done.}]
  - when: {contains: break}
    then: [{code: {input: plot()}}, {fail: {message: Something broke.}}]
"""
RUN = ["thread.run.created", "thread.run.queued", "thread.run.in_progress"]
MESSAGE = [
    *("thread.run.step.created", "thread.run.step.in_progress"),
    *("thread.message.created", "thread.message.in_progress", "thread.message.delta"),
    *("thread.message.completed", "thread.run.step.completed"),
]
END = ["thread.run.completed", "done"]

Event = tuple[str, Any]


@pytest.fixture
def talk(talk_as: Talking) -> Talk:
    """Start an emulator that follows the script."""
    return talk_as(SCRIPT)


def events(body: bytes) -> list[Event]:
    """Read what a stream has written."""
    blocks = [block.split("\n") for block in body.decode().strip().split("\n\n")]
    pairs = [(name.removeprefix("event: "), data.removeprefix("data: ")) for name, data in blocks]
    return [(name, data if data == "[DONE]" else json.loads(data)) for name, data in pairs]


def names(told: list[Event]) -> list[str]:
    """Give the names of events, those that repeat at once only once."""
    every = [name for name, _ in told]
    return [name for before, name in zip([None, *every], every, strict=False) if name != before]


def bodies(told: list[Event], name: str) -> list[Any]:
    """Give the bodies of all events of a name."""
    return [body for each, body in told if each == name]


def begin(talk: Talk, text: str, **fields: Any) -> list[Event]:
    """Stream a run of a new assistant in a new thread."""
    assistant = talk.client.make_assistant(**fields)["id"]
    thread = {"messages": [{"role": "user", "content": text}]}
    body = {"assistant_id": assistant, "thread": thread, "stream": True}
    reply = talk.client.post("/threads/runs", body)
    assert reply.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    return events(reply.body)


def test_a_stream_tells_everything_in_order(talk: Talk) -> None:
    """From the thread to `done`, a message comes token by token."""
    told = begin(talk, "Hi")

    assert names(told) == ["thread.created", *RUN, *MESSAGE, *END]
    assert told[-1] == ("done", "[DONE]")
    assert bodies(told, "thread.created")[0]["tool_resources"] == {
        "code_interpreter": {"file_ids": []}
    }
    deltas = [body["delta"]["content"][0] for body in bodies(told, "thread.message.delta")]
    assert deltas[0] == {"index": 0, "type": "text", "text": {"value": "This", "annotations": []}}
    assert deltas[1] == {"index": 0, "type": "text", "text": {"value": " is"}}
    whole = bodies(told, "thread.message.completed")[0]
    assert whole["content"][0]["text"]["value"] == "".join(each["text"]["value"] for each in deltas)
    assert (whole["status"], whole["incomplete_details"]) == ("completed", None)


def test_streams_show_other_bodies_than_answers(talk: Talk) -> None:
    """A run shows an empty list of files, and a step that is over still expires."""
    told = begin(talk, "Hi")

    (done,) = bodies(told, "thread.run.completed")
    (step,) = bodies(told, "thread.run.step.completed")
    assert done["tool_resources"] == {"code_interpreter": {"file_ids": []}}
    assert (done["expires_at"], step["expires_at"]) == (None, done["created_at"] + 600)
    assert talk.look(done) == {**done, "tool_resources": {}}


def test_a_stream_ends_where_outputs_are_wanted(talk: Talk) -> None:
    """A function is told name first; its outputs begin a stream of their own."""
    told = begin(talk, "weather", tools=[WEATHER])
    (asked,) = bodies(told, "thread.run.requires_action")

    resumed = events(talk.submit(asked, "rain", stream=True).body)

    step = ["thread.run.step.created", "thread.run.step.in_progress", "thread.run.step.delta"]
    assert names(told) == [
        *("thread.created", *RUN, *step),
        *("thread.run.requires_action", "done"),
    ]
    calls = [
        body["delta"]["step_details"]["tool_calls"][0]
        for body in bodies(told, "thread.run.step.delta")
    ]
    opening = {"name": "get_weather", "arguments": "", "output": None}
    call_id = asked["required_action"]["submit_tool_outputs"]["tool_calls"][0]["id"]
    assert calls == [
        {"index": 0, "id": call_id, "type": "function", "function": opening},
        {"index": 0, "type": "function", "function": {"arguments": '{"city": "Oslo"}'}},
    ]
    assert bodies(told, "thread.run.step.created")[0]["step_details"]["tool_calls"] == []
    assert names(resumed) == ["thread.run.step.completed", *RUN[1:], *MESSAGE, *END]
    assert resumed[0][1]["step_details"]["tool_calls"][0]["function"]["output"] == "rain"


def test_code_is_told_bit_by_bit(talk: Talk) -> None:
    """First that there is code, then its tokens, then what came of it."""
    told = begin(talk, "plot", tools=[CODE])

    calls = [
        body["delta"]["step_details"]["tool_calls"][0]["code_interpreter"]
        for body in bodies(told, "thread.run.step.delta")
    ]
    assert calls[0] == {"input": "", "outputs": []}
    assert "".join(call["input"] for call in calls[:-1]) == "plot(x)"
    assert calls[-1] == {"outputs": [{"index": 0, "type": "logs", "logs": "done"}]}


@pytest.mark.parametrize("included", [True, False])
def test_a_stream_shows_what_was_found_if_asked(talk: Talk, included: bool) -> None:
    """`include[]` stands in Azure's document of 2025-03-01-preview, for a new run as for steps."""
    late = talk.client.at(LATE)
    tools = [{"type": "file_search"}]
    assistant = late.make_assistant(tools=tools)["id"]
    attached = [{"file_id": late.make_file(), "tools": tools}]
    message = {"role": "user", "content": "handbook", "attachments": attached}
    runs = f"/threads/{late.make('/threads', {'messages': [message]})['id']}/runs"
    include = "step_details.tool_calls[*].file_search.results[*].content"
    query = {"include[]": include} if included else {}

    reply = late.post(runs, {"assistant_id": assistant, "stream": True}, **query)

    done = bodies(events(reply.body), "thread.run.step.completed")[0]
    (found,) = done["step_details"]["tool_calls"][0]["file_search"]["results"]
    assert ("content" in found) == included


def test_a_failure_is_told_of_step_and_run(talk: Talk) -> None:
    """The step under way fails first, then the run, then nothing more."""
    told = begin(talk, "break", tools=[CODE])

    assert names(told)[-3:] == ["thread.run.step.failed", "thread.run.failed", "done"]
    for _, body in told[-3:-1]:
        assert body["last_error"] == {"code": "server_error", "message": "Something broke."}


@pytest.mark.parametrize(
    ("text", "end", "reason", "content"),
    [("limit", "incomplete", "max_tokens", ["text"]), ("expire", "expired", "run_expired", [])],
)
def test_a_message_cut_off_is_incomplete(
    talk: Talk, text: str, end: str, reason: str, content: list[str]
) -> None:
    """At a limit it keeps what was said, and when its run expires nothing of it is there."""
    told = begin(talk, text)

    (message,) = bodies(told, "thread.message.incomplete")
    assert message["incomplete_details"] == {"reason": reason}
    assert [part["type"] for part in message["content"]] == content
    assert names(told)[-2:] == [f"thread.run.{end}", "done"]


def test_a_stream_is_refused_like_any_request(talk: Talk) -> None:
    """An error comes as JSON with its status, not as an event."""
    reply = talk.client.post("/threads/runs", {"assistant_id": "asst_x", "stream": True})

    assert (reply.status, reply.headers["Content-Type"]) == (404, "application/json")


@pytest.fixture
def sdk(talk: Talk) -> Iterator[openai.AzureOpenAI]:
    """Give the official client, without its warnings of deprecation."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with openai.AzureOpenAI(
            azure_endpoint=talk.client.url, api_key="any", api_version=V2, max_retries=0
        ) as client:
            yield client


def test_the_official_client_streams_a_conversation(sdk: openai.AzureOpenAI) -> None:
    """Its stream helpers put texts, files and function calls together again."""
    tools: Any = [CODE, WEATHER]
    assistant = sdk.beta.assistants.create(model="gpt-4o", tools=tools)
    thread = sdk.beta.threads.create(messages=[{"role": "user", "content": "plot"}])

    with sdk.beta.threads.runs.stream(thread_id=thread.id, assistant_id=assistant.id) as stream:
        text = "".join(stream.text_deltas)
    with sdk.beta.threads.create_and_run_stream(
        assistant_id=assistant.id, thread={"messages": [{"role": "user", "content": "weather"}]}
    ) as stream:
        stream.until_done()
        run = stream.current_run
    assert run is not None
    assert run.required_action is not None
    call = run.required_action.submit_tool_outputs.tool_calls[0]
    with sdk.beta.threads.runs.submit_tool_outputs_stream(
        run_id=run.id,
        thread_id=run.thread_id,
        tool_outputs=[{"tool_call_id": call.id, "output": "rain"}],
    ) as stream:
        (message,) = stream.get_final_messages()

    assert text == "Here: a.csv"
    assert call.function.arguments == '{"city": "Oslo"}'
    part = message.content[0]
    assert part.type == "text"
    assert part.text.value == "It is rain."


def test_the_official_client_polls_a_conversation(sdk: openai.AzureOpenAI) -> None:
    """`create_and_poll` and its kin end where the run does, or waits for outputs."""
    tools: Any = [WEATHER]
    assistant = sdk.beta.assistants.create(model="gpt-4o", tools=tools)
    thread = sdk.beta.threads.create(messages=[{"role": "user", "content": "weather"}])
    often = {"poll_interval_ms": 1}

    asked = sdk.beta.threads.runs.create_and_poll(
        thread_id=thread.id, assistant_id=assistant.id, **often
    )
    assert asked.required_action is not None
    call = asked.required_action.submit_tool_outputs.tool_calls[0]
    done = sdk.beta.threads.runs.submit_tool_outputs_and_poll(
        run_id=asked.id,
        thread_id=thread.id,
        tool_outputs=[{"tool_call_id": call.id, "output": "rain"}],
        **often,
    )

    assert (asked.status, done.status) == ("requires_action", "completed")
    messages = sdk.beta.threads.messages.list(thread.id, run_id=done.id).data
    assert messages[0].content[0].to_dict()["text"] == {"annotations": [], "value": "It is rain."}


def test_a_run_outlives_the_client_that_streamed_it(talk: Talk) -> None:
    """Who hangs up in the middle of a stream finds the run going on by itself."""
    assistant = talk.client.make_assistant()["id"]
    runs = f"/threads/{talk.thread('wait')}/runs"
    connection = http.client.HTTPConnection(urlsplit(talk.client.url).netloc, timeout=30)
    headers = {"api-key": "any", "Content-Type": "application/json"}
    body = json.dumps({"assistant_id": assistant, "stream": True})
    connection.request("POST", f"/openai{runs}?api-version={V2}", body, headers)
    with closing(connection.getresponse()) as response:
        assert response.readline() == b"event: thread.run.created\n"

    connection.close()

    run = talk.client.get(runs).body["data"][0]
    # Until the delay has begun, whoever looks first.
    for _ in range(4):
        assert talk.look(run)["status"] in ("queued", "in_progress")
    talk.clock.now += 100
    assert talk.finish(run)["status"] == "completed"


def test_a_stream_tells_what_others_do(talk: Talk) -> None:
    """A run that is cancelled by another request ends the stream."""
    assistant = talk.client.make_assistant()["id"]
    runs = f"/threads/{talk.thread('wait')}/runs"
    told: list[Event] = []

    def listen() -> None:
        reply = talk.client.post(runs, {"assistant_id": assistant, "stream": True})
        told.extend(events(reply.body))

    listener = threading.Thread(target=listen)
    listener.start()
    while not (listed := talk.client.get(runs).body["data"]):
        pass
    talk.client.make(f"{path(listed[0])}/cancel")
    listener.join(30)

    assert names(told)[-3:] == ["thread.run.cancelling", "thread.run.cancelled", "done"]
