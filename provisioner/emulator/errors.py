"""Errors in the two forms of the service: the gateway's and the application's."""

from collections.abc import Mapping
from typing import Any


class ServiceError(Exception):
    """A request that ends with `status` and `body`."""

    def __init__(
        self, status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def refused(
    message: str, *, param: str | None = None, code: str | None = None, status: int = 400
) -> ServiceError:
    """Make the application's form of an error; `param` and `code` are there even when null."""
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": code}
    return ServiceError(status, {"error": error})


def not_found(message: str, *, param: str | None = None) -> ServiceError:
    """Make the application's 404, which names the object, unlike the gateway's."""
    return refused(message, param=param, status=404)


def _gateway(status: int, message: str, headers: Mapping[str, str] | None = None) -> ServiceError:
    return ServiceError(status, {"error": {"code": str(status), "message": message}}, headers)


def no_such_route() -> ServiceError:
    """Make the gateway's 404: wrong path, wrong method or wrong api-version alike.

    MicrosoftDocs/azure-docs#123206 (`/assistants/{id}/files` asked with 2024-05-01-preview).
    """
    return _gateway(404, "Resource not found")


def access_denied() -> ServiceError:
    """Make the gateway's 401."""
    return _gateway(
        401,
        "Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide"
        " a valid key for an active subscription and use a correct regional API endpoint for your"
        " resource.",
    )


def too_many_requests(seconds: int) -> ServiceError:
    """Make the gateway's 429; the wait stands in the message and in `Retry-After`."""
    unit = "second" if seconds == 1 else "seconds"
    return _gateway(
        429,
        f"Rate limit is exceeded. Try again in {seconds} {unit}.",
        {"Retry-After": str(seconds)},
    )


def unknown_model() -> ServiceError:
    """Make the 400 for a model that isn't deployed.

    Azure's body had no `message` (VRSEN/agency-swarm#109; also Azure/azure-sdk-for-js#29147).
    """
    error = {"type": "invalid_request_error", "param": "model", "code": "model_not_found"}
    return ServiceError(400, {"error": error})
