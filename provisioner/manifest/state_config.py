"""Where the state of an environment is kept, as the Project says it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from provisioner.diagnostics import Diagnostic
from provisioner.manifest.document import Document
from provisioner.manifest.endpoints import is_safe
from provisioner.manifest.variables import references


@dataclass(frozen=True, slots=True)
class StateAuth:
    """Where the credential of a storage account comes from; never a credential itself."""

    type: str
    """account_key, sas or entra."""
    env: str | None = None
    client_id: str | None = None
    tenant_id: str | None = None


@dataclass(frozen=True, slots=True)
class StateConfig:
    """A place in Azure Blob Storage."""

    account_url: str
    container: str
    prefix: str
    """With what the names of blobs begin, without a slash at its end."""
    auth: StateAuth | None = None
    """None: whatever the environment offers."""

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> StateConfig:
        """Read what `as_written` has written. Raises KeyError or TypeError."""
        auth = data["auth"]
        given = StateAuth(**auth) if auth else None
        return cls(data["account_url"], data["container"], data["prefix"], given)


def as_written(config: StateConfig | None) -> Mapping[str, Any] | None:
    """Write a place down; names of variables are in it, and no credential."""
    return asdict(config) if config else None


def state_config(data: Mapping[str, Any] | None, project: str, name: str) -> StateConfig | None:
    """Make the place of what the schema accepted for an environment; None: local files."""
    if data is None:
        return None
    auth = data.get("auth")
    return StateConfig(
        data["account_url"].rstrip("/"),
        data["container"],
        f"{data.get('prefix', project)}/{name}",
        StateAuth(**auth) if auth else None,
    )


def check_state(
    document: Document, path: tuple[str, ...], data: Mapping[str, Any]
) -> Iterator[Diagnostic]:
    """Report an account's address that isn't safe, or that holds more than an address."""
    url = data["account_url"]
    if references(url):
        return
    where = (*path, "account_url")
    if not is_safe(url):
        yield document.error(
            where,
            "M504",
            "Account URL is not safe",
            "The state goes there, and what proves who sends it: it must be https://HOST (http only"
            " for 127.0.0.1 and localhost), like https://contoso.blob.core.windows.net.",
        )
    elif any(each in url for each in "@?#"):
        yield document.error(
            where,
            "M505",
            "Account URL holds more than an address",
            "Write only https://HOST. A key or a SAS belongs into the variable that `auth` names;"
            " the container has a field of its own.",
        )
