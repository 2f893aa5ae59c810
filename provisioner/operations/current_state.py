"""The state of an environment: of this project and this service, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from provisioner.api_version import ApiVersion
from provisioner.diagnostics import Diagnostic, error, warning
from provisioner.errors import StateError
from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.operations.keeping import kept_state
from provisioner.state.backend import Recorded
from provisioner.state.cures import fitting
from provisioner.state.model import ServiceIdentity, State


def current_state(
    project: Project,
    environment: Environment,
    recorded: Recorded,
    service: ServiceIdentity,
    *,
    upgrade_api: bool = False,
) -> State:
    """Take what is recorded, or begin a history; a state of another service is refused."""
    state = recorded.state
    if state is None:
        return State.new(project.name, project.uid, environment.name, service)
    refuse_foreign(project, environment, state)
    if (state.service.type, state.service.endpoint) != (service.type, service.endpoint):
        raise StateError(
            error(
                "S008",
                "State belongs to another service",
                f"It was made with {state.service.type} at {state.service.endpoint}; the"
                f" environment {environment.name} now says {service.type} at {service.endpoint}."
                f" If the same objects are there, `provisioner state retarget -e"
                f" {environment.name}` looks for each of them, and then writes the new endpoint"
                " down. Otherwise use another environment for another service.",
            )
        )
    refuse_generation(state, environment, upgrade_api=upgrade_api)
    return replace(state, project=project.name, service=service)


def lost_state(
    project: Project, environment: Environment, recorded: Recorded
) -> Iterator[Diagnostic]:
    """Warn where nothing is recorded, although something was."""
    backend = kept_state(project, environment)
    best = fitting(backend.storage, None) if recorded.state is None else None
    if best and best.state.resources:
        yield warning(
            "S101",
            "State is gone, but generations of it are kept",
            f"There is no state.json in {backend.storage.place()}, so what is live is told by its"
            f" ownership tag alone, files are uploaded again, and the history begins anew."
            f" {backend.cure()}",
        )


def refuse_foreign(project: Project, environment: Environment, state: State) -> None:
    """Refuse a state that was made for another project or environment."""
    if (state.uid, state.environment) == (project.uid, environment.name):
        return
    raise StateError(
        error(
            "S011",
            "State belongs to another project or environment",
            f"It was made for project {state.project} ({state.uid}), environment"
            f" {state.environment}; this is {project.name} ({project.uid}), {environment.name}."
            " Don't copy .provisioner/ from one to another: take the copy away, and put the"
            " own state back if there was one.",
        )
    )


def refuse_generation(state: State, environment: Environment, *, upgrade_api: bool) -> None:
    """Refuse a state of the other generation of the API, but let v1 become v2 where asked to."""
    before = ApiVersion(state.service.api_version or str(environment.provider.api_version))
    now = environment.provider.api_version
    if before.generation == now.generation:
        return
    if before.generation < now.generation:
        if upgrade_api:
            return
        cure = "Assistants will then be held by v2. If that is meant, run once with --upgrade-api."
    else:
        cure = "There is no way back from v2 to v1: set api_version to 2024-05-01-preview or later."
    raise StateError(
        error(
            "S009",
            "API version is of another generation",
            f"The state was made with {before}, and the environment {environment.name} now says"
            f" {now}. {cure}",
        )
    )
