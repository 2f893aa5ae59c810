"""Functions, code and search in a run: steps, outputs, files and annotations."""

import base64
from pathlib import Path
from typing import Any

import pytest
from emulator_client import LATE, V1
from talking import CODE, WEATHER, Talk, Talking, path

PNG = (Path(__file__).parent / "transcripts" / "dot.png").read_bytes()
SCRIPT = f"""
turns:
  - when: {{contains: two cities}}
    then:
      - call:
          - {{name: get_weather, arguments: {{city: Oslo}}}}
          - {{name: get_weather, arguments: {{city: Rome}}}}
      - call: {{name: get_weather}}
      - say: "At last ${{get_weather}}."
  - when: {{contains: plot}}
    then:
      - code:
          input: plot()
          logs: "done"
          images: [{{base64: {base64.b64encode(PNG).decode()}}}]
          files: [{{name: points.csv, text: "1,2"}}]
      - say:
          text: See [points](sandbox:/mnt/data/points.csv).
          annotations: [{{mark: "sandbox:/mnt/data/points.csv", path: points.csv}}]
  - when: {{contains: look it up}}
    then:
      - search: {{results: [{{file: facts.txt, score: 0.5, text: It is so.}}]}}
      - say:
          text: It is so【4:0†source】, maybe【4:1†source】.
          annotations:
            - {{mark: 【4:0†source】, cites: facts.txt, quote: It is so.}}
            - {{mark: 【4:1†source】, cites: nobody-has-this.txt}}
  - when: {{contains: smile}}
    then:
      - code: {{input: write(), files: [{{name: a.csv, text: a}}]}}
      - say:
          text: 😀 a.csv 👩‍🚀 a.csv
          annotations: [{{mark: a.csv, path: a.csv}}, {{mark: a.csv, path: a.csv}}]
"""
ZERO = {"name": "get_weather", "arguments": "{}"}


@pytest.fixture
def talk(talk_as: Talking) -> Talk:
    """Start an emulator that follows the script."""
    return talk_as(SCRIPT)


@pytest.mark.parametrize("version", [V1, LATE])
def test_functions_are_called_and_answered(talk: Talk, version: str) -> None:
    """Two calls at the same time, their outputs, a third call, and the answer."""
    talk = talk.at(version)
    first = talk.ask("two cities", tools=[WEATHER])

    assert first["status"] == "requires_action"
    asked = first["required_action"]["submit_tool_outputs"]["tool_calls"]
    assert [(each["type"], each["function"]) for each in asked] == [
        ("function", {"name": "get_weather", "arguments": '{"city": "Oslo"}'}),
        ("function", {"name": "get_weather", "arguments": '{"city": "Rome"}'}),
    ]
    queued = talk.submit(first, "snow", "sun").body
    assert (queued["status"], queued["started_at"]) == ("queued", first["started_at"])
    second = talk.finish(queued)
    talk.clock.now += 5
    done = talk.finish(talk.submit(second, "rain").body)
    assert (done["status"], talk.answer(done)) == ("completed", "At last rain.")
    assert done["started_at"] == first["started_at"] + 5


def test_a_step_shows_calls_and_outputs(talk: Talk) -> None:
    """The output of a call is null until it is submitted."""
    run = talk.ask("two cities", tools=[WEATHER])
    (waiting,) = talk.steps(run)

    talk.submit(run, "snow", "sun")

    def outputs(step: dict[str, Any]) -> list[Any]:
        return [call["function"]["output"] for call in step["step_details"]["tool_calls"]]

    done = talk.client.get(f"{path(run)}/steps/{waiting['id']}").body
    assert (waiting["status"], outputs(waiting)) == ("in_progress", [None, None])
    assert waiting["expires_at"] == run["expires_at"]
    assert (done["status"], outputs(done)) == ("completed", ["snow", "sun"])
    assert done["expires_at"] is None
    assert done["usage"]["completion_tokens"] > 0


def test_outputs_must_be_those_asked_for(talk: Talk) -> None:
    """One too few, one unknown, and outputs for a run that waits for none."""
    run = talk.ask("two cities", tools=[WEATHER])
    calls = [each["id"] for each in run["required_action"]["submit_tool_outputs"]["tool_calls"]]
    outputs = [{"tool_call_id": calls[0], "output": "snow"}]

    few = talk.client.post(f"{path(run)}/submit_tool_outputs", {"tool_outputs": outputs}).error()
    talk.submit(run, "snow", "sun")
    late = talk.submit(run, "snow", "sun").error()

    assert few["message"] == f"Expected tool outputs for call_ids {calls}, got {calls[:1]}"
    assert late["message"] == 'Runs in status "queued" do not accept tool outputs.'


def test_a_waiting_run_can_be_cancelled(talk: Talk) -> None:
    """Nobody need answer a call that is wanted no longer."""
    run = talk.ask("two cities", tools=[WEATHER])

    talk.client.make(f"{path(run)}/cancel")

    cancelled = talk.finish(run)
    assert (cancelled["status"], cancelled["required_action"]) == ("cancelled", None)
    assert talk.steps(run)[0]["status"] == "cancelled"


def test_code_is_shown_with_what_came_of_it(talk: Talk) -> None:
    """While it runs a step shows nothing of it; afterwards input, logs and image."""
    run = talk.start("plot", tools=[CODE])
    while not (steps := talk.steps(run)):
        pass
    running = steps[0]["step_details"]["tool_calls"][0]["code_interpreter"]

    talk.finish(run)

    message, code = talk.steps(run)
    assert running == {"input": "", "outputs": []}
    assert message["type"] == "message_creation"
    logs, image = code["step_details"]["tool_calls"][0]["code_interpreter"]["outputs"]
    assert logs == {"type": "logs", "logs": "done"}
    shown = talk.messages(run)[0]["content"]
    assert [part["type"] for part in shown] == ["image_file", "text"]
    assert shown[0]["image_file"] == image["image"]


def test_an_image_can_be_downloaded(talk: Talk) -> None:
    """What the code interpreter made has no size, a GUID for a name, and its bytes."""
    run = talk.ask("plot", tools=[CODE])
    file_id = talk.messages(run)[0]["content"][0]["image_file"]["file_id"]

    file = talk.client.get(f"/files/{file_id}").body
    content = talk.client.get(f"/files/{file_id}/content")

    assert (file["purpose"], file["bytes"]) == ("assistants_output", None)
    assert len(file["filename"]) == 36
    assert content.body == PNG
    assert content.headers["Content-Disposition"] == f'attachment; filename="{file["filename"]}"'


def test_a_file_path_leads_to_a_file(talk: Talk) -> None:
    """The mark stands in the text, and its file can be downloaded."""
    run = talk.ask("plot", tools=[CODE])
    text = talk.messages(run)[0]["content"][1]["text"]

    (annotation,) = text["annotations"]

    start, end = annotation["start_index"], annotation["end_index"]
    assert text["value"][start:end] == annotation["text"] == "sandbox:/mnt/data/points.csv"
    file_id = annotation["file_path"]["file_id"]
    assert talk.client.get(f"/files/{file_id}").body["filename"] == "points.csv"
    assert talk.client.get(f"/files/{file_id}/content").body == b"1,2"


def test_a_mark_that_stands_twice_is_annotated_twice(talk: Talk) -> None:
    """One place after the other, counted in characters also beyond the first 65,536 of Unicode."""
    run = talk.ask("smile", tools=[CODE])
    text = talk.messages(run)[0]["content"][0]["text"]

    places = [(each["start_index"], each["end_index"]) for each in text["annotations"]]

    assert places == [(2, 7), (12, 17)]
    assert [text["value"][start:end] for start, end in places] == ["a.csv", "a.csv"]


def test_a_citation_of_v1_quotes(talk: Talk) -> None:
    """v1 cites a file of the assistant with a quote, and its step says `retrieval`."""
    v1 = talk.at(V1)
    file = v1.client.make_file(filename="facts.txt")
    run = v1.ask("look it up", tools=[{"type": "retrieval"}], file_ids=[file])

    text = v1.messages(run)[0]["content"][0]["text"]

    (annotation,) = text["annotations"]
    assert annotation["file_citation"] == {"file_id": file, "quote": "It is so."}
    start, end = annotation["start_index"], annotation["end_index"]
    assert text["value"][start:end] == annotation["text"]
    (call,) = v1.steps(run)[1]["step_details"]["tool_calls"]
    assert (call["type"], call["retrieval"]) == ("retrieval", {})


def test_a_citation_of_2025_names_the_file_only(talk: Talk) -> None:
    """A file in the thread's store is found; a mark whose file nobody has stays plain text."""
    late = talk.at(LATE)
    file, assistant = (
        late.client.make_file(filename="facts.txt"),
        late.client.make_assistant(tools=[{"type": "file_search"}])["id"],
    )
    attachment = {"file_id": file, "tools": [{"type": "file_search"}]}
    message = {"role": "user", "content": "look it up", "attachments": [attachment]}
    thread = late.client.make("/threads", {"messages": [message]})["id"]
    body = {"assistant_id": assistant}

    run = late.finish(late.client.make(f"/threads/{thread}/runs", body))

    (annotation,) = late.messages(run)[0]["content"][0]["text"]["annotations"]
    assert annotation["file_citation"] == {"file_id": file}
    found = {"file_id": file, "file_name": "facts.txt", "score": 0.5}
    (call,) = late.steps(run)[1]["step_details"]["tool_calls"]
    assert call["file_search"] == {"results": [found]}
    included = {"include[]": "step_details.tool_calls[*].file_search.results[*].content"}
    (call,) = late.steps(run, **included)[1]["step_details"]["tool_calls"]
    whole = {**found, "content": [{"type": "text", "text": "It is so."}]}
    assert call["file_search"] == {"results": [whole]}


def test_a_forced_function_is_called_by_the_echo(talk: Talk) -> None:
    """`tool_choice` names a function: even the echo calls it, and then says what it heard."""
    choice = {"type": "function", "function": {"name": "get_weather"}}
    run = talk.ask("Hi", tools=[WEATHER], run={"tool_choice": choice})

    (call,) = run["required_action"]["submit_tool_outputs"]["tool_calls"]
    done = talk.finish(talk.submit(run, "rain").body)

    assert call["function"] == ZERO
    assert talk.answer(done).endswith("The functions answered: rain")


def test_who_asks_for_json_gets_json(talk: Talk) -> None:
    """The echo keeps to the format of answers, though to no schema."""
    run = talk.ask("Hi", response_format={"type": "json_object"})

    assert talk.answer(run) == '{"emulator": "This is the emulator, not a model. You said: Hi"}'


def test_steps_are_paged(talk: Talk) -> None:
    """Newest first, with the number asked for; an unknown step is named."""
    run = talk.ask("plot", tools=[CODE])

    newest, oldest = talk.steps(run)

    assert talk.steps(run, limit=1) == [newest]
    assert talk.steps(run, order="asc", limit=1) == [oldest]
    unknown = talk.client.get(f"{path(run)}/steps/step_123")
    assert (unknown.status, unknown.error()["message"]) == (
        *(404, "No run step found with id 'step_123'."),
    )


@pytest.mark.parametrize(
    ("text", "tool"),
    [
        ("two cities", "get_weather"),
        ("plot", "code_interpreter"),
        ("look it up", "file_search"),
    ],
)
def test_a_tool_that_the_run_lacks_cannot_be_used(talk: Talk, text: str, tool: str) -> None:
    """A transcript written for another assistant fails the run, and makes up no call."""
    run = talk.ask(text)

    assert run["status"] == "failed"
    assert run["last_error"]["message"] == f"The model used '{tool}', a tool not given to it."
    assert talk.steps(run) == []
