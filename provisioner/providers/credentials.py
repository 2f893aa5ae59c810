"""Credentials: keys and tokens, from the environment or from Entra ID."""

from __future__ import annotations

import os
from collections.abc import Callable

from provisioner.diagnostics import error
from provisioner.errors import ProvisionerError
from provisioner.providers.signing import Credential

SCOPE = "https://cognitiveservices.azure.com/.default"
"""The scope of tokens for Azure OpenAI (assistants_generated 2024-02-15-preview)."""


def from_environment(variable: str, *, bearer: bool) -> Credential:
    """Take a key, or a token made elsewhere, from an environment variable.

    White space around it is dropped: mounted secrets often end in a newline.
    """
    value = os.environ.get(variable, "").strip()
    if not value or not all("!" <= each <= "~" for each in value):
        what = "holds what no header can carry" if value else "is not set"
        raise ProvisionerError(
            error(
                "R006",
                "Credential is missing",
                f"The environment variable {variable}, which `auth` names, {what}. Set it to the"
                f" {'token' if bearer else 'API key'} of the resource.",
            )
        )
    return Credential(token=lambda: value) if bearer else Credential(api_key=value)


def from_entra(client_id: str | None, tenant_id: str | None, scope: str | None) -> Credential:
    """Take tokens from Entra ID, through azure-identity's DefaultAzureCredential."""
    try:
        from azure.identity import DefaultAzureCredential, get_bearer_token_provider
    except ImportError:
        raise ProvisionerError(
            error(
                "R007",
                "azure-identity is not installed",
                "`auth: {type: entra}` needs it. Install it with:\n\n"
                "    pip install azure-identity",
            )
        ) from None
    options = {
        "managed_identity_client_id": client_id,
        "workload_identity_client_id": client_id,
        "workload_identity_tenant_id": tenant_id,
    }
    credential = DefaultAzureCredential(**{key: each for key, each in options.items() if each})
    return Credential(token=_explained(get_bearer_token_provider(credential, scope or SCOPE)))


def _explained(token: Callable[[], str]) -> Callable[[], str]:
    from azure.core.exceptions import AzureError

    def explained() -> str:
        try:
            return token()
        except AzureError as trouble:
            raise ProvisionerError(
                error(
                    "R008",
                    "Entra ID gave no token",
                    f"{next(iter(str(trouble).splitlines()), 'No reason given.')} Sign in with"
                    " `az login`, or set up the identity that this machine should use.",
                )
            ) from None

    return explained
