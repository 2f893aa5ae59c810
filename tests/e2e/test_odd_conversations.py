"""Conversations with a service that does what services seldom do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from altering import Altering, Deed, Handler, answered, changed, handed_on, lost
from conversing import assert_nothing_left, check, talkative_through_proxy
from forwarding import Reply
from projects import V1, V2, Project, Result

BROKEN = answered(500, {"error": {"message": "Sorry."}})
LOOK, MESSAGES, STEPS = r"GET .*/runs/\w+$", r"GET .*/messages$", r"GET .*/steps$"
FUNCTIONS = ("--tool-output", "get_weather=21", "--tool-output", "get_time=noon")


@pytest.fixture(scope="module", params=[V2, pytest.param(V1, marks=pytest.mark.thorough)])
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Project, Altering]]:
    """Give a project whose assistant talks, through a proxy; v1 and v2."""
    with talkative_through_proxy(tmp_path_factory.mktemp("odd"), request.param) as made:
        yield made


@pytest.fixture
def odd(both: tuple[Project, Altering], key: None) -> tuple[Project, Altering]:  # noqa: ARG001
    """Give the same, with a proxy that only hands on until it is told more."""
    both[1].clear()
    return both


def ask(project: Project, said: str = "Hello", *more: str) -> Result:
    """Say something to the assistant."""
    return project.run("try", "bot", said, *more)


def told(result: Result) -> str:
    """Give what was said on stderr as one line."""
    return " ".join(result.err.split())


def cancelled_by_others(handler: Handler, body: bytes) -> Reply:
    """Cancel the run before anybody looks at it."""
    handler.post(f"/{handler.path.partition('?')[0].rpartition('/')[2]}/cancel")
    return handler.forward(body)


def cancelled_meanwhile(handler: Handler, body: bytes) -> Reply:
    """Cancel the run just before outputs come."""
    handler.post("/cancel")
    return handler.forward(body)


def test_a_run_that_somebody_else_cancels_is_told_as_that(odd: tuple[Project, Altering]) -> None:
    """By `try` with a code; a check may expect it."""
    project, proxy = odd
    proxy.on(LOOK, cancelled_by_others, times=1)
    result = ask(project, "Forever")
    assert result.code == 1
    assert "[R025]" in result.err

    project.write("checks.yaml", check("ends", "{user: Forever, expect: {status: cancelled}}"))
    proxy.on(LOOK, cancelled_by_others, times=1)
    assert project.run("check").code == 0
    assert_nothing_left(project)


def test_outputs_that_come_too_late_are_no_missing_outputs(odd: tuple[Project, Altering]) -> None:
    """The run was cancelled by somebody else while a function was answered."""
    project, proxy = odd
    proxy.on(r"POST .*/submit_tool_outputs$", cancelled_meanwhile, times=1)
    result = ask(project, "The weather?", *FUNCTIONS)

    assert result.code == 1
    assert "[R025]" in result.err


def test_outputs_whose_answer_is_lost_are_not_sent_twice(odd: tuple[Project, Altering]) -> None:
    """The run tells that they have come."""
    project, proxy = odd
    proxy.on(r"POST .*/submit_tool_outputs$", lost, times=1)
    result = ask(project, "The weather?", *FUNCTIONS)

    assert "In Paris: 21 at noon." in result.out
    assert sum("submit" in each for each in proxy.seen) == 1


@pytest.mark.parametrize("made", ["threads$", r"threads/\w+/messages$", r"threads/\w+/runs$"])
def test_what_may_have_been_made_is_not_made_twice(
    odd: tuple[Project, Altering], made: str
) -> None:
    """A lost answer ends the conversation, what is known of it is deleted, and the next is new."""
    project, proxy = odd
    proxy.on(f"POST /{made}", lost, times=1)
    result = ask(project)

    assert result.code == 1
    assert "[R005]" in result.err
    assert "Run the command again. " in f"{told(result)} "
    sent = [each for each in proxy.seen if each.startswith("POST")]
    assert len(sent) == len(set(sent))
    assert_nothing_left(project)


def test_what_cannot_be_deleted_is_named(odd: tuple[Project, Altering]) -> None:
    """With its ids; the answer isn't lost for it."""
    project, proxy = odd
    proxy.on("DELETE /threads/", BROKEN)
    result = ask(project)

    assert result.code == 0
    assert "You said: Hello" in result.out
    thread = next(each for each in proxy.seen if each.startswith("DELETE")).rpartition("/")[2]
    assert "[R120]" in result.err
    assert f"Not deleted: {thread}." in told(result)


def test_what_a_check_has_left_is_named_and_changes_no_verdict(
    odd: tuple[Project, Altering],
) -> None:
    """On stderr, and among the diagnostics in JSON."""
    project, proxy = odd
    project.write("checks.yaml", check("good", "{user: Hello}"))
    proxy.on("DELETE /threads/", BROKEN)
    result = project.run("check", "--format", "json")

    assert result.code == 0
    assert "[R120]" in result.err
    (left,) = result.json["checks"][0]["conversations"][0]["diagnostics"]
    assert (left["code"], left["severity"]) == ("R120", "warning")


def test_a_file_whose_upload_was_not_answered_is_named(odd: tuple[Project, Altering]) -> None:
    """Nobody can tell it from somebody else's of that name, so it stays."""
    project, proxy = odd
    project.write("more.txt", "more\n")
    proxy.on("POST /files$", lost, times=1)
    result = ask(project, "Hello", "--file", "more.txt")

    assert result.code == 1
    assert "Perhaps there: a file more.txt." in told(result)
    (more,) = [each for each in project.service.files() if each["filename"] == "more.txt"]
    project.service.call("DELETE", f"/files/{more['id']}")


def test_a_file_of_which_the_service_says_nothing_is_named(odd: tuple[Project, Altering]) -> None:
    """Whether an assistant has made it, so that it may be deleted, nobody knows."""
    project, proxy = odd
    proxy.on(r"GET /files/[\w-]+$", answered(200, []))
    result = ask(project, "Create a visualization")

    assert result.code == 0
    assert "Perhaps there: file assistant-" in told(result)
    for each in project.service.files():
        if each["filename"] != "facts.txt":
            project.service.call("DELETE", f"/files/{each['id']}")


def nothing_of_it(value: Any) -> None:
    """Leave out what a step has done."""
    value["data"][0]["step_details"] = {"type": "meditation"}


def unknown_parts(value: Any) -> None:
    """Put parts and marks into a message that nobody knows."""
    content = value["data"][0]["content"]
    content[0]["text"]["annotations"].append({"type": "hologram", "text": "x"})
    content.append({"type": "hologram", "hologram": {}})


@pytest.mark.parametrize(("where", "change"), [(STEPS, nothing_of_it), (MESSAGES, unknown_parts)])
def test_what_nobody_knows_is_passed_over(
    odd: tuple[Project, Altering], where: str, change: Any
) -> None:
    """Steps, parts of messages and marks of other types: the rest is shown."""
    project, proxy = odd
    proxy.on(where, changed(change))
    result = ask(project, "Cite it")

    assert result.code == 0, result.err
    assert "Look [0] and [here] [1]." in result.out


def damaged(value: Any) -> None:
    """Answer with a number in the place of a text."""
    value["data"][0]["content"][0]["text"]["value"] = 5


def escaping(value: Any) -> None:
    """Answer with a state that would move the cursor."""
    value["status"] = "\x1b[2J"


def deep(_handler: Handler, _body: bytes) -> Reply:
    """Answer with more brackets than anybody reads."""
    return 200, [("Content-Type", "application/json")], b"[" * 100_000


@pytest.mark.parametrize(
    ("where", "deed"),
    [(MESSAGES, changed(damaged)), (LOOK, changed(escaping)), (MESSAGES, deep)],
    ids=["number", "escape", "deep"],
)
def test_an_answer_that_cannot_be_read_is_told_by_a_code(
    odd: tuple[Project, Altering], where: str, deed: Deed
) -> None:
    """Whatever is wrong with it, it is no bug of ours, and nothing of it reaches a terminal."""
    project, proxy = odd
    proxy.on(where, deed)
    result = ask(project)

    assert result.code == 1
    assert "[R004]" in result.err
    assert "\x1b" not in result.err
    assert "bug" not in result.err


def test_a_key_that_is_refused_midway_ends_the_conversation(odd: tuple[Project, Altering]) -> None:
    """And says what could not be cleaned up with it."""
    project, proxy = odd
    for method in ("GET", "DELETE", "POST .*/cancel"):
        proxy.on(f"{method} .*/?threads/", answered(401, {"error": {"message": "No."}}))
    result = ask(project)

    assert result.code == 1
    assert "HTTP 401" in told(result)
    assert "[R120]" in result.err


def test_a_file_that_is_cut_off_is_not_saved(odd: tuple[Project, Altering]) -> None:
    """The answer is shown, and that the file isn't to be had."""
    project, proxy = odd

    def cut(handler: Handler, body: bytes) -> Reply:
        status, headers, content = handed_on(handler, body)
        left = [each for each in headers if each[0].lower() != "content-length"]
        handler.close_connection = True
        return status, [*left, ("Content-Length", str(len(content) + 9))], content

    proxy.on(r"GET /files/.*/content$", cut)
    result = ask(project, "Cite it", "--out", "cut")

    assert result.code == 0
    assert "Not saved: a.csv" in result.out
    assert not (project.folder / "cut").exists()


def test_a_file_that_is_gone_has_a_footnote_without_a_name(odd: tuple[Project, Altering]) -> None:
    """And a check goes on: what it cites isn't what it says."""
    project, proxy = odd
    gone = answered(404, {"error": {"message": "No such File object: it", "code": None}})
    proxy.on(r"GET /files/[\w-]+$", gone)
    result = ask(project, "Overlap")

    assert result.code == 0
    assert ", which is not to be found" in result.out
    project.write("checks.yaml", check("gone", "{user: Overlap, expect: {contains: '[2]'}}"))
    assert project.run("check").code == 0


def names(value: Any) -> None:
    """Give a file a name that does harm."""
    value["filename"] = "../../\x1b[31m/.provisioner.yaml"


def test_a_name_that_does_harm_is_made_safe(odd: tuple[Project, Altering]) -> None:
    """In the folder that was named, and in the footnote."""
    project, proxy = odd
    proxy.on(r"GET /files/[\w-]+$", changed(names))
    result = ask(project, "Cite it", "--out", "names")

    assert result.code == 0
    (saved,) = (project.folder / "names").iterdir()
    assert saved.name == "provisioner.yaml.txt"
    assert "\x1b" not in result.out


def test_the_time_is_up_also_between_requests(odd: tuple[Project, Altering]) -> None:
    """Also when a run asks for other outputs again and again, it isn't followed for ever."""
    project, proxy = odd
    counted = iter(range(10_000))

    def asks_again(handler: Handler, _body: bytes) -> Reply:
        path = handler.path.partition("?")[0].split("/")
        call = {"name": "get_time", "arguments": "{}"}
        calls = [{"id": f"call_{next(counted)}", "type": "function", "function": call}]
        action = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": calls}}
        run = {"id": path[5], "thread_id": path[3], "status": "requires_action"}
        content = json.dumps({**run, "required_action": action}).encode()
        return 200, [("Content-Type", "application/json")], content

    proxy.on(LOOK, asks_again, times=1)
    proxy.on(r"POST .*/submit_tool_outputs$", asks_again, times=10_000)
    result = ask(project, "Hello", *FUNCTIONS, "--timeout", "1")

    assert result.code == 1
    assert "[R027]" in result.err
    assert_nothing_left(project)
