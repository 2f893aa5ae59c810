"""A fault proxy before Azure Blob Storage, which is Azurite here."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from azurite_process import azurite
from fault_proxy import FaultHandler, Faults, fault_proxy
from forwarding import Reply

STORAGE_UNHANDLED = ("drop-before", "reset-before", "error-before")
STORAGE_HANDLED = ("drop-after", "reset-after", "error-after", "cut", "slow")
STORAGE_KILLS = ("kill-before", "kill-after", "kill-answered")

_TROUBLES = ((500, "InternalError"), (500, "OperationTimedOut"), (503, "ServerBusy"))
"""What the service says of itself that a client repeats a request for."""


@dataclass(frozen=True)
class Depot:
    """A storage account, and the proxy before it."""

    account: str
    """Its URL past the proxy."""
    faults: Faults

    @property
    def url(self) -> str:
        """Its URL through the proxy."""
        return f"{self.faults.url}{urlsplit(self.account).path}"


@contextmanager
def depot() -> Iterator[Depot]:
    """Run Azurite and a proxy before it; skips where Azurite is not installed."""
    with azurite() as account:
        address = account.rpartition("/")[0]
        with fault_proxy(address, _StorageHandler) as faults:
            yield Depot(account, faults)


class _StorageHandler(FaultHandler):
    @property
    def line(self) -> str:
        """Method, blob, and what is done to it."""
        parts = urlsplit(self.path)
        name = parts.path.split("/", 3)[-1]
        what = parse_qs(parts.query).get("comp", [""])[0]
        return f"{self.command} {name}{f'?{what}' if what else ''}"

    do_GET = do_HEAD = do_PUT = do_DELETE = FaultHandler.handle_any  # noqa: N815

    def disturb(self, fault: str, chance: random.Random) -> None:
        """Say what goes wrong as the service does: in XML, and by a header."""
        if not fault.startswith("error"):
            super().disturb(fault, chance)
            return
        status, word = chance.choice(_TROUBLES)
        text = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{word}</Code></Error>'
        body = b"" if self.command == "HEAD" else text.encode()
        self.reply(status, [("Content-Type", "application/xml"), ("x-ms-error-code", word)], body)

    def spoil(self, fault: str | None, chance: random.Random, answer: Reply) -> None:
        """Lose an answer that has nothing to cut off."""
        super().spoil("drop-after" if fault == "cut" and not answer[2] else fault, chance, answer)
