"""Threads, messages, runs and steps as v1 and v2 show them, in recorded order of keys."""

import json
from collections.abc import Mapping
from typing import Any

from provisioner.emulator.assistant_views import view_tools
from provisioner.emulator.conversations.run import Run
from provisioner.emulator.store import Row
from provisioner.emulator.versions import ApiVersion

_NO_FILES: dict[str, Any] = {"code_interpreter": {"file_ids": []}}


def view_thread(row: Row, file_ids: list[str], version: ApiVersion, *, bare: bool) -> Any:
    """Show a thread; recorded: where nothing is attached, POST answers `{}` and GET does not."""
    view = {
        "id": row["id"],
        "object": "thread",
        "created_at": row["created_at"],
        "metadata": json.loads(row["metadata"]),
    }
    if version.generation == 1:
        return view
    stores = json.loads(row["vector_store_ids"])
    resources: dict[str, Any] = {"file_search": {"vector_store_ids": stores}} if stores else {}
    if file_ids:
        resources["code_interpreter"] = {"file_ids": file_ids}
    return {**view, "tool_resources": resources or ({} if bare else _NO_FILES)}


def view_message(row: Row, files: list[Row], version: ApiVersion, *, streamed: bool = False) -> Any:
    """Show a message; only streams show its status (recorded)."""
    ids = {"id": row["id"], "object": "thread.message", "created_at": row["created_at"]}
    said = {"role": row["role"], "content": _content(json.loads(row["content"]), version)}
    whose = {"assistant_id": row["assistant_id"], "run_id": row["run_id"]}
    metadata = json.loads(row["metadata"])
    if version.generation == 1:
        file_ids = [file["file_id"] for file in files]
        shown = {"thread_id": row["thread_id"], **said, "file_ids": file_ids, **whose}
        return {**ids, **shown, "metadata": metadata}
    attachments = [
        {"file_id": file["file_id"], "tools": json.loads(file["tools"])} for file in files
    ]
    return {
        **ids,
        "assistant_id": row["assistant_id"],
        "thread_id": row["thread_id"],
        "run_id": row["run_id"],
        **(_message_status(row) if streamed else {}),
        **said,
        "attachments": attachments,
        "metadata": metadata,
    }


def _message_status(row: Row) -> dict[str, Any]:
    reason, ended = row["incomplete_reason"], row["ended_at"]
    return {
        "status": row["status"],
        "incomplete_details": {"reason": reason} if reason else None,
        "incomplete_at": ended if reason else None,
        "completed_at": None if reason else ended,
    }


def _content(parts: list[dict[str, Any]], version: ApiVersion) -> list[dict[str, Any]]:
    return [_text(part, version) if part["type"] == "text" else part for part in parts]


def _text(part: dict[str, Any], version: ApiVersion) -> dict[str, Any]:
    if not version.since("2025"):
        return part
    # Recorded in 2025: a citation names the file and quotes nothing; v1 quoted.
    annotations = [
        {**each, "file_citation": {"file_id": each["file_citation"]["file_id"]}}
        if each["type"] == "file_citation"
        else each
        for each in part["text"]["annotations"]
    ]
    return {**part, "text": {**part["text"], "annotations": annotations}}


def view_run(run: Run, usage: Any, version: ApiVersion, *, streamed: bool = False) -> Any:
    """Show a run; `usage` is what its steps took, shown once it is over."""
    outcome, request = run.outcome, run.request
    action = _required_action(run)
    shared = {
        "id": run.id,
        "object": "thread.run",
        "created_at": run.created_at,
        "assistant_id": run.assistant_id,
        "thread_id": run.thread_id,
        "status": run.status,
        "started_at": outcome.started_at,
        "expires_at": run.expires_at if run.active else None,
        "cancelled_at": outcome.cancelled_at,
        "failed_at": outcome.failed_at,
        "completed_at": outcome.completed_at,
    }
    described = {
        "last_error": outcome.last_error,
        "model": request["model"],
        "instructions": request["instructions"],
        "tools": view_tools(request["tools"], version),
    }
    if version.generation == 1:
        files = {"file_ids": request["file_ids"], "metadata": request["metadata"]}
        # Recorded: there only while an action is required, and last.
        return {**shared, **described, **files, **({"required_action": action} if action else {})}
    return {
        **shared,
        "required_action": action,
        **described,
        # Recorded: whatever the assistant has; streams show another emptiness than answers.
        "tool_resources": _NO_FILES if streamed else {},
        "metadata": request["metadata"],
        **_settings(request),
        "incomplete_details": outcome.incomplete_details,
        "usage": None if run.active else view_usage(usage, version),
        "response_format": request["response_format"],
        "tool_choice": request["tool_choice"],
        "parallel_tool_calls": request["parallel_tool_calls"],
    }


def _settings(request: Mapping[str, Any]) -> dict[str, Any]:
    names = ("temperature", "top_p", "max_completion_tokens", "max_prompt_tokens")
    return {name: request[name] for name in (*names, "truncation_strategy")}


def _required_action(run: Run) -> dict[str, Any] | None:
    if run.status != "requires_action":
        return None
    return {
        "type": "submit_tool_outputs",
        "submit_tool_outputs": {"tool_calls": [*run.progress.calls]},
    }


def view_usage(usage: Mapping[str, int] | None, version: ApiVersion) -> dict[str, Any] | None:
    """Show tokens; recorded from 2025 on with a member whose name lacks an s."""
    if usage is None:
        return None
    prompt, completion = usage["prompt_tokens"], usage["completion_tokens"]
    shown = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }
    return (
        {**shown, "prompt_token_details": {"cached_tokens": 0}} if version.since("2025") else shown
    )
