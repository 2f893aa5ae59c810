"""Conversations on the wire, v1 and v2: what is sent, and what is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from loopback import Answer, serving

from provisioner.api_version import ApiVersion, Generation
from provisioner.conversation import Annotation, Attached, Call, Code, Picture, Run, Text
from provisioner.errors import ProviderError
from provisioner.providers.conversations import AssistantsTalk
from provisioner.providers.limiter import Limiter
from provisioner.providers.signing import Credential
from provisioner.providers.talk_bodies import (
    message_body,
    read_file,
    read_message,
    read_run,
    read_step,
)
from provisioner.providers.transport import Transport

RUN = {"id": "run_1", "thread_id": "thread_1", "status": "queued"}


def test_files_go_with_a_message_as_each_generation_has_them() -> None:
    """v1 names files; v2 says which tools read each."""
    attached = [Attached("f1", ("code_interpreter", "file_search"))]

    assert message_body("Hi", (), Generation.V1) == {"role": "user", "content": "Hi"}
    assert message_body("Hi", attached, Generation.V1)["file_ids"] == ["f1"]
    assert message_body("Hi", attached, Generation.V2)["attachments"] == [
        {"file_id": "f1", "tools": [{"type": "code_interpreter"}, {"type": "file_search"}]}
    ]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, ""),
        ({"last_error": None, "incomplete_details": None}, ""),
        ({"last_error": {"code": "server_error", "message": "Sorry."}}, "server_error: Sorry"),
        ({"incomplete_details": {"reason": "max_prompt_tokens"}}, "max_prompt_tokens"),
    ],
)
def test_a_run_says_why_it_ended(more: dict[str, Any], expected: str) -> None:
    """By its error, or by what it lacks; v1 has not even the keys."""
    assert read_run({**RUN, **more}, "r1") == Run("run_1", "thread_1", "queued", (), expected, "r1")


def test_a_run_names_the_calls_that_it_waits_for() -> None:
    """With arguments as the model wrote them."""
    call = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{oops"}}
    action = {"type": "submit_tool_outputs", "submit_tool_outputs": {"tool_calls": [call]}}

    run = read_run({**RUN, "required_action": action}, None)
    assert run.calls == (Call("call_1", "f", "{oops"),)


def test_a_message_is_read_in_its_parts() -> None:
    """What nobody knows of its parts and annotations is passed over; v1 quotes, v2 doesn't."""
    citation = {"type": "file_citation", "text": "【1】", "start_index": 2, "end_index": 5}
    annotations = [
        {**citation, "file_citation": {"file_id": "f1", "quote": "So."}},
        {**citation, "file_citation": {"file_id": "f1"}},
        {"type": "file_path", "text": "s:/a", "file_path": {"file_id": "f2"}},
        {"type": "url_citation", "text": "x", "url_citation": {"url": "y"}},
    ]
    message = read_message(
        {
            "id": "msg_1",
            "role": "assistant",
            "content": [
                {"type": "image_file", "image_file": {"file_id": "f3"}},
                {"type": "refusal", "refusal": "No."},
                {"type": "text", "text": {"value": "Hi【1】", "annotations": annotations}},
            ],
            "attachments": [{"file_id": "f4", "tools": []}],
        }
    )

    assert message.run is None
    assert message.files == ("f4",)
    assert message.parts == (
        Picture("f3"),
        Text(
            "Hi【1】",
            (
                Annotation("【1】", 2, 5, "f1", is_path=False, quote="So."),
                Annotation("【1】", 2, 5, "f1", is_path=False),
                Annotation("s:/a", 0, 0, "f2", is_path=True),
            ),
        ),
    )


def test_a_step_is_read_with_code_and_calls() -> None:
    """Tools that nobody knows here are passed over."""
    outputs = [
        {"type": "logs", "logs": "[1]"},
        {"type": "image", "image": {"file_id": "f1"}},
    ]
    function = {"name": "f", "arguments": "{}", "output": None}
    calls = [
        {"id": "1", "type": "code_interpreter", "code_interpreter": {"input": "x"}},
        {
            "id": "2",
            "type": "code_interpreter",
            "code_interpreter": {"input": "y", "outputs": outputs},
        },
        {"id": "3", "type": "function", "function": function},
        {"id": "4", "type": "file_search", "file_search": {}},
    ]
    step = read_step({"id": "step_1", "step_details": {"type": "tool_calls", "tool_calls": calls}})

    assert step.code == (Code("x", (), ()), Code("y", ("[1]",), ("f1",)))
    assert step.calls == (Call("3", "f", "{}"),)


def said(**text: Any) -> dict[str, Any]:
    """Write a message with one text."""
    content = {"type": "text", "text": {"value": "Hi", "annotations": [], **text}}
    return {"id": "msg_1", "role": "assistant", "content": [content]}


def cites(**more: Any) -> dict[str, Any]:
    """Write a message with one citation."""
    found = {"type": "file_citation", "text": "x", "file_citation": {"file_id": "f1"}, **more}
    return said(annotations=[found])


def ran(**code: Any) -> dict[str, Any]:
    """Write a step in which code was run."""
    call = {"id": "1", "type": "code_interpreter", "code_interpreter": code}
    return {"id": "step_1", "step_details": {"tool_calls": [call]}}


@pytest.mark.parametrize(
    ("read", "body"),
    [
        (read_message, said(value=None)),
        (read_message, {**said(), "id": "../assistants/asst_1"}),
        (read_message, cites(text=5)),
        (read_message, cites(file_citation={"file_id": "a\nb"})),
        (read_message, cites(file_citation={"file_id": ["f1"]})),
        (read_message, cites(file_citation={"file_id": "f1", "quote": 5})),
        (read_step, ran(input=["x"])),
        (read_step, ran(outputs=[{"type": "logs", "logs": None}])),
        (read_step, ran(outputs=[{"type": "image", "image": {"file_id": "a/b"}}])),
        (read_file, {"id": "f1", "filename": {"a": 1}}),
    ],
)
def test_what_is_no_text_and_no_id_is_not_read(read: Callable[[Any], Any], body: Any) -> None:
    """Ids go into paths, and everything else before somebody's eyes."""
    with pytest.raises(TypeError):
        read(body)


def test_a_place_that_is_none_is_not_told() -> None:
    """Its mark is found wherever it stands; what stands for no file is passed over."""
    odd = cites(start_index=float("inf"), end_index=-3)
    (text,) = read_message(odd).parts
    assert text == Text("Hi", (Annotation("x", 0, 0, "f1", is_path=False),))

    nowhere = cites(file_citation={"file_id": None})
    assert read_message(nowhere).parts == (Text("Hi"),)


@pytest.mark.parametrize(
    "body",
    [
        *({}, [], {"id": "run_1"}, {**RUN, "required_action": 1}),
        *({**RUN, "status": ["completed"]}, {**RUN, "status": "\x1b[2J"}, {**RUN, "id": "a\nb"}),
    ],
    ids=repr,
)
def test_an_answer_that_is_no_run_is_told(body: Any) -> None:
    """As everywhere: by a code, not by a traceback."""
    with serving(Answer(200, body)) as server:
        transport = Transport(
            server.url, "2024-05-01-preview", Credential("k"), Limiter(), direct=True
        )
        talk = AssistantsTalk(transport, ApiVersion("2024-05-01-preview"))
        with pytest.raises(ProviderError) as caught:
            talk.look(Run("run_1", "thread_1", "queued"))

    assert caught.value.diagnostics[0].code == "R004"
