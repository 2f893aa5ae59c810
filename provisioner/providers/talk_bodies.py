"""Projections of conversations: to the wire, and from it, v1 and v2.

Pure functions. Sources: recorded traffic of the real service (2024-02-15-preview to
2025-03-01-preview), and Azure's documents for what was never recorded. What is read is what it is
said to be, or a TypeError: ids go into paths, and everything else before somebody's eyes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from provisioner.api_version import Generation
from provisioner.conversation import (
    Annotation,
    Attached,
    Call,
    Code,
    LiveFile,
    Message,
    Part,
    Picture,
    Run,
    Step,
    Text,
)

Body = Mapping[str, Any]

OUTPUT_PURPOSE = "assistants_output"
_WORD = re.compile(r"[A-Za-z0-9][\w.:-]*", re.ASCII)
"""What ids and states are made of, at every service that was seen."""


def message_body(text: str, attached: Sequence[Attached], generation: Generation) -> Body:
    """Write a message of the user's."""
    said = {"role": "user", "content": text}
    if not attached:
        return said
    if generation is Generation.V1:
        return {**said, "file_ids": [each.file for each in attached]}
    files = [
        {"file_id": each.file, "tools": [{"type": tool} for tool in each.tools]}
        for each in attached
    ]
    return {**said, "attachments": files}


def outputs_body(outputs: Mapping[str, str]) -> Body:
    """Write what functions have answered."""
    given = [{"tool_call_id": call, "output": output} for call, output in outputs.items()]
    return {"tool_outputs": given}


def read_run(body: Body, request_id: str | None) -> Run:
    """Read a run; v1 has `required_action` only while there is one (recorded)."""
    action = body.get("required_action") or {}
    wanted = (action.get("submit_tool_outputs") or {}).get("tool_calls") or ()
    return Run(
        word(body["id"]),
        word(body["thread_id"]),
        word(body["status"]),
        tuple(_call(each) for each in wanted),
        _error(body),
        request_id,
    )


def _error(body: Body) -> str:
    error, incomplete = body.get("last_error") or {}, body.get("incomplete_details") or {}
    words = (error.get("code"), error.get("message"), incomplete.get("reason"))
    return ": ".join(str(each).rstrip(".") for each in words if each)


def _call(body: Body) -> Call:
    function = body["function"]
    arguments, output = _text(function.get("arguments") or ""), function.get("output")
    given = _text(output) if output is not None else None
    return Call(_text(body["id"]), _text(function["name"]), arguments, given)


def read_message(body: Body) -> Message:
    """Read a message; parts that nobody knows are passed over."""
    parts = (_part(each) for each in body["content"])
    attached = [each.get("file_id") for each in body.get("attachments") or ()]
    files = [*(body.get("file_ids") or ()), *attached]
    return Message(
        word(body["id"]),
        body["role"],
        body.get("run_id"),
        tuple(each for each in parts if each),
        tuple(word(each) for each in files if each),
    )


def _part(body: Body) -> Part | None:
    kind = body.get("type")
    if kind == "text":
        text = body["text"]
        found = (_annotation(each) for each in text.get("annotations") or ())
        return Text(_text(text["value"]), tuple(each for each in found if each))
    if kind == "image_file":
        return Picture(word(body["image_file"]["file_id"]))
    return None


def _annotation(body: Body) -> Annotation | None:
    """Read an annotation; v1 quotes what it cites, v2 no longer does (recorded).

    What stands for no file is passed over.
    """
    kind = body.get("type")
    if kind not in ("file_citation", "file_path"):
        return None
    about = body[kind]
    if not about.get("file_id"):
        return None
    start, end = (_place(body.get(key)) for key in ("start_index", "end_index"))
    mark, quote = _text(body.get("text") or ""), _text(about.get("quote") or "")
    return Annotation(mark, start, end, word(about["file_id"]), kind == "file_path", quote)


def read_step(body: Body) -> Step:
    """Read a step; one that says something has neither code nor calls, nor has an unknown one."""
    calls = (body.get("step_details") or {}).get("tool_calls") or ()
    code = (each["code_interpreter"] for each in calls if _is(each, "code_interpreter"))
    return Step(
        word(body["id"]),
        tuple(_code(each) for each in code),
        tuple(_call(each) for each in calls if _is(each, "function")),
    )


def _is(body: Body, kind: str) -> bool:
    return bool(body.get("type") == kind)


def _code(body: Body) -> Code:
    outputs = body.get("outputs") or ()
    return Code(
        _text(body.get("input") or ""),
        tuple(_text(each["logs"]) for each in outputs if _is(each, "logs")),
        tuple(word(each["image"]["file_id"]) for each in outputs if _is(each, "image")),
    )


def read_file(body: Body) -> LiveFile:
    """Read what is known of a file."""
    name = _text(body.get("filename") or "")
    return LiveFile(word(body["id"]), name, body.get("purpose") == OUTPUT_PURPOSE)


def word(value: Any) -> str:
    """Take an id or a state, which nothing can hide in; raises TypeError for anything else."""
    if isinstance(value, str) and _WORD.fullmatch(value):
        return value
    raise TypeError("no word")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise TypeError("no text")


def _place(value: Any) -> int:
    """Take a place in a text; 0 where it isn't told, for a mark is found wherever it stands."""
    return value if isinstance(value, int) and value > 0 else 0
