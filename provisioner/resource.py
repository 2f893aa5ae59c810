"""Resources: declared, live and recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Address
from provisioner.diagnostics import Position

Attributes = Mapping[str, Any]
"""JSON values by the service's own field names, in the normal form of the kind.

In a declared resource, the id that another resource has yet to supply is that resource's Address.
"""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who made an object: the ownership tag that it carries in its metadata."""

    uid: str
    """The project's uid."""
    environment: str
    address: Address
    operation: str | None = None
    """The create that made the object, until it is first updated."""


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """What plans may do with a resource."""

    prevent_destroy: bool = False
    """A plan that would delete or replace its object is refused."""
    ignore_changes: tuple[str, ...] = ()
    """Dotted paths whose live values are left as they are."""


UNPROTECTED = Lifecycle()


@dataclass(frozen=True, slots=True)
class Resource:
    """What a manifest declares, composed for one environment."""

    address: Address
    attributes: Attributes
    depends_on: tuple[Address, ...] = ()
    origin: Position | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    source: str | None = None
    """For a file: the absolute path of its bytes."""
    lifecycle: Lifecycle = UNPROTECTED


@dataclass(frozen=True, slots=True)
class RemoteObject:
    """What is live at the service, in the normal form of its kind."""

    kind: str
    id: str
    attributes: Attributes
    owner: Owner | None = None
    created_at: int = 0
    """Seconds since 1970 by the service's clock."""
    taking_in: tuple[str, ...] = ()
    """Ids of files that a store is still indexing: they aren't among its attributes yet."""
    files_digest: str | None = None
    """What its ownership tag says of the files that it was given."""


@dataclass(frozen=True, slots=True)
class ResourceState:
    """What was last applied, as recorded in the state."""

    address: Address
    id: str
    attributes: Attributes
    """As sent, references resolved."""
    depends_on: tuple[Address, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    deposed: tuple[str, ...] = ()
    """Ids of predecessors that were replaced and wait for their deletion."""
    filled: Attributes = field(default_factory=dict)
    """What the service filled in where nothing was sent; it is no drift while it stays so."""
    lifecycle: Lifecycle = UNPROTECTED
    """As last applied: it still holds when the manifest is gone."""


def resolve(value: Any, ids: Mapping[Address, str] | Mapping[Address, Address]) -> Any:
    """Put ids, or other Addresses, in the place of those Addresses that have one."""
    if isinstance(value, Address):
        return ids.get(value, value)
    if isinstance(value, Mapping):
        return {key: resolve(each, ids) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [resolve(each, ids) for each in value]
    return value


def unresolve(value: Any, addresses: Mapping[str, Address]) -> Any:
    """Put Addresses in the place of the ids that are theirs; leave other texts as they are."""
    if isinstance(value, str):
        return addresses.get(value, value)
    if isinstance(value, Mapping):
        return {key: unresolve(each, addresses) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [unresolve(each, addresses) for each in value]
    return value
