"""Where the state of an environment is kept."""

from __future__ import annotations

from contextlib import AbstractContextManager

from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.state.backend import Backend
from provisioner.state.folder import Folder
from provisioner.state.storage import Held


def kept_state(project: Project, environment: Environment) -> Backend:
    """Give the state of an environment; nothing is read yet."""
    return Backend(Folder(project.state_folder(environment.name)), environment.name)


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
