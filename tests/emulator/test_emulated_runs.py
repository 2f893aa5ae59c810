"""Runs: how they go on, end and are refused; time passes only when a test says so."""

from typing import Any

import pytest
from emulator_client import LATE, V1
from talking import CODE, WEATHER, Talk, Talking, path

SCRIPT = """
turns:
  - when: {contains: weather}
    then: [{call: {name: get_weather}}, {say: "It is ${get_weather}."}]
  - when: {contains: fail}
    then: [{say: Half of}, {fail: {code: server_error, message: Something broke.}}]
  - when: {contains: slow}
    then: [{delay: {seconds: 100}}, {say: Done.}]
  - when: {contains: patient}
    then: [{delay: {polls: 3}}, {say: Done.}]
  - when: {contains: never}
    then: [{delay: {seconds: 601}}, {say: Done.}]
  - when: {contains: expire}
    then: [{expire: true}]
  - when: {contains: limit}
    then: [{say: Half of}, {incomplete: max_prompt_tokens}]
"""


@pytest.fixture
def talk(talk_as: Talking) -> Talk:
    """Start an emulator that follows the script."""
    return talk_as(SCRIPT)


def test_a_run_of_v2(talk: Talk) -> None:
    """A run is queued, expires in ten minutes, and shows what was left to the service."""
    made = talk.start("Hi")

    thread, assistant, now = made["thread_id"], made["assistant_id"], int(talk.clock.now)
    assert list({**made, "id": ""}.items()) == [
        ("id", ""),
        ("object", "thread.run"),
        ("created_at", now),
        ("assistant_id", assistant),
        ("thread_id", thread),
        ("status", "queued"),
        ("started_at", None),
        ("expires_at", now + 600),
        ("cancelled_at", None),
        ("failed_at", None),
        ("completed_at", None),
        ("required_action", None),
        ("last_error", None),
        ("model", "gpt-4o"),
        ("instructions", None),
        ("tools", []),
        ("tool_resources", {}),
        ("metadata", {}),
        ("temperature", 1.0),
        ("top_p", 1.0),
        ("max_completion_tokens", None),
        ("max_prompt_tokens", None),
        ("truncation_strategy", {"type": "auto", "last_messages": None}),
        ("incomplete_details", None),
        ("usage", None),
        ("response_format", "auto"),
        ("tool_choice", "auto"),
        ("parallel_tool_calls", True),
    ]


def test_a_run_of_v1(talk: Talk) -> None:
    """v1 has the assistant's files, no usage, and an action only while one is required."""
    v1 = talk.at(V1)
    file = v1.client.make_file()
    made = v1.start("weather", tools=[WEATHER], file_ids=[file])

    asked = v1.finish(made)

    assert list(made)[11:] == [
        "last_error",
        "model",
        "instructions",
        "tools",
        "file_ids",
        "metadata",
    ]
    assert made["file_ids"] == [file]
    assert list(asked) == [*made, "required_action"]
    assert list(v1.submit(asked, "wet").body) == list(made)


def test_whoever_looks_sees_every_stage(talk: Talk) -> None:
    """However fast a client polls: queued, in progress with and without a step, completed."""
    run = talk.start("Hi")

    seen = [(talk.look(run)["status"]) for _ in range(4)]

    assert seen == ["queued", "in_progress", "in_progress", "completed"]


def test_nobody_has_to_look(talk: Talk) -> None:
    """Time alone brings a run to its end, and each of its times is that at which it was due."""
    run = talk.start("Hi")
    talk.clock.now += 60

    done = talk.look(run)

    assert done["status"] == "completed"
    assert done["expires_at"] is None
    assert done["created_at"] <= done["started_at"] <= done["completed_at"]
    assert done["completed_at"] <= done["created_at"] + 2
    assert talk.answer(run) == "This is the emulator, not a model. You said: Hi"


def test_usage_is_the_sum_of_the_steps(talk: Talk) -> None:
    """A run tells its tokens once it is over, from 2025 on with a member more."""
    run = talk.ask("Hi")

    (step,) = talk.steps(run)
    assert run["usage"] == step["usage"]
    assert run["usage"]["total_tokens"] == (
        run["usage"]["prompt_tokens"] + run["usage"]["completion_tokens"]
    )
    late = talk.at(LATE).look(run)["usage"]
    assert late == {**run["usage"], "prompt_token_details": {"cached_tokens": 0}}


def test_a_thread_is_locked_while_a_run_is_active(talk: Talk) -> None:
    """Neither messages nor runs are taken meanwhile; afterwards both are."""
    run = talk.start("Hi")
    thread, message = run["thread_id"], {"role": "user", "content": "a"}
    runs, body = f"/threads/{thread}/runs", {"assistant_id": run["assistant_id"]}

    refused = talk.client.post(f"/threads/{thread}/messages", message).error()
    second = talk.client.post(runs, body).error()

    assert refused["message"] == (
        f"Can't add messages to {thread} while a run {run['id']} is active."
    )
    assert second["message"] == f"Thread {thread} already has an active run {run['id']}."
    talk.finish(run)
    assert talk.client.post(f"/threads/{thread}/messages", message).status == 200
    assert talk.client.post(runs, body).status == 200


def test_deleting_is_allowed_while_a_run_is_active(talk: Talk) -> None:
    """Message, assistant and thread go at once, as recorded."""
    run = talk.start("Hi")
    thread, message = f"/threads/{run['thread_id']}", talk.messages(run)[0]["id"]

    for gone in (f"{thread}/messages/{message}", f"/assistants/{run['assistant_id']}", thread):
        assert talk.client.delete(gone).status == 200
    assert talk.client.get(path(run)).status == 404


@pytest.mark.parametrize("ending", ["cancel", "go on"])
def test_a_run_outlives_the_message_that_it_writes(talk: Talk, ending: str) -> None:
    """Deleted under the run's hands, the message stays away, and the thread is not locked."""
    run = talk.start("Hi")
    while not talk.steps(run):
        pass
    messages = f"/threads/{run['thread_id']}/messages"
    talk.client.delete(f"{messages}/{talk.messages(run)[0]['id']}")

    if ending == "cancel":
        talk.client.make(f"{path(run)}/cancel")
    done = talk.finish(run)

    assert done["status"] == ("cancelled" if ending == "cancel" else "completed")
    assert [each["role"] for each in talk.messages(run)] == ["user"]
    assert talk.client.post(messages, {"role": "user", "content": "a"}).status == 200


def test_cancelling_takes_a_moment(talk: Talk) -> None:
    """A run is cancelling in the answer and cancelled later, with its step and its message."""
    run = talk.start("Hi")
    while not talk.steps(run):
        pass

    cancelling = talk.client.make(f"{path(run)}/cancel")
    cancelled = talk.finish(run)

    assert cancelling["status"] == "cancelling"
    assert (cancelled["status"], cancelled["expires_at"]) == ("cancelled", None)
    assert cancelled["cancelled_at"] == int(talk.clock.now)
    assert cancelled["started_at"] is not None
    (step,) = talk.steps(run)
    assert (step["status"], step["cancelled_at"]) == ("cancelled", int(talk.clock.now))
    refused = talk.client.post(f"{path(run)}/cancel").error()
    assert refused["message"] == "Cannot cancel run with status 'cancelled'."


@pytest.mark.parametrize("version", [V1, LATE])
def test_outputs_that_never_come_let_a_run_expire(talk: Talk, version: str) -> None:
    """Ten minutes after its creation a run that waits is expired, and takes no outputs."""
    talk = talk.at(version)
    run = talk.ask("weather", tools=[WEATHER])
    talk.clock.now += 599
    assert talk.look(run)["status"] == "requires_action"

    talk.clock.now += 1

    expired = talk.look(run)
    assert (expired["status"], expired["expires_at"]) == ("expired", None)
    assert talk.steps(run)[0]["status"] == "expired"
    refused = talk.submit(run, "wet").error()
    assert refused["message"] == 'Runs in status "expired" do not accept tool outputs.'
    message = {"role": "user", "content": "a"}
    assert talk.client.post(f"/threads/{run['thread_id']}/messages", message).status == 200


def test_a_run_that_takes_too_long_expires(talk: Talk) -> None:
    """What would be done only after ten minutes is not done at all."""
    run = talk.start("never")
    talk.clock.now += 700

    assert talk.look(run)["status"] == "expired"


@pytest.mark.parametrize(
    ("text", "status", "reason"),
    [("expire", "expired", None), ("limit", "incomplete", "max_prompt_tokens")],
)
def test_a_transcript_can_end_a_run(talk: Talk, text: str, status: str, reason: str | None) -> None:
    """`expire` and `incomplete` end it as the service would."""
    run = talk.ask(text)

    assert run["status"] == status
    assert run["incomplete_details"] == (reason and {"reason": reason})


def test_a_failure_says_why(talk: Talk) -> None:
    """A run that fails has a last_error, and so has the step that was under way."""
    run = talk.ask("fail")

    error = {"code": "server_error", "message": "Something broke."}
    assert (run["status"], run["last_error"]) == ("failed", error)
    assert run["failed_at"] == int(talk.clock.now)
    (step,) = talk.steps(run)
    assert (step["status"], step["last_error"]) == ("failed", error)
    assert run["usage"] == step["usage"]


def test_a_delay_is_waited_for(talk: Talk) -> None:
    """A delay by the clock doesn't end by looks, one by looks not by the clock."""
    slow, patient = talk.start("slow"), talk.start("patient")
    for _ in range(20):
        assert talk.look(slow)["status"] in ("queued", "in_progress")
    talk.clock.now += 100
    assert talk.finish(slow)["status"] == "completed"

    looks = [talk.look(patient)["status"] for _ in range(4)]

    assert looks == ["in_progress"] * 4
    assert talk.finish(patient)["status"] == "completed"


def test_a_run_overrides_its_assistant(talk: Talk) -> None:
    """Model, instructions, tools, temperature and the rest are the run's where it names them."""
    given: dict[str, Any] = {
        "model": "other",
        "instructions": "Shout.",
        "additional_instructions": "Please.",
        "temperature": 0,
        "top_p": 0.5,
        "tools": [CODE],
        "metadata": {"a": "b"},
        "response_format": {"type": "json_object"},
        "tool_choice": {"type": "code_interpreter", "function": None},
        "parallel_tool_calls": False,
        "max_prompt_tokens": 1000,
        "max_completion_tokens": 500,
        "truncation_strategy": {"type": "last_messages", "last_messages": 1},
    }

    made = talk.start("Hi", instructions="Whisper.", temperature=2, run=given)

    shown = {name: made[name] for name in given if name != "additional_instructions"}
    del given["additional_instructions"]
    assert shown == {
        **given,
        "instructions": "Shout.\nPlease.",
        "tool_choice": {"type": "code_interpreter"},
    }
    assert repr(made["temperature"]) == "0.0"


def test_an_assistants_settings_are_inherited(talk: Talk) -> None:
    """All but its metadata, which is the run's own."""
    fields = {"instructions": "Whisper.", "temperature": 0.5, "tools": [CODE]}
    format_ = {"type": "json_object"}

    made = talk.start("Hi", metadata={"a": "b"}, response_format=format_, **fields)

    assert {name: made[name] for name in fields} == fields
    assert (made["response_format"], made["metadata"]) == (format_, {})


def test_a_run_brings_messages_along(talk: Talk) -> None:
    """`additional_messages` stand in the thread before the answer."""
    run = talk.start("one", run={"additional_messages": [{"role": "user", "content": "two"}]})
    talk.finish(run)

    texts = [each["content"][0]["text"]["value"] for each in talk.messages(run, order="asc")]

    assert texts == ["one", "two", "This is the emulator, not a model. You said: two"]


def test_messages_are_found_by_their_run(talk: Talk) -> None:
    """`run_id` narrows the list to what a run has said."""
    run = talk.ask("Hi")

    (message,) = talk.messages(run, run_id=run["id"])

    assert (message["role"], message["run_id"]) == ("assistant", run["id"])
    assert message["assistant_id"] == run["assistant_id"]


def test_runs_are_listed_newest_first(talk: Talk) -> None:
    """Runs of a thread are paged like everything else."""
    first = talk.ask("Hi")
    runs = f"/threads/{first['thread_id']}/runs"
    assert talk.client.get(runs).body["data"] == [first]
    second = talk.client.make(runs, {"assistant_id": first["assistant_id"]})

    page = talk.client.get(runs, limit=1).body

    assert (page["first_id"], page["has_more"]) == (second["id"], True)
    rest = talk.client.get(runs, after=second["id"]).body
    assert [each["id"] for each in rest["data"]] == [first["id"]]


def test_only_a_run_that_is_over_can_be_updated(talk: Talk) -> None:
    """Its metadata, nothing else."""
    run = talk.start("Hi")
    refused = talk.client.post(path(run), {"metadata": {"a": "b"}}).error()
    done = talk.finish(run)

    changed = talk.client.make(path(run), {"metadata": {"a": "b"}})

    assert refused["message"] == "Cannot update run with status 'queued'."
    assert changed == {**done, "metadata": {"a": "b"}}
    assert talk.look(run) == changed


def test_a_limit_of_tokens_cuts_the_answer_short(talk: Talk) -> None:
    """An answer over max_completion_tokens ends there, and the run is incomplete."""
    long = " ".join(str(number) for number in range(400))

    run = talk.ask(long, run={"max_completion_tokens": 256})

    assert (run["status"], run["incomplete_details"]) == (
        *("incomplete", {"reason": "max_completion_tokens"}),
    )
    assert run["usage"]["completion_tokens"] == 256
    assert talk.answer(run).startswith("This is the emulator, not a model. You said: 0 1 2")
    assert len(talk.answer(run)) < len(long)


def test_a_prompt_over_its_limit_is_not_answered(talk: Talk) -> None:
    """Older messages are left out first; what doesn't fit even alone ends the run."""
    long, assistant = "word " * 300, talk.client.make_assistant()["id"]
    fits = talk.thread(long, long, "short")
    body = {"assistant_id": assistant, "max_prompt_tokens": 256}

    answered = talk.finish(talk.client.make(f"/threads/{fits}/runs", body))
    stopped = talk.ask(long, run={"max_prompt_tokens": 256})

    assert answered["status"] == "completed"
    assert stopped["incomplete_details"] == {"reason": "max_prompt_tokens"}
    assert len(talk.messages(stopped)) == 1


def test_a_thread_and_a_run_are_made_at_once(talk: Talk) -> None:
    """One request makes both, the thread with its own metadata."""
    thread = {"messages": [{"role": "user", "content": "Hi"}], "metadata": {"a": "b"}}
    assistant = talk.client.make_assistant()["id"]
    body = {"assistant_id": assistant, "thread": thread, "metadata": {"c": "d"}}

    run = talk.client.make("/threads/runs", body)

    assert (run["object"], run["status"], run["metadata"]) == ("thread.run", "queued", {"c": "d"})
    assert talk.client.get(f"/threads/{run['thread_id']}").body["metadata"] == {"a": "b"}
    assert talk.finish(run)["status"] == "completed"


REFUSED = [
    ({"max_completion_tokens": 255}, "max_completion_tokens", "integer_below_min_value"),
    ({"temperature": 3}, "temperature", "integer_above_max_value"),
    ({"tools": [CODE] * 21}, "tools", "array_above_max_length"),
    ({"tool_choice": "maybe"}, "tool_choice", "invalid_value"),
    ({"tool_choice": {"type": "function"}}, "tool_choice.function", "missing_required_parameter"),
    ({"truncation_strategy": {"type": "some"}}, "truncation_strategy.type", "invalid_value"),
    ({"reasoning_effort": "low"}, "reasoning_effort", "unknown_parameter"),
    ({"metadata": {"a": 1}}, "metadata.a", "invalid_type"),
]


@pytest.mark.parametrize(("body", "param", "code"), REFUSED)
def test_what_a_run_may_not_be(talk: Talk, body: Any, param: str, code: str) -> None:
    """A run that breaks a rule is refused with the place of it, and makes no thread."""
    assistant = talk.client.make_assistant()["id"]

    error = talk.client.post("/threads/runs", {"assistant_id": assistant, **body}).error()

    assert (error["param"], error["code"]) == (param, code)


def test_stream_options_came_in_2025(talk: Talk) -> None:
    """Azure's document of 2025-03-01-preview has them, where a thread is made with the run."""
    assistant = talk.client.make_assistant(instructions="Greet.")["id"]
    body = {"assistant_id": assistant, "stream_options": {"include_usage": True}}

    assert talk.at(LATE).client.post("/threads/runs", body).status == 200
    for refusing, path_ in (
        (talk, "/threads/runs"),
        (talk.at(LATE), f"/threads/{talk.thread()}/runs"),
    ):
        error = refusing.client.post(path_, body).error()
        assert (error["param"], error["code"]) == ("stream_options", "unknown_parameter")


def test_a_run_needs_something_to_answer(talk: Talk) -> None:
    """Neither a message nor instructions: refused; an unknown assistant is a 404."""
    assistant = talk.client.make_assistant()["id"]
    runs = f"/threads/{talk.thread()}/runs"

    empty = talk.client.post(runs, {"assistant_id": assistant}).error()
    unknown = talk.client.post(runs, {"assistant_id": "asst_x"})

    assert empty["code"] == "invalid_thread"
    assert (unknown.status, unknown.error()["message"]) == (
        *(404, "No assistant found with id 'asst_x'."),
    )
    told = {"assistant_id": assistant, "instructions": "Greet."}
    assert talk.client.post(runs, told).status == 200


def test_streams_came_with_v2(talk: Talk) -> None:
    """v1 doesn't know the parameter."""
    assistant = talk.client.make_assistant()["id"]

    reply = talk.client.at(V1).post("/threads/runs", {"assistant_id": assistant, "stream": True})

    assert reply.error()["message"] == "Unknown parameter: 'stream'."


def test_a_run_names_its_deployment(talk_as: Talking) -> None:
    """A model that isn't deployed is refused, also where only the run names it."""
    talk = talk_as(deployments=frozenset(("gpt-4o",)))
    assistant = talk.client.make_assistant()["id"]

    reply = talk.client.post("/threads/runs", {"assistant_id": assistant, "model": "gpt-5"})

    assert reply.error()["code"] == "model_not_found"


def test_an_expired_store_fails_the_run(talk: Talk) -> None:
    """Who searches a store whose time is over has a run that fails."""
    store = {"expires_after": {"anchor": "last_active_at", "days": 1}}
    store_id = talk.client.make("/vector_stores", store)["id"]
    resources = {"file_search": {"vector_store_ids": [store_id]}}
    talk.clock.now += 86_400

    run = talk.ask("Hi", tools=[{"type": "file_search"}], tool_resources=resources)

    assert run["status"] == "failed"
    assert run["last_error"]["message"] == f"Vector store {store_id} is expired."
    assert run["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
