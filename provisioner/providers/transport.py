"""Requests to Azure OpenAI, through the openai SDK; with `sending` the only module that imports it.

Every body goes in and out as plain JSON: the SDK's typed models know one generation of the API
only, and lose fields of the other.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
import openai

from provisioner.providers.heads import request_id
from provisioner.providers.limiter import Limiter
from provisioner.providers.refusals import no_json, unusable_proxy
from provisioner.providers.sending import Send, Sender
from provisioner.providers.signing import Credential, Signing

TIMEOUT = httpx2.Timeout(60.0, connect=10.0)
UPLOAD_TIMEOUT = httpx2.Timeout(600.0, connect=10.0)
RETRIES = 2
"""For requests that may safely be repeated. A create is never repeated: the SDK sends no
idempotency key, and a lost answer would make a second object. Only what was refused with 429 was
certainly not carried out, and is sent again whatever it is, as the limiter allows it.
"""

# What the SDK logs when it is asked to (OPENAI_LOG) is not ours to vouch for.
logging.getLogger("openai").setLevel(logging.WARNING)


class Transport:
    """Sends requests below `{endpoint}/openai`. Safe to use from several threads."""

    def __init__(
        self,
        endpoint: str,
        api_version: str,
        credential: Credential,
        limiter: Limiter,
        *,
        direct: bool,
    ) -> None:
        """`direct`: past any proxy of the environment, as for this very machine."""
        self._signing = Signing(credential)
        self._client = openai.AzureOpenAI(
            azure_endpoint=endpoint,
            api_version=api_version,
            api_key=self._signing.api_key,
            azure_ad_token_provider=self._signing.token,
            # The SDK would send creates twice, and refused requests without asking the limiter.
            max_retries=0,
            timeout=TIMEOUT,
            http_client=_http_client(direct=direct),
        )
        self._sender = Sender(endpoint, self._signing, limiter)

    def now(self) -> float:
        """Tell the service's clock, by its last answer: whoever may set this machine's."""
        return self._sender.now()

    def get(self, path: str, params: Mapping[str, object] | None = None) -> Any:
        """Read; repeated where that may help."""
        return self.traced(path, params)[0]

    def traced(
        self, path: str, params: Mapping[str, object] | None = None
    ) -> tuple[Any, str | None]:
        """Read, and give the request's id too: for what has failed with HTTP 200."""
        options: openai.RequestOptions = {"params": dict(params or {})}

        def send() -> httpx2.Response:
            return self._client.get(path, cast_to=httpx2.Response, options=options)

        with self._signing.covering():
            answer = self._sender.send("GET", path, send, RETRIES)
            return _body("GET", path, answer), request_id(answer.headers)

    def download(self, path: str) -> bytes:
        """Read bytes as they stand; repeated where that may help."""
        options: openai.RequestOptions = {
            "timeout": UPLOAD_TIMEOUT,
            "headers": {"Accept": "application/octet-stream"},
        }

        def send() -> httpx2.Response:
            return self._client.get(path, cast_to=httpx2.Response, options=options)

        return self._sender.send("GET", path, send, RETRIES).content

    def post(self, path: str, body: Mapping[str, Any], *, repeatable: bool) -> Any:
        """Send a JSON body; `repeatable` where sending it twice is the same as once."""

        def send() -> httpx2.Response:
            return self._client.post(path, cast_to=httpx2.Response, body=dict(body))

        return self._json("POST", path, send, RETRIES if repeatable else 0)

    def upload(
        self, path: str, fields: Mapping[str, str], name: str, mime: str, source: Path
    ) -> Any:
        """Send a file as multipart form data; never repeated."""
        options: openai.RequestOptions = {
            "timeout": UPLOAD_TIMEOUT,
            "headers": {"Content-Type": "multipart/form-data"},
        }

        def send() -> httpx2.Response:
            with source.open("rb") as stream:
                files = {"file": (name, stream, mime)}
                return self._client.post(
                    path, cast_to=httpx2.Response, body=dict(fields), files=files, options=options
                )

        return self._json("POST", path, send, 0)

    def delete(self, path: str) -> None:
        """Delete; repeated where that may help. A success has a body of JSON, or none."""

        def send() -> httpx2.Response:
            return self._client.delete(path, cast_to=httpx2.Response)

        _body("DELETE", path, self._sender.send("DELETE", path, send, RETRIES))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _json(self, method: str, path: str, send: Send, retries: int) -> Any:
        with self._signing.covering():
            return _body(method, path, self._sender.send(method, path, send, retries))


def _http_client(*, direct: bool) -> httpx2.Client:
    try:
        # A redirected create would be sent twice, and the credential elsewhere.
        return openai.DefaultHttpx2Client(trust_env=not direct, follow_redirects=False)
    except (ValueError, httpx2.InvalidURL, ImportError):
        # Their messages may quote the address, which may hold a password.
        raise unusable_proxy() from None


def _body(method: str, path: str, answer: httpx2.Response) -> Any:
    if not answer.content:
        return None
    try:
        return answer.json()
    except (ValueError, RecursionError):
        kind = answer.headers.get("content-type")
        raise no_json(method, path, answer.status_code, kind) from None
