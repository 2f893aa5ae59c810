"""Kinds: what is particular to one kind of resource, one file each."""

from collections.abc import Mapping

from provisioner.kinds.assistant import ASSISTANT
from provisioner.kinds.file import FILE
from provisioner.kinds.kind import Kind
from provisioner.kinds.vector_store import VECTOR_STORE

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (FILE, VECTOR_STORE, ASSISTANT)}
"""Every kind with remote objects, in the order in which they are made."""

__all__ = ["KINDS", "Kind"]
