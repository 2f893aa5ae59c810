"""Looking at what is recorded; no network."""

from __future__ import annotations

from pathlib import Path

from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.manifest.inputs import Inputs
from provisioner.manifest.suggestions import did_you_mean
from provisioner.operations.workspace import open_project
from provisioner.resource import ResourceState
from provisioner.state.local import LocalState


def recorded(
    start: Path, environment: str | None, inputs: Inputs, address: str | None
) -> list[ResourceState]:
    """List what is recorded, or the one resource at an address; raises StateError without it."""
    project, chosen = open_project(start, environment, inputs)
    state = LocalState(project.state_folder(chosen.name)).read().state
    resources = {str(each): one for each, one in sorted((state.resources if state else {}).items())}
    if address is None:
        return list(resources.values())
    if address not in resources:
        raise StateError(
            error(
                "S010",
                "Nothing is recorded there",
                f"The state of {chosen.name} has no {address!r}.{did_you_mean(address, resources)}",
            )
        )
    return [resources[address]]
