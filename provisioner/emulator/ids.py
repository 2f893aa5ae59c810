"""Ids in the forms that the service gives out."""

import secrets
import string

from provisioner.emulator.versions import ApiVersion

_LETTERS = string.ascii_letters + string.digits


def _random(length: int) -> str:
    return "".join(secrets.choice(_LETTERS) for _ in range(length))


def assistant_id() -> str:
    """`asst_` and 24 letters or digits."""
    return "asst_" + _random(24)


def file_id(purpose: str, version: ApiVersion) -> str:
    """`assistant-` and 24 letters or digits, 22 from 2025-03-01-preview on (recorded)."""
    if purpose != "assistants":
        # Azure's fine-tuning pages show `file-` and 32 hex digits for all other purposes.
        return "file-" + secrets.token_hex(16)
    return "assistant-" + _random(22 if version.since("2025-03-01") else 24)


def vector_store_id() -> str:
    """`vs_` and 24 letters or digits."""
    return "vs_" + _random(24)


def file_batch_id() -> str:
    """`vsfb_` and 32 hex digits."""
    return "vsfb_" + secrets.token_hex(16)


def thread_id() -> str:
    """`thread_` and 24 letters or digits; so are messages, runs, steps and calls (recorded)."""
    return "thread_" + _random(24)


def message_id() -> str:
    """`msg_` and 24 letters or digits."""
    return "msg_" + _random(24)


def run_id() -> str:
    """`run_` and 24 letters or digits."""
    return "run_" + _random(24)


def step_id() -> str:
    """`step_` and 24 letters or digits."""
    return "step_" + _random(24)


def call_id() -> str:
    """`call_` and 24 letters or digits."""
    return "call_" + _random(24)


def output_file_id(version: ApiVersion | None) -> str:
    """Give the id of a file that the code interpreter made: as of one sent for assistants."""
    return file_id("assistants", version) if version else "assistant-" + _random(24)
