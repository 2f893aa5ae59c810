"""What is exported, and what a project calls the things that it refers to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioner.address import Address
from provisioner.export.files import Attached
from provisioner.manifest.environments import Environment
from provisioner.manifest.variables import escape_all
from provisioner.resource import UNPROTECTED, Attributes, Lifecycle


@dataclass(frozen=True, slots=True)
class Subject:
    """A live assistant or vector store, and what its document says besides."""

    id: str
    name: str
    """`metadata.name`."""
    form: Attributes
    """In the normal form."""
    kind: str = "assistant"
    is_known: bool = True
    """The next plan knows it, by its record or its tag; it makes another of what it doesn't."""
    labels: Mapping[str, str] = field(default_factory=dict)
    lifecycle: Lifecycle = UNPROTECTED

    @property
    def address(self) -> Address:
        """Where it will be declared."""
        return Address(self.kind, self.name)

    @property
    def shown(self) -> str:
        """Its name for people, and its id."""
        return f"{self.id} ({self.form.get('name') or 'without a name'!r})"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a project calls the things that assistants and stores refer to."""

    environment: Environment
    aliases: frozenset[str]
    """The words that mean a model in any environment of the project."""
    only: tuple[str, ...] = ()
    """The environments that the documents are for; none: all."""
    files: Mapping[str, Attached] = field(default_factory=dict)
    """By id; left out: not managed."""
    stores: Mapping[str, Attached] = field(default_factory=dict)
    """By id; left out: not managed."""
    tools: Mapping[str, str] = field(default_factory=dict)
    """By the key of a function, the name of its Tool document."""
    defaults: Mapping[str, Any] = field(default_factory=dict)
    """What the project merges under the spec of every Assistant."""

    @classmethod
    def of(cls, environment: Environment, environments: Mapping[str, Environment]) -> Wording:
        """Tell what a project calls models; one of several environments is named in documents."""
        aliases = frozenset(alias for each in environments.values() for alias in each.models)
        return cls(environment, aliases, (environment.name,) if len(environments) > 1 else ())


def metadata(subject: Subject, wording: Wording) -> dict[str, Any]:
    """Write the metadata of a document."""
    lifecycle: dict[str, Any] = {}
    if subject.lifecycle.prevent_destroy:
        lifecycle["prevent_destroy"] = True
    if subject.lifecycle.ignore_changes:
        lifecycle["ignore_changes"] = list(subject.lifecycle.ignore_changes)
    optional = {
        "labels": escape_all(subject.labels),
        "environments": list(wording.only),
        "lifecycle": lifecycle,
    }
    return {"name": subject.name, **{key: each for key, each in optional.items() if each}}
