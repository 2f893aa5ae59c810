"""A model behind an endpoint of chat completions: a small server that answers as told."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from emulator_client import V1, V2, Client
from talking import CODE, WEATHER, Clock, Talk

from provisioner.emulator.embedded import running
from provisioner.emulator.settings import EmulatorSettings

KEY = "planted-key"


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
            self.send_header("Retry-After", "34")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
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


def test_an_answer_cut_short_is_an_incomplete_run(talk: Talk, upstream: Upstream) -> None:
    """The limit goes along, and `length` comes back as what the service says."""
    upstream.says(completion("Half of", finish_reason="length"))

    run = finish(talk, talk.start("Hi", run={"max_completion_tokens": 256}))

    assert upstream.asked[0]["max_tokens"] == 256
    assert run["incomplete_details"] == {"reason": "max_completion_tokens"}
    assert talk.answer(run) == "Half of"


FAILURES = [
    (429, {"error": {"message": "slow"}}, "rate_limit_exceeded", "Try again in 34 seconds."),
    (500, {"error": {"message": "oops"}}, "server_error", "answered 500: "),
    (401, {"error": {"message": f"Wrong key {KEY}"}}, "server_error", "Wrong key …"),
    (200, b"<html>", "server_error", "The model's endpoint"),
    (200, {}, "server_error", "The model's endpoint gave no chat completion."),
    (200, {"choices": [None]}, "server_error", "The model's endpoint gave no chat completion."),
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


def test_an_endpoint_that_is_not_there_fails_the_run() -> None:
    """Nobody listens: the run fails, and the emulator goes on."""
    settings = EmulatorSettings(model_url="http://127.0.0.1:9", step_seconds=0)
    with running(settings) as url:
        talk = Talk(Client(url, V2), Clock())

        run = finish(talk, talk.start("Hi"))

        assert run["last_error"]["message"].startswith("The model's endpoint answered: ")


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
