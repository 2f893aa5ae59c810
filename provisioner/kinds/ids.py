"""How ids begin at Azure OpenAI, and the kind that each is of."""

from __future__ import annotations

import re
from collections.abc import Mapping

ID_PREFIXES: Mapping[str, str] = {
    "asst_": "assistant",
    "assistant-": "file",
    "file-": "file",
    "vs_": "vectorstore",
}
"""Recorded: assistants `asst_`, files for assistants `assistant-`, vector stores `vs_`. Azure's
fine-tuning pages show `file-` for files of other purposes.
"""


_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,255}")


def is_id(text: object) -> bool:
    """Say whether a value may be an id: it becomes part of the path of requests."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None


def kind_of_id(id_: str) -> str | None:
    """Tell the kind that an id is of; None where its form doesn't say."""
    return next((kind for prefix, kind in ID_PREFIXES.items() if id_.startswith(prefix)), None)
