"""The service of an environment, as the Project says it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from provisioner.api_version import FIRST_V2, ApiVersion
from provisioner.diagnostics import Diagnostic
from provisioner.manifest.document import Document
from provisioner.manifest.endpoints import is_safe
from provisioner.manifest.variables import references


@dataclass(frozen=True, slots=True)
class Auth:
    """Where requests get their credential from; never a credential itself."""

    type: str
    """api_key, bearer or entra."""
    env: str | None = None
    client_id: str | None = None
    tenant_id: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class ProviderConfig:
    """The service of an environment."""

    type: str
    """azure-openai or emulator."""
    api_version: ApiVersion
    endpoint: str | None = None
    """None: the embedded emulator."""
    auth: Auth | None = None


def provider_config(data: Mapping[str, Any]) -> ProviderConfig:
    """Make the configuration of what the schema accepted; an API version can be a reference yet."""
    auth = data.get("auth")
    return ProviderConfig(
        type=data["type"],
        api_version=_api_version(data),
        endpoint=data["endpoint"].rstrip("/") if "endpoint" in data else None,
        auth=Auth(**auth) if auth else None,
    )


def _api_version(data: Mapping[str, Any]) -> ApiVersion:
    try:
        return ApiVersion(data.get("api_version", FIRST_V2))
    except ValueError:
        return ApiVersion(FIRST_V2)  # a variable without a value, or a form that is reported


def check_provider(
    document: Document, path: tuple[str, ...], provider: Mapping[str, Any]
) -> Iterator[Diagnostic]:
    """Report an API version that has no assistants, and an endpoint that isn't safe."""
    version = _api_version(provider)
    if not version.has_assistants:
        yield document.error(
            (*path, "api_version"),
            "M501",
            "API version has no assistants",
            f"Azure had assistants in preview versions only, not in {version}. Write {FIRST_V2} or"
            " a later preview (v2), or an earlier one (v1).",
        )
    if "endpoint" in provider and not references(provider["endpoint"]):
        yield from _check_endpoint(document, (*path, "endpoint"), provider["endpoint"])


def _check_endpoint(
    document: Document, path: tuple[str, ...], endpoint: str
) -> Iterator[Diagnostic]:
    if not is_safe(endpoint):
        yield document.error(
            path,
            "M502",
            "Endpoint is not safe",
            "The key and all instructions go there: it must be https://HOST (http only for"
            " 127.0.0.1 and localhost), like https://contoso.openai.azure.com.",
        )
    elif re.search(r"[@?#]|/openai(/|$)", endpoint):
        yield document.error(
            path,
            "M503",
            "Endpoint holds more than an address",
            "Write only https://HOST: `/openai` and the API version are added to it, and a key"
            " belongs into the variable that `auth` names.",
        )
