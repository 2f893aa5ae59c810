"""Attributes that come from files: whether an object of their kind can have them at all."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.kinds.kind import Kind
from provisioner.resource import Attributes

_TEXTS = ("name", "description", "model", "instructions", "filename", "purpose", "sha256")
_TYPES: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(_TEXTS, str),
    **dict.fromkeys(("metadata", "tool_resources"), Mapping),
    **dict.fromkeys(("tools", "files"), (list, tuple)),
    "bytes": int,
}


def check_form(kind: Kind, attributes: Attributes) -> None:
    """Raise ValueError for attributes that no object of a kind can have.

    It goes through them as comparing and showing do, which rely on their form.
    """
    for name, wanted in _TYPES.items():
        if attributes.get(name) is not None and not isinstance(attributes[name], wanted):
            raise ValueError(f"{name!r} is of the wrong type")
    try:
        kind.keyed_form(attributes)
        kind.keyed_form(kind.normal_form(attributes))
        list(kind.references(attributes))
    except (KeyError, TypeError, AttributeError) as trouble:
        raise ValueError(f"the attributes of this {kind.name} can't be so") from trouble
