"""What requests are signed with, kept out of everything that is told.

A service may repeat a credential in its refusal, and a proxy what it was sent.
"""

from __future__ import annotations

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from urllib.parse import quote, quote_plus

from provisioner.errors import ProviderError

COVER = "(credential)"
SHORTEST = 4
"""A shorter text is no credential, and would be found in every word."""


@dataclass(frozen=True, slots=True)
class Credential:
    """How requests are signed: one of a key and something that gives tokens."""

    api_key: str | None = field(default=None, repr=False)
    token: Callable[[], str] | None = field(default=None, repr=False)
    is_secret: bool = True
    """False: a word that any service takes, like the one for the embedded emulator."""


class Signing:
    """A credential in use: it remembers what was sent of it, and covers that wherever it stands.

    Safe to use from several threads.
    """

    def __init__(self, credential: Credential) -> None:
        self.api_key = credential.api_key
        self._give = credential.token
        self._is_secret = credential.is_secret
        self._forms: tuple[str, ...] = ()
        self._remember(credential.api_key or "")

    @property
    def token(self) -> Callable[[], str] | None:
        """What gives the token of a request; None where a key signs it."""
        return self._next_token if self._give else None

    def covered(self, text: str) -> str:
        """Cover the credential in a text: as it is, and as URLs, JSON and base64 write it."""
        for form in self._forms:
            text = text.replace(form, COVER)
        return text

    @contextmanager
    def covering(self) -> Iterator[None]:
        """Cover the credential in what a ProviderError tells that is raised in here."""
        try:
            yield
        except ProviderError as trouble:
            trouble.diagnostics = tuple(
                replace(each, detail=self.covered(each.detail)) for each in trouble.diagnostics
            )
            trouble.service_code = trouble.service_code and self.covered(trouble.service_code)
            trouble.request_id = trouble.request_id and self.covered(trouble.request_id)
            raise

    def _next_token(self) -> str:
        assert self._give is not None  # noqa: S101 — asked for only where there is one
        token = self._give()
        self._remember(token)
        return token

    def _remember(self, secret: str) -> None:
        if self._is_secret and len(secret) >= SHORTEST and secret not in self._forms:
            # Longer forms first: none is covered in part because a shorter one stands in it.
            forms = {*self._forms, *_forms(secret)}
            self._forms = tuple(sorted(forms, key=len, reverse=True))


def _forms(secret: str) -> Iterator[str]:
    """Give the forms in which a secret may come back."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield from (quote(secret, safe=""), quote_plus(secret))
    for encode in (b64encode, urlsafe_b64encode):
        yield encode(secret.encode()).decode().rstrip("=")
