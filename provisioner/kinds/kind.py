"""What the planner has to know about a kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from provisioner.plan import ChangeSeverity, Difference
from provisioner.resource import Attributes

ONE_VALUE: frozenset[str] = frozenset()
"""The keys of an attribute that has none."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of resource that has a remote object of its own."""

    name: str
    """Lower-cased, as in addresses."""
    normal_form: Callable[[Attributes], Attributes]
    """Leave out all that says nothing: null, "", empty lists and maps, the service's defaults.

    Two attribute trees mean the same to the service exactly when their normal forms are equal.
    """
    keyed_form: Callable[[Attributes], Attributes]
    """The normal form with every list whose members have an identity turned into a map by it.

    Comparing these shows a removed tool as removed, not as every later tool changed.
    """
    unkeyed_form: Callable[[Attributes], Attributes]
    """The way back."""
    references: Callable[[Attributes], Iterator[object]]
    """The ids (or, before they are known, the Addresses) that the attributes refer to."""
    severity: Callable[[Difference], ChangeSeverity]
    """What one difference of the keyed form means to those who talk to an assistant."""
    members: Mapping[str, frozenset[str] | None] = field(default_factory=dict)
    """The attributes that manifests can say something of, with the first words of the keys that
    each has in the keyed form: none where it is one value, None where they are anybody's choice.
    """
    immutable: frozenset[str] = frozenset()
    """Attributes whose change demands another object."""
    open_to_change: Callable[[Attributes, Attributes], frozenset[str]] = lambda *_: frozenset()
    """The immutable attributes that this object can nevertheless change between these two forms."""
    reasons: Mapping[str, str] = field(default_factory=dict)
    """What to say, by attribute, where a difference there isn't what somebody has asked for."""
    unreadable: frozenset[str] = frozenset()
    """Attributes that the service may not give back: then the recorded values stand for them."""
    service_filled: frozenset[str] = frozenset()
    """Attributes that the service fills in where nothing was sent."""
    spared_in_use: bool = False
    """The service deletes such an object even while something refers to it, ours or not: then it
    is pulled out there (a file), or the reference leads to nothing (a vector store).
    """
    read_singly: bool = False
    """Lists don't show all of it: the rest is read object by object."""
    tagged: bool = True
    """Objects of this kind carry an ownership tag."""
