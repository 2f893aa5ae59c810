"""Clients of Azure Blob Storage, and what proves who sends their requests."""

from __future__ import annotations

import base64
import binascii
import logging
import os
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from provisioner.diagnostics import error
from provisioner.errors import ProvisionerError

if TYPE_CHECKING:
    from azure.storage.blob import ContainerClient

KEY, SAS, ENTRA = "account_key", "sas", "entra"
KEY_VARIABLE, SAS_VARIABLE = "AZURE_STORAGE_KEY", "AZURE_STORAGE_SAS_TOKEN"
"""What the Azure CLI reads, too."""

CONNECT_SECONDS, READ_SECONDS = 10, 60
RETRIES, FIRST_PAUSE, JITTER = 3, 1, 1
"""The SDK's own first pause is 15 s, in which a lease may end."""


@cache
def container(
    account_url: str,
    name: str,
    auth: tuple[str, str | None, str | None, str | None] | None,
    *,
    direct: bool,
) -> ContainerClient:
    """Give the client of a container, one for each command.

    `auth` is a type, the name of a variable, a client id and a tenant id; None takes what the
    environment offers. `direct`: past any proxy of the environment. Raises ProvisionerError where
    there is no credential, or the SDK isn't installed.
    """
    try:
        from azure.core.pipeline.transport import RequestsTransport
        from azure.storage.blob import ContainerClient, ExponentialRetry
    except ImportError:
        raise _not_installed("azure-storage-blob") from None
    return ContainerClient(
        account_url,
        name,
        credential=_credential(account_url, *(auth or _offered())),
        # A redirected write would be signed anew, for whatever host it leads to.
        permit_redirects=False,
        transport=RequestsTransport(use_env_settings=not direct),
        retry_policy=ExponentialRetry(
            initial_backoff=FIRST_PAUSE,
            increment_base=2,
            retry_total=RETRIES,
            random_jitter_range=JITTER,
        ),
        connection_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
    )


def _offered() -> tuple[str, str | None, str | None, str | None]:
    for kind, variable in ((KEY, KEY_VARIABLE), (SAS, SAS_VARIABLE)):
        if os.environ.get(variable):
            return kind, variable, None, None
    return ENTRA, None, None, None


def _credential(
    account_url: str, kind: str, variable: str | None, client_id: str | None, tenant_id: str | None
) -> Any:
    from azure.core.credentials import AzureNamedKeyCredential, AzureSasCredential

    if kind == ENTRA:
        if not account_url.startswith("https://"):
            raise _unusable(
                "No token of Entra ID is sent over http.", f"{KEY_VARIABLE} or {SAS_VARIABLE}"
            )
        return _entra(client_id, tenant_id)
    value = os.environ.get(variable or "", "").strip()
    if kind == SAS and "sig=" in value:
        return AzureSasCredential(value.removeprefix("?"))
    if kind == KEY and _is_key(value):
        return AzureNamedKeyCredential(_account(account_url), value)
    what = "SAS token" if kind == SAS else "access key"
    wrong = f"holds no {what}" if value else "is not set"
    raise _unusable(f"The environment variable {variable} {wrong}.", str(variable), what)


def _unusable(why: str, variable: str, what: str = "access key or SAS token") -> ProvisionerError:
    return ProvisionerError(
        error(
            "S026",
            "State has no usable credential",
            f"{why} Set {variable} to the {what} of the storage account.",
        )
    )


def _is_key(value: str) -> bool:
    try:
        return bool(base64.b64decode(value, validate=True))
    except binascii.Error:
        return False


def _account(account_url: str) -> str:
    """Take the account's name out of the host, or out of the path where the host is an address."""
    parts = urlsplit(account_url)
    path = parts.path.strip("/")
    return path or (parts.hostname or "").partition(".")[0]


def _entra(client_id: str | None, tenant_id: str | None) -> Any:
    try:
        from azure.identity import DefaultAzureCredential
    except ImportError:
        raise _not_installed("azure-identity") from None
    # It tells of each way that it tried, at length; that there is no token is told by us.
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
    options = {
        "managed_identity_client_id": client_id,
        "workload_identity_client_id": client_id,
        "workload_identity_tenant_id": tenant_id,
    }
    return DefaultAzureCredential(**{key: each for key, each in options.items() if each})


def _not_installed(package: str) -> ProvisionerError:
    return ProvisionerError(
        error(
            "S025",
            "State needs a package that is not installed",
            f"State in Azure Blob Storage needs {package}. Install it with:\n\n"
            f"    pip install {package}",
        )
    )
