"""What to say where a vector store didn't take in all of its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, error
from provisioner.errors import IndexingError
from provisioner.plan import Change


def unindexed(
    change: Change, trouble: IndexingError, names: Mapping[str, Address]
) -> Iterator[Diagnostic]:
    """Report each file by its address, where it is one of ours, and what is still under way."""
    for each in trouble.failed:
        name = f"{names[each.id]} ({each.id})" if each.id in names else each.id
        yield error(
            "R010",
            "File can't be indexed",
            f"{name} is not in {change.address}: the service says {each.code}:"
            f" {each.message.rstrip('.')}. What it could index is there. Correct the file, or take"
            " it out of the store, and apply again.",
            change.origin,
            change.address,
        )
    if trouble.unfinished:
        yield error(
            "R011",
            "Indexing takes too long",
            f"{trouble.unfinished} files of {change.address} are still being indexed, and the wait"
            " is over. The service goes on by itself: apply again to wait for it.",
            change.origin,
            change.address,
        )
