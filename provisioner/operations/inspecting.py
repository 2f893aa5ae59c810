"""Looking at what is recorded; no network."""

from __future__ import annotations

from pathlib import Path

from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.manifest.environments import Environment
from provisioner.manifest.inputs import Inputs
from provisioner.manifest.project import Project
from provisioner.manifest.suggestions import did_you_mean
from provisioner.operations.keeping import kept_state
from provisioner.operations.workspace import open_project
from provisioner.resource import ResourceState


def recorded(
    start: Path, environment: str | None, inputs: Inputs, address: str | None
) -> list[ResourceState]:
    """List what is recorded, or the one resource at an address; raises StateError without it."""
    project, chosen = open_project(start, environment, inputs)
    everything = resources(project, chosen)
    if address is None:
        return everything
    by_text = {str(each.address): each for each in everything}
    if address not in by_text:
        raise StateError(
            error(
                "S010",
                "Nothing is recorded there",
                f"The state of {chosen.name} has no {address!r}.{did_you_mean(address, by_text)}",
            )
        )
    return [by_text[address]]


def resources(project: Project, environment: Environment) -> list[ResourceState]:
    """List what is recorded of an environment, in the order of addresses."""
    state = kept_state(project, environment).read().state
    return [one for _, one in sorted((state.resources if state else {}).items())]
