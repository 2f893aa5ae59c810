"""The kind `file`: bytes that assistants may use. The service can't change a file, only hold it."""

from __future__ import annotations

from collections.abc import Iterator

from provisioner.kinds.kind import Kind
from provisioner.plan import ChangeSeverity, Difference
from provisioner.resource import Attributes

ATTRIBUTES = ("filename", "bytes", "sha256", "purpose")


def normal_form(attributes: Attributes) -> Attributes:
    """Keep what identifies the bytes; `bytes` may be null at Azure (authoring 2024-02-15)."""
    return {key: attributes[key] for key in ATTRIBUTES if attributes.get(key) is not None}


def keyed_form(form: Attributes) -> Attributes:
    """Hold no lists."""
    return form


def references(_attributes: Attributes) -> Iterator[object]:
    """Refer to nothing."""
    return iter(())


def severity(difference: Difference) -> ChangeSeverity:
    """Other bytes make other answers; the purpose says nothing to a model, the name does."""
    cosmetic = difference.path[0] == "purpose"
    return ChangeSeverity.COSMETIC if cosmetic else ChangeSeverity.BEHAVIOURAL


FILE = Kind(
    name="file",
    normal_form=normal_form,
    keyed_form=keyed_form,
    unkeyed_form=normal_form,
    references=references,
    severity=severity,
    immutable=frozenset(ATTRIBUTES),
    unreadable=frozenset({"sha256", "bytes"}),
    spared_in_use=True,
    tagged=False,
)
