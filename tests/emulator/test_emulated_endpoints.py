"""A model behind an endpoint of chat completions: a small server that answers as told."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from emulator_client import V1, V2, Client
from talking import CODE, WEATHER, Clock, Talk

from provisioner.emulator.embedded import running
from provisioner.emulator.models.acts import Fail
from provisioner.emulator.models.ask import Conversation, Round
from provisioner.emulator.models.chat import Chat
from provisioner.emulator.settings import EmulatorSettings

KEY = "planted-key"
CONVERSATION = Conversation(None, "gpt-4o", "", ())


class Dripping(BaseHTTPRequestHandler):
    """Answers with blanks, one after the other, until the client hangs up."""

    def do_POST(self) -> None:
        """Begin an answer."""
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(b" ")
                time.sleep(0.01)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def completion(content: str | None = None, *calls: tuple[str, str], **fields: Any) -> Any:
    """Make a chat completion that says or calls something."""
    tool_calls = [
        {"id": f"upstream_{name}", "type": "function", "function": {"name": name, "arguments": to}}
        for name, to in calls
    ]
    message = {
        "role": "assistant",
        "content": content,
        **({"tool_calls": tool_calls} if calls else {}),
    }
    usage = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    choice = {"index": 0, "message": message, "finish_reason": "stop", **fields}
    return {"id": "c", "object": "chat.completion", "choices": [choice], "usage": usage}


@dataclass
class Upstream:
    """A server of chat completions: what it answers, and what it was asked."""

    answers: list[tuple[int, Any]] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    url: str = ""
    retry_after: str | None = "34"

    def says(self, answer: Any, status: int = 200) -> None:
        """Answer this next."""
        self.answers.append((status, answer))


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """Run a server of chat completions."""
    told = Upstream()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            told.asked.append({"path": self.path, **json.loads(self.rfile.read(length))})
            told.keys.append(self.headers["Authorization"])
            status, answer = told.answers.pop(0)
            body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if told.retry_after:
                self.send_header("Retry-After", told.retry_after)
            self.send_header("Location", f"{told.url}/chat/completions")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        told.url = f"http://127.0.0.1:{server.server_port}/v1"
        yield told
        server.shutdown()


@pytest.fixture
def talk(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> Iterator[Talk]:
    """Run an emulator that asks that server."""
    monkeypatch.setenv("PROVISIONER_EMULATOR_MODEL_KEY", KEY)
    with ExitStack() as stack:
        settings = EmulatorSettings(model_url=upstream.url, step_seconds=0)
        yield Talk(Client(stack.enter_context(running(settings)), V2), Clock())


def finish(talk: Talk, run: dict[str, Any]) -> dict[str, Any]:
    """Look at a run until it is over; the endpoint answers in its own time."""
    while run["status"] in ("queued", "in_progress"):
        run = talk.look(run)
    return run


def test_the_endpoint_sees_the_whole_conversation(talk: Talk, upstream: Upstream) -> None:
    """Instructions, messages and settings go there, with the key from the environment."""
    upstream.says(completion("Good day."))

    run = talk.start("Hi", instructions="Greet.", temperature=0.5, tools=[CODE])
    run = finish(talk, run)

    assert (run["status"], talk.answer(run)) == ("completed", "Good day.")
    assert run["usage"] == {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
    messages = [
        {"role": "system", "content": "Greet."},
        {"role": "user", "content": "Hi"},
    ]
    settings = {"temperature": 0.5, "top_p": 1.0}
    path = "/v1/chat/completions"
    assert upstream.asked == [{"path": path, "model": "gpt-4o", "messages": messages, **settings}]
    assert upstream.keys == [f"Bearer {KEY}"]


@pytest.mark.parametrize("version", [V1, V2])
def test_functions_go_to_the_client_and_back(talk: Talk, upstream: Upstream, version: str) -> None:
    """What the endpoint calls is a required action, and the outputs reach it."""
    talk = talk.at(version)
    upstream.says(completion(None, ("get_weather", '{"city":"Oslo"}')))
    upstream.says(completion("Rain."))
    run = finish(talk, talk.start("weather", tools=[WEATHER]))

    done = finish(talk, talk.submit(run, "rain").body)

    assert talk.answer(done) == "Rain."
    (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert call["function"] == {"name": "get_weather", "arguments": '{"city":"Oslo"}'}
    assert upstream.asked[0]["tools"][0]["function"]["name"] == "get_weather"
    called, output = upstream.asked[1]["messages"][-2:]
    assert called["tool_calls"] == [call]
    assert output == {"role": "tool", "tool_call_id": call["id"], "content": "rain"}


def test_what_was_said_stands_before_the_calls_that_followed(
    talk: Talk, upstream: Upstream
) -> None:
    """Of a run that talks and calls twice, the endpoint sees what it has written, in its order."""
    upstream.says(completion("First Oslo.", ("get_weather", '{"city":"Oslo"}')))
    upstream.says(completion("Now Rome.", ("get_weather", '{"city":"Rome"}')))
    upstream.says(completion("Rain and sun."))

    run = finish(talk, talk.start("weather", tools=[WEATHER]))
    run = finish(talk, talk.submit(run, "rain").body)
    finish(talk, talk.submit(run, "sun").body)

    sent = upstream.asked[2]["messages"]
    assert [(each["role"], each["content"]) for each in sent] == [
        ("user", "weather"),
        ("assistant", "First Oslo."),
        ("tool", "rain"),
        ("assistant", "Now Rome."),
        ("tool", "sun"),
    ]
    arguments = [each["tool_calls"][0]["function"]["arguments"] for each in (sent[1], sent[3])]
    assert arguments == ['{"city":"Oslo"}', '{"city":"Rome"}']


def test_a_round_that_makes_two_steps_is_counted_once(talk: Talk, upstream: Upstream) -> None:
    """What the endpoint says that it took belongs to the first, and the sum is the run's."""
    upstream.says(completion("A moment.", ("get_weather", "{}")))
    upstream.says(completion("Rain."))

    run = finish(talk, talk.start("weather", tools=[WEATHER]))
    done = finish(talk, talk.submit(run, "rain").body)

    assert [step["usage"]["total_tokens"] for step in talk.steps(done)] == [10, 0, 10]
    assert done["usage"]["total_tokens"] == 20


def test_what_says_nothing_is_left_out(talk: Talk, upstream: Upstream) -> None:
    """Neither a description that is null, nor a format that is `none`, as early v2 has it."""
    upstream.says(completion("Rain."))

    finish(talk, talk.start("weather", tools=[WEATHER], response_format="none"))

    assert "response_format" not in upstream.asked[0]
    assert upstream.asked[0]["tools"] == [
        {
            "type": "function",
            "function": {"name": "get_weather", "parameters": {"type": "object", "properties": {}}},
        }
    ]


def test_what_a_run_says_pushes_no_message_out(talk: Talk, upstream: Upstream) -> None:
    """`last_messages` counts those of the thread: the question is still there after a call."""
    upstream.says(completion("A moment.", ("get_weather", "{}")))
    upstream.says(completion("Rain."))
    last = {"truncation_strategy": {"type": "last_messages", "last_messages": 1}}

    run = finish(talk, talk.start("weather", tools=[WEATHER], run=last))
    finish(talk, talk.submit(run, "rain").body)

    assert upstream.asked[1]["messages"][0] == {"role": "user", "content": "weather"}


def test_an_endpoint_that_counts_its_tokens_is_believed(talk: Talk, upstream: Upstream) -> None:
    """An answer within the limit by its own count is whole, however many words it has."""
    long = "word " * 300
    upstream.says(completion(long))

    run = finish(talk, talk.start("Hi", run={"max_completion_tokens": 256}))

    assert (run["status"], talk.answer(run)) == ("completed", long)


PARTS = [{"type": "text", "text": "Good "}, {"type": "text", "text": "day."}]


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"content": PARTS}, "Good day."),
        ({"content": None, "refusal": "No."}, "No."),
        ({"content": None}, ""),
    ],
)
def test_an_answer_is_a_text_however_written(
    talk: Talk, upstream: Upstream, message: Any, text: str
) -> None:
    """Parts are joined, a refusal is what is said, and nothing at all is an empty message."""
    upstream.says({"choices": [{"message": message}]})

    run = finish(talk, talk.start("Hi"))

    assert (run["status"], talk.answer(run)) == ("completed", text)


def test_arguments_that_are_an_object_become_its_text(talk: Talk, upstream: Upstream) -> None:
    """Clients of the service get JSON text, whatever the endpoint writes."""
    upstream.says(completion(None, ("get_weather", {"city": "Oslo"})))  # type: ignore[arg-type]

    run = finish(talk, talk.start("weather", tools=[WEATHER]))

    (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert call["function"]["arguments"] == '{"city": "Oslo"}'


@pytest.mark.parametrize("tokens", ["7", 1.5, -1, None, {}, True, 10**30])
def test_tokens_that_are_no_number_are_estimated(
    talk: Talk, upstream: Upstream, tokens: Any
) -> None:
    """A count that nobody can add up costs no answer."""
    usage = {"prompt_tokens": tokens, "completion_tokens": tokens}
    upstream.says({**completion("Good day."), "usage": usage})

    run = finish(talk, talk.start("Hi"))

    assert run["usage"] == {"prompt_tokens": 1, "completion_tokens": 3, "total_tokens": 4}
    assert talk.steps(run)[0]["usage"] == run["usage"]


def test_an_answer_cut_short_is_an_incomplete_run(talk: Talk, upstream: Upstream) -> None:
    """The limit goes along, and `length` comes back as what the service says."""
    upstream.says(completion("Half of", finish_reason="length"))

    run = finish(talk, talk.start("Hi", run={"max_completion_tokens": 256}))

    assert upstream.asked[0]["max_tokens"] == 256
    assert run["incomplete_details"] == {"reason": "max_completion_tokens"}
    assert talk.answer(run) == "Half of"


NOTHING = "The model's endpoint gave no chat completion."
FAILURES = [
    (429, {"error": {"message": "slow"}}, "rate_limit_exceeded", "Try again in 34 seconds."),
    (500, {"error": {"message": "oops"}}, "server_error", "answered 500: "),
    (401, {"error": {"message": f"Wrong key {KEY}"}}, "server_error", "Wrong key …"),
    (200, b"<html>", "server_error", "The model's endpoint"),
    (200, {}, "server_error", NOTHING),
    (200, {"choices": [None]}, "server_error", NOTHING),
    (200, {"choices": []}, "server_error", NOTHING),
    (200, {"choices": [{"message": {"content": 5}}]}, "server_error", NOTHING),
    (200, completion(None, ({}, "{}")), "server_error", NOTHING),  # type: ignore[arg-type]
    (200, completion(None, ("f", [1])), "server_error", NOTHING),  # type: ignore[arg-type]
    (200, b"[" * 100_000, "server_error", NOTHING),
]


@pytest.mark.parametrize(("status", "answer", "code", "message"), FAILURES)
def test_what_goes_wrong_there_fails_the_run(
    talk: Talk, upstream: Upstream, status: int, answer: Any, code: str, message: str
) -> None:
    """Whatever comes back, the run ends and says why; the key is in no message."""
    upstream.says(answer, status)

    run = finish(talk, talk.start("Hi"))

    assert (run["status"], run["last_error"]["code"]) == ("failed", code)
    assert message in run["last_error"]["message"]
    assert KEY not in str(run)
    assert len(upstream.asked) == 1


@pytest.mark.parametrize("retry_after", [None, "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_an_endpoint_that_tells_no_seconds_is_told_as_it_speaks(
    talk: Talk, upstream: Upstream, retry_after: str | None
) -> None:
    """A wait that nobody has named is not made up; the key is in no message."""
    upstream.retry_after = retry_after
    upstream.says({"error": {"message": f"No credit left for {KEY}"}}, 429)

    failed = finish(talk, talk.start("Hi"))["last_error"]

    assert failed["code"] == "rate_limit_exceeded"
    assert failed["message"].startswith("The model's endpoint answered 429: ")
    assert "No credit left for …" in failed["message"]
    assert "Try again" not in failed["message"]


def test_an_endpoint_that_is_not_there_fails_the_run() -> None:
    """Nobody listens: the run fails, and the emulator goes on."""
    settings = EmulatorSettings(model_url="http://127.0.0.1:9", step_seconds=0)
    with running(settings) as url:
        talk = Talk(Client(url, V2), Clock())

        run = finish(talk, talk.start("Hi"))

        assert run["last_error"]["message"].startswith("The model's endpoint answered: ")


def test_no_proxy_stands_before_this_machine(
    talk: Talk, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever works behind a proxy reaches an endpoint of their own all the same."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    upstream.says(completion("Good day."))

    assert talk.answer(finish(talk, talk.start("Hi"))) == "Good day."


def test_no_redirect_is_followed(talk: Talk, upstream: Upstream) -> None:
    """What is said goes to the endpoint that was named, and to no other."""
    upstream.says(b"", 307)

    run = finish(talk, talk.start("Hi"))

    assert "answered 307" in run["last_error"]["message"]
    assert len(upstream.asked) == 1


def test_no_key_leaves_what_went_wrong_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable is no key, and nothing is put into the message in its place."""
    monkeypatch.setenv("PROVISIONER_EMULATOR_MODEL_KEY", "")
    with running(EmulatorSettings(model_url="http://127.0.0.1:9", step_seconds=0)) as url:
        talk = Talk(Client(url, V2), Clock())

        run = finish(talk, talk.start("Hi"))

    assert "…" not in run["last_error"]["message"]


def test_an_address_that_is_none_fails_the_run() -> None:
    """Whatever a library makes of it, the run ends."""
    with running(EmulatorSettings(model_url="http://[::1", step_seconds=0)) as url:
        talk = Talk(Client(url, V2), Clock())

        run = finish(talk, talk.start("Hi"))

    assert run["last_error"] == {"code": "server_error", "message": NOTHING}


def test_an_answer_that_never_ends_is_not_waited_for() -> None:
    """Who writes a byte now and then has no more time than who writes nothing."""

    async def ask(url: str) -> Round:
        heard: asyncio.Future[Round] = asyncio.get_running_loop().create_future()
        Chat(url, seconds=0.5).ask(CONVERSATION, heard.set_result)
        return await heard

    with ThreadingHTTPServer(("127.0.0.1", 0), Dripping) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        (failed,) = asyncio.run(ask(f"http://127.0.0.1:{server.server_port}")).acts
        server.shutdown()

    assert failed == Fail("server_error", "The model's endpoint answered: Request timed out.")


def test_a_transcript_goes_first(upstream: Upstream, tmp_path: Path) -> None:
    """The endpoint is asked only what no turn answers."""
    file = tmp_path / "t.yaml"
    file.write_text("turns: [{when: {contains: Hi}, then: [{say: Scripted.}]}]")
    upstream.says(completion("Asked."))
    settings = EmulatorSettings(model_url=upstream.url, transcript=file, step_seconds=0)
    with running(settings) as url:
        talk = Talk(Client(url, V2), Clock())

        answers = [talk.answer(finish(talk, talk.start(text))) for text in ("Hi", "Hello")]

    assert answers == ["Scripted.", "Asked."]
