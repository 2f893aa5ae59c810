"""Trying an assistant: one conversation, in a thread of which nothing is left."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from conversing import assert_nothing_left, check, mostly_v2, stores, talkative
from processes import on_terminal, rest_of, started
from projects import V2, Project
from projects import command as run
from rich.console import Console

from provisioner.cli.answers import as_markdown

SINE = "Create a visualization of a sinewave"


def test_the_story_of_the_page_in_one_command(talker: Project) -> None:
    """Draw, cite and lead to a file in one thread; code, footnotes and files are shown."""
    result = talker.run("try", "assistant.bot", SINE, "Cite it", "--out", "made")

    assert result.code == 0, result.err
    assert "assistant.bot: completed" in result.err
    shown = result.out.splitlines()
    assert "Here is **the sine wave**." in shown
    assert "Look [0] and [here] [1]." in shown
    assert "[0] It is so. from facts.txt" in shown
    assert "[1] a.csv" in shown
    assert "    plt.plot(x, y)" in shown
    assert "        drawn" in shown
    picture, table = sorted((talker.folder / "made").iterdir(), key=lambda path: path.suffix)[::-1]
    assert picture.suffix == ".png"
    assert picture.read_bytes() == b"\x89PNG\r\n\x1a\n"
    assert (table.name, table.read_text(encoding="utf-8")) == ("a.csv", "a,b")
    assert f"Saved {table}" in shown
    assert_nothing_left(talker)


@mostly_v2
def test_marks_that_overlap_make_way_together(talker: Project) -> None:
    """Each of several in one text has its number, and its footnote with a name and a quote."""
    result = talker.run("try", "bot", "Overlap")

    assert "So it is [0] [1], and so [2]." in result.out
    for footnote in ("[0] One", "[1] Two", "[2] Three"):
        assert f"{footnote} from facts.txt" in result.out


def test_files_go_with_the_first_message_and_are_deleted(talker: Project) -> None:
    """With the store that the service made for them; --keep leaves all of it."""
    talker.write("more.txt", "more\n")
    assert talker.run("try", "bot", "Hello", "--file", "more.txt").code == 0
    assert_nothing_left(talker)

    result = talker.run(
        "try", "bot", "Hello", "--file", "more.txt", "--keep", "--instructions", "X"
    )
    thread = result.err.partition("Kept ")[2].split()[0].rstrip(".")
    (message,) = talker.service.call("GET", f"/threads/{thread}/messages?order=asc&limit=1")["data"]
    attached = message.get("file_ids") or message["attachments"]
    assert len(attached) == 1
    (run,) = talker.service.call("GET", f"/threads/{thread}/runs")["data"]
    assert run["instructions"] == "X"
    (_, left) = sorted(talker.service.files(), key=lambda each: each["created_at"])[-2:]
    talker.service.call("DELETE", f"/files/{left['id']}")
    for each in stores(talker):
        talker.service.call("DELETE", f"/vector_stores/{each['id']}")


@pytest.mark.parametrize(
    ("messages", "code"), [(("Hello", "So?", "Why?"), 0), (("Hello", "Fail"), 1), (("Fail",), 1)]
)
def test_a_thread_that_stays_is_told_once(
    talker_v2: Project, messages: tuple[str, ...], code: int
) -> None:
    """After the last turn, also where that went wrong."""
    result = talker_v2.run("try", "bot", *messages, "--keep")

    assert result.code == code, result.err
    (told,) = (each for each in result.err.splitlines() if each.startswith("Kept "))
    if code == 0:
        assert result.err.splitlines()[-1] == told
    thread = told.removeprefix("Kept ").rstrip(".")
    assert talker_v2.service.call("GET", f"/threads/{thread}")["id"] == thread


def test_nothing_that_is_there_is_overwritten(talker_v2: Project) -> None:
    """A second answer's files stand beside those of the first."""
    for _ in range(2):
        assert talker_v2.run("try", "bot", "Cite it", "--out", "twice").code == 0

    names = sorted(each.name for each in (talker_v2.folder / "twice").iterdir())
    assert names == ["a-2.csv", "a.csv"]


def test_an_answer_whose_files_cannot_be_saved_is_shown(talker_v2: Project) -> None:
    """It was dear; what can't be saved is told afterwards."""
    talker_v2.write("taken", "not a folder")
    result = talker_v2.run("try", "bot", "Cite it", "--out", "taken")

    assert result.code == 1
    assert "Look [0] and [here] [1]." in result.out
    assert "[P069]" in result.err
    assert_nothing_left(talker_v2)


WEATHER = check("weather", "{user: weather, tool_outputs: {get_weather: {c: 21}, get_time: noon}}")


@pytest.fixture
def weather(talker: Project) -> Iterator[Project]:
    """Give a project with a Check that answers both functions."""
    path = talker.write("check.yaml", WEATHER)
    yield talker
    path.unlink()


def test_functions_are_answered_from_options_and_checks(weather: Project) -> None:
    """--tool-output goes before the Check's tool_outputs."""
    result = weather.run(
        "try", "bot", "The weather?", "--check", "weather", "--tool-output", "get_time=10=ten"
    )

    assert result.code == 0, result.err
    assert 'In Paris: {"c": 21} at 10=ten.' in result.out
    assert "assistant.bot: requires_action" in result.err


@mostly_v2
def test_functions_are_answered_as_in_any_check_of_the_assistant(weather: Project) -> None:
    """Where nobody is there to be asked; a turn that says the same goes before another check."""
    same = "{user: The weather?, tool_outputs: {get_time: midnight}}"
    weather.write("check.yaml", WEATHER + check("zenith", same))
    result = weather.run("try", "bot", "The weather?")

    assert result.code == 0, result.err
    assert 'In Paris: {"c": 21} at midnight.' in result.out
    assert "get_time({}) is answered as in check zenith." in result.err


def test_a_function_that_nobody_answers_is_an_error_without_a_terminal(talker: Project) -> None:
    """The call is named, with what to do; the run is cancelled, and nothing is left."""
    result = talker.run("try", "bot", "The weather?", "--tool-output", "get_weather=21")

    assert result.code == 1
    assert "[R028]" in result.err
    assert "get_time({})" in result.err
    assert_nothing_left(talker)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Fail", ("[R022]", "rate_limit_exceeded: Rate limit is exceeded. Wait 34 seconds.")),
        ("Expire", ("[R023]", "expired")),
    ],
)
def test_a_run_that_ends_badly_is_told(talker: Project, said: str, told: tuple[str, str]) -> None:
    """With the assistant, the run, the request's id and what the service says."""
    result = talker.run("try", "bot", said, "never said")

    assert result.code == 1
    said_of_it = " ".join(result.err.split())
    for each in (*told, "with assistant.bot", "run_", "thread_", "HTTP 200", "request id"):
        assert each in said_of_it


def test_what_there_is_of_an_incomplete_answer_is_shown(talker_v2: Project) -> None:
    """And why there isn't more."""
    result = talker_v2.run("try", "bot", "Long")

    assert result.code == 1
    assert "It was" in result.out
    assert "[R024]" in result.err
    assert "max_completion_tokens" in result.err


def test_a_conversation_that_takes_too_long_is_cancelled(talker: Project) -> None:
    """No active run is left, because no thread is; nor is what it has drawn by then."""
    result = talker.run("try", "bot", "Draw and wait", "--timeout", "2")

    assert result.code == 1
    assert "[R027]" in result.err
    assert_nothing_left(talker)


@mostly_v2
@pytest.mark.parametrize(
    "number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.thorough)]
)
def test_a_signal_cancels_the_run_and_cleans_up(talker: Project, number: int) -> None:
    """The thread, what was sent for it and what it has drawn are gone afterwards."""
    talker.write("more.txt", "more\n")
    with started(talker, "try", "bot", "Draw and wait", "--file", "more.txt") as run:
        run.wait_for("in_progress")
        os.kill(run.process.pid, number)
        code, _, err = run.end()

    assert code == 1
    assert "[R026]" in err
    assert_nothing_left(talker)


def test_a_second_signal_ends_at_once_and_says_what_stays(talker_v2: Project) -> None:
    """In words of conversations: there is no journal."""
    with started(talker_v2, "try", "bot", "Forever") as run:
        run.wait_for("in_progress")
        os.kill(run.process.pid, signal.SIGSTOP)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCONT):
            os.kill(run.process.pid, number)
        code, _, err = run.end()

    assert code == 1
    assert "Threads that were under way stay at the service" in err


def test_a_kill_harms_nothing(talker_v2: Project) -> None:
    """A conversation is no part of what is recorded; the next one is held as ever."""
    with started(talker_v2, "try", "bot", "Forever") as run:
        run.wait_for("in_progress")
        os.kill(run.process.pid, signal.SIGKILL)
        run.end()

    assert talker_v2.run("try", "bot", "Hello").code == 0
    assert talker_v2.plan().code == 0


def test_a_person_answers_by_hand(talker_v2: Project) -> None:
    """On a terminal: each call is shown, and asked for; Markdown is rendered."""
    with on_terminal(talker_v2, "try", "bot", "The weather?", color=True) as shown:
        shown.expect_exact('get_weather({"city": "Paris"})')
        shown.expect_exact("Its output:")
        shown.sendline("**21**")
        shown.expect_exact("get_time({})")
        shown.expect_exact("Its output:")
        shown.sendline("noon")
        shown.expect_exact("In Paris: \x1b[1m21\x1b[0m at noon.")
        code, _ = rest_of(shown)

    assert code == 0


def test_a_person_may_take_what_a_check_answers(talker_v2: Project) -> None:
    """Enter alone is enough."""
    path = talker_v2.write("check.yaml", WEATHER)
    with on_terminal(talker_v2, "try", "bot", "The weather?") as shown:
        for typed in ("", "ten"):
            shown.expect_exact("Its output [as in check weather]: ")
            shown.sendline(typed)
        shown.expect_exact('In Paris: {"c": 21} at ten.')
        code, _ = rest_of(shown)

    assert code == 0
    path.unlink()


def test_who_gives_up_at_a_prompt_interrupts(talker_v2: Project) -> None:
    """Ctrl-C there cancels the run, as everywhere."""
    with on_terminal(talker_v2, "try", "bot", "The weather?") as shown:
        shown.expect_exact("Its output:")
        shown.sendintr()
        shown.expect_exact("R026")
        code, _ = rest_of(shown)

    assert code == 1
    assert_nothing_left(talker_v2)


def test_nobody_is_asked_where_stdin_is_closed(
    talker_v2: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where there is no terminal."""
    monkeypatch.setattr(sys, "stdin", None)
    result = talker_v2.run("try", "bot", "The weather?")

    assert result.code == 1
    assert "[R028]" in result.err


def test_what_looks_like_html_is_shown_on_terminals() -> None:
    """Nothing of an answer is taken for a tag, or for the address of a link, and left out."""
    answer = "Use `x` or List<String>.\n\n<b>So.</b>\n\n[0]: https://example.com/"
    shown = io.StringIO()
    Console(file=shown, width=60).print(as_markdown(answer))

    for each in ("List<String>", "<b>So.</b>", "[0]: https://example.com/"):
        assert each in shown.getvalue()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("assistant.bott", "Hi"), "S010"),
        (("file.facts-txt", "Hi"), "S010"),
        (("assistant.bot", "Hi", "--file", "missing.txt"), "P068"),
        (("assistant.bot", "Hi", "--check", "nothing"), "P066"),
        (("assistant.bot", "Hi", "--tool-output", "get_wether=sunny"), "P071"),
        (("assistant.bot", ""), "R001"),
        (("assistant.bot", "Gr\udcfc\udcdfe"), "R029"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_code(
    talker_v2: Project, arguments: tuple[str, ...], code: str
) -> None:
    """Whether we know it or the service says it."""
    result = talker_v2.run("try", *arguments)

    assert result.code == 1
    assert f"[{code}]" in result.err
    assert "Traceback" not in result.err


def test_outputs_of_functions_that_are_not_there_are_refused_at_once(talker_v2: Project) -> None:
    """With what was probably meant, or with what there is; nothing is sent."""
    outputs = ("--tool-output", "get_wether=sunny", "--tool-output", "stocks=7")
    result = talker_v2.run("try", "bot", "Hi", *outputs, "--file", "missing.txt", "--keep")

    told = " ".join(result.err.split())
    assert "'get_wether'. Did you mean get_weather?" in told
    assert "'stocks'. Known here: get_time, get_weather." in told
    assert "[P068]" in told
    assert "Kept" not in told


def test_outputs_of_a_check_need_no_function(talker_v2: Project) -> None:
    """It may talk of a function that is declared, and not applied yet."""
    function = "{type: function, function: {name: get_stocks, description: x, parameters: {}}}"
    talker_v2.edit("bot.yaml", "  tools:\n", f"  tools:\n    - {function}\n")
    path = talker_v2.write("check.yaml", check("new", "{user: Hi, tool_outputs: {get_stocks: 7}}"))
    result = talker_v2.run("try", "bot", "Hi", "--check", "new")
    path.unlink()
    talker_v2.edit("bot.yaml", f"    - {function}\n", "")

    assert result.code == 0, result.err


@pytest.mark.usefixtures("key")
def test_an_assistant_that_is_gone_is_told_by_the_service(tmp_path: Path) -> None:
    """With the HTTP status, and with its address."""
    with talkative(tmp_path, V2) as project:
        project.service.call("DELETE", f"/assistants/{project.id('assistant.bot')}")
        result = project.run("try", "bot", "Hi")

    assert result.code == 1
    assert "HTTP 404" in result.err
    assert "with assistant.bot" in result.err


@pytest.mark.usefixtures("key")
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
