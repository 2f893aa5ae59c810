"""What refusals of Azure Blob Storage mean, and what to do about each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from azure.core.exceptions import ClientAuthenticationError, HttpResponseError

from provisioner.state.storage import StorageError

if TYPE_CHECKING:
    from azure.core.exceptions import AzureError

NO_BLOB, NO_CONTAINER = "BlobNotFound", "ContainerNotFound"
ROLE = "Storage Blob Data Contributor"

_REFUSED = (401, 403)
_NOT_FOUND = 404


def explained(trouble: AzureError, place: str, container: str) -> OSError:
    """Translate a failure, without the SDK's text: it may quote an address with its SAS."""
    if isinstance(trouble, HttpResponseError) and trouble.status_code:
        return _answered(trouble, place, container)
    if isinstance(trouble, ClientAuthenticationError):
        what = (
            "Entra ID gave no token. Sign in with `az login`, or set AZURE_STORAGE_KEY or"
            " AZURE_STORAGE_SAS_TOKEN"
        )
        return StorageError(place, what)
    reason = getattr(trouble, "inner_exception", None) or trouble
    return StorageError(place, f"no answer ({type(reason).__name__}): check address and network")


def code(trouble: HttpResponseError) -> str:
    """Give the service's word for a refusal; empty where it gave none."""
    found = getattr(trouble, "error_code", None)
    return str(getattr(found, "value", found) or "")


def _answered(trouble: HttpResponseError, place: str, container: str) -> OSError:
    word = code(trouble)
    said = f"HTTP {trouble.status_code}{f' {word}' if word else ''}{_request_id(trouble)}"
    if word == NO_CONTAINER:
        return StorageError(
            place,
            f"there is no container {container!r} ({said}): make it with `az storage container"
            f" create --name {container}`",
        )
    if trouble.status_code == _NOT_FOUND:
        if word in ("", NO_BLOB):
            return FileNotFoundError(2, said)
        return StorageError(place, f"{said}: check `account_url`, there may be no such account")
    if trouble.status_code in _REFUSED:
        return StorageError(
            place,
            f"{said}: check that the key or SAS is this account's, and valid still; a SAS or an"
            f" identity needs the rights of {ROLE}",
        )
    return StorageError(place, said)


def _request_id(trouble: HttpResponseError) -> str:
    headers = getattr(trouble.response, "headers", None) or {}
    found = headers.get("x-ms-request-id")
    return f" (request id {found})" if found else ""
