"""What a run is asked to do: the assistant's settings, and what the request sets in their place."""

import json
from collections.abc import Mapping
from typing import Any

from provisioner.emulator.assistant_files import attached
from provisioner.emulator.errors import not_found, unknown_model
from provisioner.emulator.routing import Call
from provisioner.emulator.store import Row

_TRUNCATION: dict[str, Any] = {"type": "auto", "last_messages": None}


def make_request(call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
    """Make the request of a run out of a checked body; `metadata` is the run's own (recorded)."""
    row = _find_assistant(call, body["assistant_id"])
    own = json.loads(row["attributes"])
    model = own["model"] if body.get("model") is None else body["model"]
    deployments = call.service.settings.deployments
    if deployments is not None and model not in deployments:
        raise unknown_model()
    return {
        "api_version": call.version.date,
        "assistant_name": own["name"],
        "model": model,
        "instructions": _instructions(own, body),
        "tools": own["tools"] if body.get("tools") is None else body["tools"],
        "file_ids": attached(call, row["id"]),
        "metadata": body.get("metadata") or {},
        **_settings(own, body),
    }


def _find_assistant(call: Call, assistant_id: str) -> Row:
    row = call.store.row("SELECT * FROM assistants WHERE id = ?", assistant_id)
    if row is None:
        raise not_found(f"No assistant found with id '{assistant_id}'.")
    return row


def _instructions(own: Mapping[str, Any], body: Mapping[str, Any]) -> str | None:
    given, added = body.get("instructions"), body.get("additional_instructions")
    instructions: str | None = own["instructions"] if given is None else given
    if not added:
        return instructions
    # OpenAI's document: at the end of the instructions. What stands between isn't known.
    return f"{instructions}\n{added}" if instructions else str(added)


def _settings(own: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    def given(name: str, otherwise: Any) -> Any:
        return otherwise if body.get(name) is None else body[name]

    return {
        "temperature": float(given("temperature", own["temperature"])),
        "top_p": float(given("top_p", own["top_p"])),
        "max_completion_tokens": body.get("max_completion_tokens"),
        "max_prompt_tokens": body.get("max_prompt_tokens"),
        "truncation_strategy": {**_TRUNCATION, **given("truncation_strategy", {})},
        "response_format": given("response_format", own["response_format"]),
        "tool_choice": _tool_choice(given("tool_choice", "auto")),
        "parallel_tool_calls": given("parallel_tool_calls", True),
    }


def _tool_choice(choice: Any) -> Any:
    # Recorded: a `"function": null` that was sent is not shown.
    if isinstance(choice, dict) and choice.get("function") is None:
        return {"type": choice["type"]}
    return choice
