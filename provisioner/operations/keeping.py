"""Where the state of an environment is kept."""

from __future__ import annotations

from contextlib import AbstractContextManager
from urllib.parse import urlsplit

from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.manifest.endpoints import is_loopback
from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.manifest.state_config import StateConfig
from provisioner.state.backend import Backend
from provisioner.state.folder import Folder
from provisioner.state.storage import STATE, Held, Storage


def kept_state(project: Project, environment: Environment) -> Backend:
    """Give the state of an environment; nothing is read yet.

    Raises StateError where the Project says that it is elsewhere, and it is still in local files.
    """
    local = local_folder(project, environment)
    if environment.state and (local.path / STATE).exists():
        raise _still_local(local, environment)
    return backend_at(project, environment)


def local_folder(project: Project, environment: Environment) -> Folder:
    """Give the folder of an environment."""
    return Folder(project.state_folder(environment.name))


def backend_at(
    project: Project, environment: Environment, config: StateConfig | None = None
) -> Backend:
    """Give the state at a place; left out, at that which the Project says."""
    local = local_folder(project, environment)
    chosen = config or environment.state
    return Backend(_blobs(chosen, local) if chosen else local, environment.name)


def _still_local(local: Folder, environment: Environment) -> StateError:
    return StateError(
        error(
            "S030",
            "State is still in local files",
            f"The Project says that the state of {environment.name} is in Azure Blob Storage, and"
            f" {local.place(STATE)} is here. Move it with `provisioner init --migrate-state -e"
            f" {environment.name}`; if it is a leftover, take the file away.",
        )
    )


def _blobs(config: StateConfig, local: Folder) -> Storage:
    from provisioner.state.blob_client import container

    auth = config.auth
    client = container(
        config.account_url,
        config.container,
        (auth.type, auth.env, auth.client_id, auth.tenant_id) if auth else None,
        direct=is_loopback(urlsplit(config.account_url).hostname or ""),
    )
    # Only now: without the SDK there is no client, and that is said well.
    from provisioner.state.blob import BlobStorage
    from provisioner.state.blob_requests import Blobs

    return BlobStorage(Blobs(client, config.prefix), local)


def locked(
    project: Project,
    environment: Environment,
    operation: str,
    timeout: float = 0,
    held: Held = lambda _holder, _seconds: None,
) -> AbstractContextManager[None]:
    """Hold the lock of an environment for a command that writes.

    `held` is told for whom it is waited. Raises LockError that names the holder.
    """
    return kept_state(project, environment).storage.locked(operation, timeout, held)
