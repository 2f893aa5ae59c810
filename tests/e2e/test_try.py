"""Trying an assistant: one conversation, in a thread of which nothing is left."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conversing import talkative
from processes import on_terminal, rest_of, started
from projects import KEY, V1, V2, Project
from projects import command as run

SINE = "Create a visualization of a sinewave"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the key of the emulators."""
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", KEY)


@pytest.fixture(scope="module")
def at_v1(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Give a project with an assistant that talks, v1."""
    with talkative(tmp_path_factory.mktemp("v1"), V1) as made:
        yield made


@pytest.fixture(scope="module")
def v2(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """Give the same, v2."""
    with talkative(tmp_path_factory.mktemp("v2"), V2) as made:
        yield made


@pytest.fixture(params=["at_v1", "v2"])
def project(request: pytest.FixtureRequest) -> Project:
    """Give each of them."""
    made: Project = request.getfixturevalue(request.param)
    return made


def assert_nothing_left(project: Project) -> None:
    """Only the assistant's own file is at the service, and no store."""
    assert [each["filename"] for each in project.service.files()] == ["facts.txt"]
    assert stores(project) == []


def stores(project: Project) -> list[dict[str, Any]]:
    """List the vector stores; v1 has none."""
    if project.service.api_version == V1:
        return []
    found: list[dict[str, Any]] = project.service.call("GET", "/vector_stores")["data"]
    return found


def test_the_story_of_the_page_in_one_command(project: Project) -> None:
    """Draw, cite and lead to a file in one thread; code, footnotes and files are shown."""
    result = project.run("try", "assistant.bot", SINE, "Cite it", "--out", "made")

    assert result.code == 0, result.err
    assert "assistant.bot: completed" in result.err
    shown = result.out.splitlines()
    assert "Here is **the sine wave**." in shown
    assert "Look [0] and [here] [1]." in shown
    assert "[0] It is so. from facts.txt" in shown
    assert "[1] a.csv" in shown
    assert "    plt.plot(x, y)" in shown
    assert "        drawn" in shown
    picture, table = sorted((project.folder / "made").iterdir(), key=lambda path: path.suffix)[::-1]
    assert picture.suffix == ".png"
    assert picture.read_bytes() == b"\x89PNG\r\n\x1a\n"
    assert (table.name, table.read_text(encoding="utf-8")) == ("a.csv", "a,b")
    assert f"Saved {table}" in shown
    assert_nothing_left(project)


def test_files_go_with_the_first_message_and_are_deleted(project: Project) -> None:
    """With the store that the service made for them; --keep leaves all of it."""
    project.write("more.txt", "more\n")
    assert project.run("try", "bot", "Hello", "--file", "more.txt").code == 0
    assert_nothing_left(project)

    result = project.run(
        "try", "bot", "Hello", "--file", "more.txt", "--keep", "--instructions", "X"
    )
    thread = next(each for each in result.err.split() if each.startswith("thread_")).rstrip(".")
    (message,) = project.service.call("GET", f"/threads/{thread}/messages?order=asc&limit=1")[
        "data"
    ]
    attached = message.get("file_ids") or message["attachments"]
    assert len(attached) == 1
    (run,) = project.service.call("GET", f"/threads/{thread}/runs")["data"]
    assert run["instructions"] == "X"
    (_, left) = sorted(project.service.files(), key=lambda each: each["created_at"])[-2:]
    project.service.call("DELETE", f"/files/{left['id']}")
    for each in stores(project):
        project.service.call("DELETE", f"/vector_stores/{each['id']}")


def test_nothing_that_is_there_is_overwritten(v2: Project) -> None:
    """A second answer's files stand beside those of the first."""
    for _ in range(2):
        assert v2.run("try", "bot", "Cite it", "--out", "twice").code == 0

    assert sorted(each.name for each in (v2.folder / "twice").iterdir()) == ["a-2.csv", "a.csv"]


def test_functions_are_answered_from_options_and_checks(project: Project) -> None:
    """--tool-output goes before the Check's tool_outputs."""
    project.write(
        "check.yaml",
        "apiVersion: provisioner/v1\nkind: Check\nmetadata: {name: weather}\nspec:\n"
        "  assistant: bot\n  turns:\n    - user: weather\n"
        "      tool_outputs: {get_weather: {c: 21}, get_time: noon}\n",
    )
    result = project.run(
        "try", "bot", "The weather?", "--check", "weather", "--tool-output", "get_time=10=ten"
    )

    assert result.code == 0, result.err
    assert 'In Paris: {"c": 21} at 10=ten.' in result.out
    assert "assistant.bot: requires_action" in result.err


def test_a_function_that_nobody_answers_is_an_error_without_a_terminal(project: Project) -> None:
    """The call is named, with what to do; the run is cancelled, and nothing is left."""
    result = project.run("try", "bot", "The weather?", "--tool-output", "get_weather=21")

    assert result.code == 1
    assert "[R028]" in result.err
    assert "get_time({})" in result.err
    assert_nothing_left(project)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Fail", ("[R022]", "rate_limit_exceeded: Rate limit is exceeded. Wait 34 seconds.")),
        ("Expire", ("[R023]", "expired")),
    ],
)
def test_a_run_that_ends_badly_is_told(project: Project, said: str, told: tuple[str, str]) -> None:
    """With the assistant, the run, the request's id and what the service says."""
    result = project.run("try", "bot", said, "never said")

    assert result.code == 1
    said_of_it = " ".join(result.err.split())
    for each in (*told, "with assistant.bot", "run_", "thread_", "HTTP 200", "request id"):
        assert each in said_of_it


def test_what_there_is_of_an_incomplete_answer_is_shown(v2: Project) -> None:
    """And why there isn't more."""
    result = v2.run("try", "bot", "Long")

    assert result.code == 1
    assert "It was" in result.out
    assert "[R024]" in result.err
    assert "max_completion_tokens" in result.err


def test_a_conversation_that_takes_too_long_is_cancelled(v2: Project) -> None:
    """No active run is left, because no thread is."""
    result = v2.run("try", "bot", "Forever", "--timeout", "0.5")

    assert result.code == 1
    assert "[R027]" in result.err


@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.thorough)]
)
def test_a_signal_cancels_the_run_and_cleans_up(v2: Project, number: int) -> None:
    """The thread and what was sent for it are gone afterwards."""
    v2.write("more.txt", "more\n")
    with started(v2, "try", "bot", "Forever", "--file", "more.txt") as run:
        run.wait_for("in_progress")
        os.kill(run.process.pid, number)
        code, _, err = run.end()

    assert code == 1
    assert "[R026]" in err
    assert_nothing_left(v2)


def test_a_kill_harms_nothing(v2: Project) -> None:
    """A conversation is no part of what is recorded; the next one is held as ever."""
    with started(v2, "try", "bot", "Forever") as run:
        run.wait_for("in_progress")
        os.kill(run.process.pid, signal.SIGKILL)
        run.end()

    assert v2.run("try", "bot", "Hello").code == 0
    assert v2.plan().code == 0


def test_a_person_answers_by_hand(v2: Project) -> None:
    """On a terminal: each call is shown, and asked for; Markdown is rendered."""
    with on_terminal(v2, "try", "bot", "The weather?", color=True) as shown:
        shown.expect_exact('get_weather({"city": "Paris"})')
        shown.expect_exact("Its output:")
        shown.sendline("**21**")
        shown.expect_exact("get_time({})")
        shown.expect_exact("Its output:")
        shown.sendline("noon")
        shown.expect_exact("In Paris: \x1b[1m21\x1b[0m at noon.")
        code, _ = rest_of(shown)

    assert code == 0


def test_who_gives_up_at_a_prompt_interrupts(v2: Project) -> None:
    """Ctrl-C there cancels the run, as everywhere."""
    with on_terminal(v2, "try", "bot", "The weather?") as shown:
        shown.expect_exact("Its output:")
        shown.sendintr()
        shown.expect_exact("R026")
        code, _ = rest_of(shown)

    assert code == 1
    assert_nothing_left(v2)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("assistant.bott", "Hi"), "S010"),
        (("file.facts-txt", "Hi"), "S010"),
        (("assistant.bot", "Hi", "--file", "missing.txt"), "P068"),
        (("assistant.bot", "Hi", "--check", "nothing"), "P066"),
        (("assistant.bot", ""), "R001"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_code(
    v2: Project, arguments: tuple[str, ...], code: str
) -> None:
    """Whether we know it or the service says it."""
    result = v2.run("try", *arguments)

    assert result.code == 1
    assert f"[{code}]" in result.err
    assert "Traceback" not in result.err


def test_an_assistant_that_is_gone_is_told_by_the_service(tmp_path: Path) -> None:
    """With the HTTP status, and with its address."""
    with talkative(tmp_path, V2) as project:
        project.service.call("DELETE", f"/assistants/{project.id('assistant.bot')}")
        result = project.run("try", "bot", "Hi")

    assert result.code == 1
    assert "HTTP 404" in result.err
    assert "with assistant.bot" in result.err


def test_a_sensitive_value_that_a_model_repeats_is_covered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The echo repeats what is said; its placeholder stands in the answer."""
    monkeypatch.setenv("PROVISIONER_VAR_TOKEN", "planted-secret-value")
    with talkative(tmp_path, V2) as project:
        declared = "spec:\n  variables: {token: {sensitive: true}}\n"
        project.edit("provisioner.yaml", "spec:\n", declared)
        result = project.run("try", "bot", "Is it planted-secret-value?", "So?")

    assert result.code == 0, result.err
    assert "planted-secret-value" not in result.out + result.err
    assert "(sensitive:token:" in result.out


def test_the_embedded_emulator_answers_honestly(tmp_path: Path) -> None:
    """An environment of the type emulator has an echo that says what it is."""
    folder = str(tmp_path / "p")
    assert run("init", folder).code == 0
    assert run("-C", folder, "apply", "--auto-approve").code == 0
    names = [
        each for each in run("-C", folder, "state", "list").out.split() if "assistant." in each
    ]
    result = run("-C", folder, "try", names[0], "Hello")

    assert result.code == 0, result.err
    assert "This is the emulator, not a model. You said: Hello" in result.out
