"""Transcripts: what they may say, how they are chosen, and what is wrong with one."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from talking import WEATHER, Talk, Talking

from provisioner.emulator.models.transcript import TranscriptError, read_transcript

DOCUMENT = Path(__file__).parents[2] / "docs" / "emulator.md"

CHOICE = """
turns:
  - when: {contains: Hi, assistant: Anna}
    then: [{say: I am Anna.}]
  - when: {contains: Hi}
    times: 1
    then: [{say: The first time.}]
  - when: {matches: "^Hi+$"}
    then: [{say: Again.}]
  - when: {any: true}
    then: [{say: Whatever.}]
"""


def again(talk: Talk, run: dict[str, str], text: str) -> str:
    """Say something more in a run's thread; give the answer."""
    messages = [{"role": "user", "content": text}]
    body = {"assistant_id": run["assistant_id"], "additional_messages": messages}
    return talk.answer(talk.finish(talk.client.make(f"/threads/{run['thread_id']}/runs", body)))


def test_the_first_turn_that_fits_is_played(talk_as: Talking) -> None:
    """By the assistant's name, by text, by expression, and so often as it may."""
    talk = talk_as(CHOICE)
    anna, other = talk.ask("Hi", name="Anna"), talk.ask("Hi")

    assert talk.answer(anna) == "I am Anna."
    assert talk.answer(other) == "The first time."
    assert again(talk, other, "Hi") == "Again."
    assert again(talk, other, "Hiii") == "Again."
    assert again(talk, other, "Good night") == "Whatever."
    assert talk.answer(talk.ask("Hi")) == "The first time."


def test_what_no_turn_fits_goes_to_the_echo(talk_as: Talking) -> None:
    """Nothing is made up for a message that the transcript doesn't know."""
    talk = talk_as("turns: [{when: {contains: weather}, then: [{say: Rain.}]}]")

    assert talk.answer(talk.ask("Hi")) == "This is the emulator, not a model. You said: Hi"


UNMARKED = "[{mark: b, cites: c}]"
TWICE = "[{mark: b, cites: c}, {mark: b, cites: d}]"
BROKEN = [
    ("", "1:1: None is not of type 'object'"),
    ("turns: [", "1:9: "),
    ("turns: []\nturn: []", "2:1: unknown key 'turn'; expected turns"),
    ("turns: []\nturns: []", "2:1: the key 'turns' stands here twice"),
    ("turns: [{when: {any: true}}]", "1:9: 'then' is a required property"),
    ("turns: [{when: {}, then: [{say: a}]}]", "1:16: expected at least 1 of contains, matches"),
    ("turns: [{when: {matches: '('}, then: [{say: a}]}]", "1:26: no regular expression: "),
    ("turns:\n- when: {any: true}\n  then:\n  - sai: a", "4:5: unknown key 'sai'; expected say, "),
    ("turns: [{when: {any: true}, then: [{say: 1}]}]", "1:42: 1 is not of type 'string'"),
    ("turns: [{when: {any: true}, then: [{code: {}}]}]", "1:43: 'input' is a required"),
    ("a: &a 1\nturns: *a", "2:8: an alias; write the value out instead"),
    ("1: 2", "1:1: a key that is not a text; quote it"),
    (
        f"turns:\n- when: {{any: true}}\n  then:\n  - say: {{text: a, annotations: {UNMARKED}}}",
        "4:41: the text has no 'b'",
    ),
    (
        "turns: [{when: {any: true}, then: [{say: {text: a, annotations: [{mark: a, path: c}]}}]}]",
        "1:36: no code before this makes 'c'",
    ),
    (
        "turns: [{when: {any: true}, then: [{code: {input: a, images: [{path: none.png}]}}]}]",
        "1:70: none.png: No such file or directory",
    ),
    (
        "turns: [{when: {any: true}, then: [{code: {input: a, images: [{base64: '?'}]}}]}]",
        "1:72: no base64: ",
    ),
    (
        "turns: [{when: {any: true}, then: [{code: {input: a, images: [{base64: 'é'}]}}]}]",
        "1:72: no base64: ",
    ),
    (
        'turns: [{when: {any: true}, then: [{code: {input: a, images: [{path: "a\\0b"}]}}]}]',
        "1:70: no path: embedded null byte",
    ),
    ("turns: [{when: {matches: 'a{99999999999}'}, then: [{say: a}]}]", "1:26: no regular expr"),
    ('turns: [{when: {any: true}, then: [{say: "\\ud800"}]}]', "1:42: half of a surrogate pair"),
    (
        "turns: [{when: {any: true}, then: [{search: {results: [{file: a, score: .nan}]}}]}]",
        "1:73: holds what JSON can't say",
    ),
    (
        f"turns:\n- when: {{any: true}}\n  then:\n  - say: {{text: b, annotations: {TWICE}}}",
        "4:62: the text has no more 'b'",
    ),
    (
        "turns: [{when: {any: true}, then: [{call: {name: f, arguments: {a: .nan}}}]}]",
        "1:64: holds what JSON can't say",
    ),
]


@pytest.mark.parametrize(("text", "problem"), BROKEN)
def test_a_transcript_is_refused_with_the_place(tmp_path: Path, text: str, problem: str) -> None:
    """File, line and column, and what is wrong there."""
    file = tmp_path / "t.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(TranscriptError) as refused:
        read_transcript(file)

    assert str(refused.value).startswith(f"{file}:{problem}")


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    """Two mistakes make two lines, in the order of the file."""
    file = tmp_path / "t.yaml"
    file.write_text("turns:\n- when: {some: a}\n  then: []\n", encoding="utf-8")

    with pytest.raises(TranscriptError) as refused:
        read_transcript(file)

    places = [line.split(": ")[0] for line in str(refused.value).splitlines()]
    assert places == [f"{file}:2:10", f"{file}:3:9"]


@pytest.mark.parametrize("module", ["provisioner.emulator", "provisioner"])
def test_a_server_with_a_bad_transcript_does_not_start(tmp_path: Path, module: str) -> None:
    """The problem stands on stderr, and nothing listens."""
    file = tmp_path / "t.yaml"
    file.write_text("turns: 1", encoding="utf-8")
    words = ["emulator", "serve"] if module == "provisioner" else []
    command = [sys.executable, "-m", module, *words, "--port", "0", "--transcript", str(file)]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stdout) == (1, "")
    assert f"{file}:1:8: 1 is not of type 'array'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_without_its_transcript_does_not_start(tmp_path: Path) -> None:
    """A file that isn't there is named, without a traceback."""
    missing = tmp_path / "none.yaml"
    command = [sys.executable, "-m", "provisioner.emulator", "--transcript", str(missing)]

    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert (done.returncode, done.stdout) == (1, "")
    assert str(missing) in done.stderr
    assert "Traceback" not in done.stderr


def test_the_documented_example_is_played(talk_as: Talking, tmp_path: Path) -> None:
    """What docs/emulator.md shows is a transcript, and answers as it says there."""
    (example,) = re.findall(r"```yaml\n(turns:.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    (tmp_path / "sales.png").write_bytes(b"png")
    talk = talk_as(example)
    late = talk.at("2025-03-01-preview")

    asked = late.ask("What is the weather in Oslo?", tools=[WEATHER])
    answered = late.finish(late.submit(asked, "rain").body)
    plotted = late.ask("Plot the sales.", tools=[{"type": "code_interpreter"}])

    assert late.answer(answered) == "In Oslo: rain."
    content = late.messages(plotted)[0]["content"]
    assert [part["type"] for part in content] == ["image_file", "text"]
    assert content[1]["text"]["annotations"][0]["type"] == "file_path"
    busy = late.start("Are you busy?")
    for _ in range(3):
        assert late.look(busy)["status"] in ("queued", "in_progress")
    late.clock.now += 3
    assert late.finish(busy)["last_error"]["code"] == "rate_limit_exceeded"
