"""Projections of conversations: to the wire, and from it, v1 and v2.

Pure functions. Sources: recorded traffic of the real service (2024-02-15-preview to
2025-03-01-preview), and Azure's documents for what was never recorded.
"""

from __future__ import annotations

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
        body["id"],
        body["thread_id"],
        body["status"],
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
    return Call(
        body["id"], function["name"], function.get("arguments") or "", function.get("output")
    )


def read_message(body: Body) -> Message:
    """Read a message; parts that nobody knows are passed over."""
    parts = (_part(each) for each in body["content"])
    attached = [each.get("file_id") for each in body.get("attachments") or ()]
    return Message(
        body["id"],
        body["role"],
        body.get("run_id"),
        tuple(each for each in parts if each),
        tuple(each for each in [*(body.get("file_ids") or ()), *attached] if each),
    )


def _part(body: Body) -> Part | None:
    if body["type"] == "text":
        text = body["text"]
        found = (_annotation(each) for each in text.get("annotations") or ())
        return Text(text["value"], tuple(each for each in found if each))
    if body["type"] == "image_file":
        return Picture(body["image_file"]["file_id"])
    return None


def _annotation(body: Body) -> Annotation | None:
    """Read an annotation; v1 quotes what it cites, v2 no longer does (recorded)."""
    kind = body["type"]
    if kind not in ("file_citation", "file_path"):
        return None
    about = body[kind]
    start, end = (int(body.get(key) or 0) for key in ("start_index", "end_index"))
    quote = about.get("quote") or ""
    return Annotation(body["text"], start, end, about["file_id"], kind == "file_path", quote)


def read_step(body: Body) -> Step:
    """Read a step; one that says something has neither code nor calls."""
    calls = body["step_details"].get("tool_calls") or ()
    return Step(
        body["id"],
        tuple(_code(each[each["type"]]) for each in calls if each["type"] == "code_interpreter"),
        tuple(_call(each) for each in calls if each["type"] == "function"),
    )


def _code(body: Body) -> Code:
    outputs = body.get("outputs") or ()
    return Code(
        body.get("input") or "",
        tuple(each["logs"] for each in outputs if each["type"] == "logs"),
        tuple(each["image"]["file_id"] for each in outputs if each["type"] == "image"),
    )


def read_file(body: Body) -> LiveFile:
    """Read what is known of a file."""
    return LiveFile(body["id"], body.get("filename") or "", body.get("purpose") == OUTPUT_PURPOSE)
