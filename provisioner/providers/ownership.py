"""The ownership tag as metadata pairs: who made an object."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.address import Address
from provisioner.providers.base import Tag
from provisioner.resource import Owner

OWNER_KEY = "provisioner"
"""`<uid>/<environment>/<address>`, on a create also `/<operation id>`."""
FILES_KEY = "provisioner-files"

_PARTS = 3


def to_metadata(tag: Tag) -> dict[str, str]:
    """Write a tag as metadata pairs."""
    owner = tag.owner
    parts = [owner.uid, owner.environment, str(owner.address), owner.operation]
    pairs = {OWNER_KEY: "/".join(part for part in parts if part)}
    return {**pairs, FILES_KEY: tag.files} if tag.files else pairs


def files_digest(metadata: Mapping[str, str]) -> str | None:
    """Read what the tag says of the object's files."""
    return metadata.get(FILES_KEY)


def from_metadata(metadata: Mapping[str, str]) -> tuple[Owner | None, dict[str, str]]:
    """Split metadata into the owner (None where there is none, or none of ours) and the rest."""
    rest = {key: value for key, value in metadata.items() if key not in (OWNER_KEY, FILES_KEY)}
    return _owner(str(metadata.get(OWNER_KEY) or "")), rest


def _owner(text: str) -> Owner | None:
    uid, *others = text.split("/", _PARTS)
    try:
        environment, address, *operation = others
        return Owner(uid, environment, Address.parse(address), next(iter(operation), None))
    except ValueError:
        return None
