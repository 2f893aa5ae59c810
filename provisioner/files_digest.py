"""The digest of a holder's files, by which they can be recognised when the state is lost."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping


def files_digest(ids: Iterable[str], sha256: Mapping[str, str]) -> str:
    """Digest (id, SHA-256) pairs of whatever an object refers to, in the order of the ids.

    What isn't a file of ours has no SHA-256.
    """
    pairs = "".join(f"{each} {sha256.get(each, '')}\n" for each in sorted(ids))
    return hashlib.sha256(pairs.encode()).hexdigest()
