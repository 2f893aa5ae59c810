"""What can't be accepted, and what to do about it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from difflib import unified_diff
from typing import Any

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, Position, error
from provisioner.errors import ManifestError
from provisioner.json_texts import texts
from provisioner.plan import Change, Difference
from provisioner.veil import is_veiled

LONGEST = 200
"""So many characters of a value are shown."""


def is_sensitive(edit: Difference) -> bool:
    """Say whether anything sensitive stands, or stood, where something was edited."""
    return any(is_veiled(text) for each in (edit.before, edit.after) for _, text in texts(each))


def hidden(address: Address, edit: Difference, position: Position | None) -> Diagnostic:
    """Refuse what a sensitive value is part of."""
    return error(
        "P078",
        "Sensitive field can't be accepted",
        f"A sensitive value is part of {_path(address, edit)}, and no file may hold one. Change"
        " the text around it in the manifest by hand, or undo the edit with `provisioner apply`.",
        position,
        address,
    )


def conflicting(address: Address, edit: Difference, position: Position | None) -> Diagnostic:
    """Refuse to choose between an edit at the service and one in the manifest."""
    return error(
        "P076",
        "Manifest was edited too",
        f"{_path(address, edit)} was changed on both sides since the last apply: {_told(edit)}."
        " To keep what is live, write that into the manifest; to keep what the manifest says,"
        " apply.",
        position,
        address,
    )


def unplaceable(
    address: Address, edit: Difference, position: Position | None, reasons: Iterable[str]
) -> Diagnostic:
    """Say what can't be written, and where it would have to be."""
    why = "; ".join(dict.fromkeys(each.rstrip(".") for each in reasons))
    return error(
        "P075",
        "Edit can't be placed",
        f"{_path(address, edit)} was edited: {_told(edit)}. That can't be written into the"
        f" manifests: {why}. Edit them by hand, or undo the edit with `provisioner apply`.",
        position,
        address,
    )


def gone(change: Change) -> Diagnostic:
    """Say what to do about an object that was deleted."""
    return error(
        "P077",
        "Deleted object can't be accepted",
        f"The object of {change.address} was deleted outside. To accept that, take its manifest"
        f" out, or write `removed: [{{from: {change.address}}}]` into provisioner.yaml beside"
        " that, and apply; to have it again, apply.",
        change.origin,
        change.address,
    )


def unrecorded(change: Change) -> Diagnostic:
    """Say that nothing was applied there that could have been edited since."""
    return error(
        "P079",
        "Nothing was applied there",
        f"Nothing is recorded at {change.address}, so nobody can tell what was edited since."
        " Apply first, or take over what is live with `provisioner import`.",
        change.origin,
        change.address,
    )


def unknown_to_manifests(change: Change) -> Diagnostic:
    """Say that no manifest declares what is recorded."""
    return error(
        "P081",
        "No manifest declares the address",
        f"{change.address} is recorded, but no manifest declares it, and the next apply would"
        " remove it. Write it with `provisioner export --target`, or put its manifest back.",
        address=change.address,
    )


def unwritable(trouble: OSError) -> ManifestError:
    """Say that files can't be rewritten."""
    name = trouble.filename or "A file"
    return ManifestError(
        error(
            "P080",
            "Accepted edits can't be written",
            f"{name}: {trouble.strerror or trouble}. No file was changed. Mend that, and accept"
            " again.",
        )
    )


def _path(address: Address, edit: Difference) -> str:
    return ".".join([str(address), *map(str, edit.path)])


def _told(edit: Difference) -> str:
    """Say how live and declared differ; of texts of several lines, those that do."""
    live, declared = edit.before, edit.after
    if not (isinstance(live, str) and isinstance(declared, str) and "\n" in live + declared):
        return f"the manifests say {_shown(declared)}, and live it is {_shown(live)}"
    found = list(unified_diff(declared.split("\n"), live.split("\n"), n=0, lineterm=""))[2:]
    gone, come = ([each[1:] for each in found if each[0] == sign] for sign in "-+")
    return f"the manifests say {_lines(gone)}, and live it says {_lines(come)}"


def _lines(lines: Sequence[str]) -> str:
    return _shown("\n".join(lines)) if lines else "nothing there"


def _shown(value: Any) -> str:
    if value is None:
        return "not set"
    written = json.dumps(value, ensure_ascii=False, default=str)
    return written if len(written) <= LONGEST else f"{written[:LONGEST]}…"
