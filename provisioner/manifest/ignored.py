"""`ignore_changes`: paths that lead to nothing, by which nothing is ignored."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.diagnostics import Diagnostic
from provisioner.kinds import KINDS, Kind
from provisioner.manifest.document import Document
from provisioner.manifest.quoting import shown
from provisioner.manifest.suggestions import did_you_mean


def check_ignored(document: Document) -> Iterator[Diagnostic]:
    """Warn of every path that can't be one of the kind, whatever is live."""
    kind = KINDS[document.address.kind]
    lifecycle = document.data["metadata"].get("lifecycle", {})
    for index, path in enumerate(lifecycle.get("ignore_changes", ())):
        if not _leads_somewhere(kind, path):
            yield document.warning(
                ("metadata", "lifecycle", "ignore_changes", index),
                "M143",
                "Path of ignore_changes matches nothing",
                f"{shown(path)} is no path that a plan shows, so nothing is ignored by it."
                f"{_meant(kind, path)}",
            )


def _leads_somewhere(kind: Kind, path: str) -> bool:
    field, _, rest = path.partition(".")
    if field not in kind.members:
        return False
    keys = kind.members[field]
    return not rest or keys is None or rest.replace(".", " ").split(" ")[0] in keys


def _meant(kind: Kind, path: str) -> str:
    field, _, rest = path.removeprefix("spec.").partition(".")
    if field != "tools" or not rest:
        return (
            did_you_mean(field, kind.members) if field not in kind.members else f" Write {field}."
        )
    return " Tools are named by type, and functions by their name besides: tools.function NAME."
