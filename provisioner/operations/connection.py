"""The service of an environment, reached."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from provisioner.manifest.endpoints import is_loopback
from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.manifest.provider_config import Auth, ProviderConfig
from provisioner.providers.base import Provider
from provisioner.providers.limiter import Limiter
from provisioner.state.files import prepare_folder
from provisioner.state.model import ServiceIdentity

if TYPE_CHECKING:
    from provisioner.providers.signing import Credential

EMBEDDED = "emulator"
"""What stands for the endpoint of the embedded emulator, whose port changes from run to run."""

SETTLE_SECONDS = 30.0
"""How long a lost create may take to show: recorded uploads took up to 9 s, stores with files 24 s.
"""
LOOPBACK_SETTLE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Connection:
    """A provider, and the identity of the service behind it."""

    provider: Provider
    service: ServiceIdentity


def identity(config: ProviderConfig) -> ServiceIdentity:
    """Tell which service an environment belongs to."""
    return ServiceIdentity(config.type, config.endpoint or EMBEDDED, str(config.api_version))


@contextmanager
def connected(
    project: Project, environment: Environment, limiter: Limiter | None = None
) -> Iterator[Connection]:
    """Reach the service of an environment; the embedded emulator is started, and stopped again.

    All requests go at the pace of `limiter`; left out, of one that tells nobody of it.
    """
    config, limiter = environment.provider, limiter or Limiter()
    if config.endpoint:
        with _provider(config.endpoint, config, config.auth, limiter) as provider:
            yield Connection(provider, identity(config))
        return
    with (
        _emulator(project, environment) as endpoint,
        _provider(endpoint, config, None, limiter) as provider,
    ):
        yield Connection(provider, identity(config))


@contextmanager
def _emulator(project: Project, environment: Environment) -> Iterator[str]:
    from provisioner.emulator.embedded import running
    from provisioner.emulator.settings import EmulatorSettings

    folder = project.state_folder(environment.name)
    prepare_folder(folder)
    with running(EmulatorSettings(data=folder / "emulator")) as endpoint:
        yield endpoint


@contextmanager
def _provider(
    endpoint: str, config: ProviderConfig, auth: Auth | None, limiter: Limiter
) -> Iterator[Provider]:
    from provisioner.providers.assistants import AssistantsProvider
    from provisioner.providers.transport import Transport

    loopback = is_loopback(urlsplit(endpoint).hostname or "")
    version, credential = str(config.api_version), _credential(auth)
    transport = Transport(endpoint, version, credential, limiter, direct=loopback)
    settle_seconds = LOOPBACK_SETTLE_SECONDS if loopback else SETTLE_SECONDS
    try:
        yield AssistantsProvider(transport, config.api_version, settle_seconds)
    finally:
        transport.close()


def _credential(auth: Auth | None) -> Credential:
    from provisioner.providers import credentials
    from provisioner.providers.signing import Credential

    if auth is None:
        return Credential(api_key="emulator", is_secret=False)
    if auth.type == "entra":
        return credentials.from_entra(auth.client_id, auth.tenant_id, auth.scope)
    return credentials.from_environment(auth.env or "", bearer=auth.type == "bearer")
