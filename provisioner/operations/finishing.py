"""What follows when an export that takes over is in its place: proof, tags and records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from provisioner.address import Address
from provisioner.errors import PlanError, ProvisionerError
from provisioner.events import Event
from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.operations.connection import Connection
from provisioner.operations.observing import Observation
from provisioner.operations.placing import take_back
from provisioner.operations.proving import contradiction, differing
from provisioner.operations.taking_over import take_over
from provisioner.operations.workspace import Workspace, open_workspace
from provisioner.resource import RemoteObject
from provisioner.state.backend import Recorded

Telling = Callable[[Event], None]


@dataclass(frozen=True, slots=True)
class Site:
    """An environment as it was found."""

    project: Project
    environment: Environment
    connection: Connection
    recorded: Recorded
    observation: Observation


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is declared by now, and not recorded yet."""

    fresh: Mapping[Address, RemoteObject]
    """What was written just now."""
    finished: Mapping[Address, RemoteObject]
    """What was declared before: an earlier run wrote it, and was cut short."""
    files: Mapping[Address, RemoteObject]
    """The files of the project that these attach."""
    written: tuple[Path, ...]


def finish(site: Site, unfinished: Unfinished, notes: list[str]) -> Iterator[Event]:
    """Take over what is declared just as it is live.

    Raises ProvisionerError where the project, read again, doesn't say what was meant; then what
    was written is taken back, and nothing live was touched.
    """
    try:
        workspace = open_workspace(site.project.folder, site.environment.name, site.project.inputs)
        found = dict(_equal(site, workspace, unfinished, notes))
    except ProvisionerError:
        take_back(unfinished.written)
        raise
    used = {each for address in found for each in workspace.resources[address].depends_on}
    recorded = site.observation.state.resources
    files = {
        address: each
        for address, each in unfinished.files.items()
        if address in used and address not in recorded
    }
    yield from take_over(
        workspace, site.connection, site.recorded, site.observation, {**files, **found}
    )


def _equal(
    site: Site, workspace: Workspace, unfinished: Unfinished, notes: list[str]
) -> Iterator[tuple[Address, RemoteObject]]:
    """Go through what is declared just as it is live."""
    recorded = {address: each.id for address, each in site.observation.state.resources.items()}
    found = {**unfinished.finished, **unfinished.fresh}
    ids = {
        **recorded,
        **{address: each.id for address, each in {**unfinished.files, **found}.items()},
    }
    problems = []
    for address, live in found.items():
        reasons = list(
            differing(address.kind, live.attributes, workspace.resources.get(address), ids)
        )
        if not reasons:
            yield address, live
        elif address in unfinished.fresh:
            problems.append(contradiction(address, reasons))
        else:
            notes.append(f"{live.id} is not taken over as {address}: {'; '.join(reasons)}.")
    if problems:
        raise PlanError(*problems)
