"""The kind `vectorstore`: files, cut up and indexed, that file_search looks through (v2 only)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from provisioner.kinds.kind import ONE_VALUE, Kind
from provisioner.plan import ChangeSeverity, Difference
from provisioner.resource import Attributes

EXPIRED = "expired"

DEFAULT_CHUNKING: Mapping[str, Any] = {
    "type": "static",
    "static": {"max_chunk_size_tokens": 800, "chunk_overlap_tokens": 400},
}
"""What `auto` stands for, and what is shown of it (recorded 2024-07-01-preview)."""


def normal_form(attributes: Attributes) -> Attributes:
    """Leave out what says nothing; of the status only that it is `expired` says something.

    A chunking strategy is one of files: the service applies it to nothing else (OpenAPI document
    2025-03-01-preview).
    """
    form = {key: value for key, value in attributes.items() if value not in (None, "", [], {})}
    if "file_ids" in form:
        form["file_ids"] = sorted(set(form["file_ids"]), key=str)
    chunking = form.get("chunking_strategy", {})
    if "file_ids" not in form or chunking.get("type") == "auto" or chunking == DEFAULT_CHUNKING:
        form.pop("chunking_strategy", None)
    if form.get("status") != EXPIRED:
        form.pop("status", None)
    return form


def keyed_form(form: Attributes) -> Attributes:
    """Key the files by themselves; none are an empty map, so that each counts as added."""
    return {**form, "file_ids": {str(each): each for each in form.get("file_ids", ())}}


def unkeyed_form(keyed: Attributes) -> Attributes:
    """Turn a keyed form back into the normal form."""
    return normal_form({**keyed, "file_ids": list(keyed.get("file_ids", {}).values())})


def references(attributes: Attributes) -> Iterator[object]:
    """Go through the ids of the files that the store holds."""
    yield from attributes.get("file_ids") or ()


def _open_to_change(before: Attributes, after: Attributes) -> frozenset[str]:
    """Without files nothing is cut up: the first ones may be cut up in any way."""
    filled = before.get("file_ids") and after.get("file_ids")
    return frozenset() if filled else frozenset({"chunking_strategy"})


def severity(difference: Difference) -> ChangeSeverity:
    """Files are what can be found; how they are cut up, or when they expire, changes answers."""
    first = difference.path[0]
    if first in ("name", "metadata"):
        return ChangeSeverity.COSMETIC
    return ChangeSeverity.CAPABILITY if first == "file_ids" else ChangeSeverity.BEHAVIOURAL


VECTOR_STORE = Kind(
    name="vectorstore",
    normal_form=normal_form,
    keyed_form=keyed_form,
    unkeyed_form=unkeyed_form,
    references=references,
    severity=severity,
    members={
        "name": ONE_VALUE,
        "file_ids": None,
        "expires_after": frozenset({"anchor", "days"}),
        "chunking_strategy": frozenset({"type", "static"}),
        "metadata": None,
    },
    # A file is cut up once, when it is attached. Taking it out and in again would leave the store
    # without it while it is indexed anew; a new store takes over when it is ready.
    immutable=frozenset({"chunking_strategy", "status"}),
    open_to_change=_open_to_change,
    reasons={"status": "it has expired"},
    spared_in_use=True,
    read_singly=True,
)
