"""Where the state of an environment is kept."""

from __future__ import annotations

from contextlib import AbstractContextManager
from urllib.parse import urlsplit

from provisioner.manifest.endpoints import is_loopback
from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.manifest.state_config import StateConfig
from provisioner.state.backend import Backend
from provisioner.state.folder import Folder
from provisioner.state.storage import Held, Storage


def kept_state(project: Project, environment: Environment) -> Backend:
    """Give the state of an environment; nothing is read yet."""
    local = Folder(project.state_folder(environment.name))
    config = environment.state
    return Backend(_blobs(config, local) if config else local, environment.name)


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
