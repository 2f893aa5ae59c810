"""A provider behind a veil: what goes out is revealed, what comes in is concealed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from provisioner.address import Address
from provisioner.errors import ProviderError
from provisioner.json_texts import texts
from provisioner.outcome import Progress
from provisioner.providers.base import Provider, Tag
from provisioner.resource import Attributes, RemoteObject
from provisioner.veil import Veil, is_veiled


class Veiled:
    """Another provider, seen through a veil; the forms say where sensitive values stand."""

    def __init__(
        self,
        provider: Provider,
        veil: Veil,
        by_id: Mapping[str, Sequence[Attributes]],
        by_address: Mapping[Address, Sequence[Attributes]],
    ) -> None:
        self._provider = provider
        self._veil = veil
        self._by_id = by_id
        self._by_address = by_address
        self.kinds = provider.kinds
        self.settle_seconds = provider.settle_seconds

    def now(self) -> float:
        """Tell the service's clock."""
        return self._provider.now()

    def list(self, kind: str) -> Iterator[RemoteObject]:
        """Go through all objects of a kind."""
        with self._covered():
            for each in self._provider.list(kind):
                yield self._concealed(each)

    def read(self, kind: str, id_: str) -> RemoteObject | None:
        """Read one object."""
        with self._covered():
            found = self._provider.read(kind, id_)
        return self._concealed(found) if found else None

    def complete(self, found: RemoteObject) -> RemoteObject | None:
        """Read what lists leave out of an object.

        What is known of it goes out revealed: concealed twice, it would stand for its placeholder.
        """
        open_ = replace(found, attributes=self._veil.reveal(found.attributes))
        with self._covered():
            whole = self._provider.complete(open_)
        return self._concealed(whole) if whole else None

    def content(self, id_: str) -> bytes | None:
        """Download a file."""
        with self._covered():
            return self._provider.content(id_)

    def create(
        self, kind: str, attributes: Attributes, tag: Tag, source: Path | None
    ) -> RemoteObject:
        """Make an object with the values in their places."""
        with self._covered():
            made = self._provider.create(kind, self._revealed(attributes), tag, source)
        return self._concealed(made, attributes)

    def fill(self, kind: str, id_: str, attributes: Attributes, progress: Progress) -> None:
        """Do what a create leaves to be done."""
        with self._covered():
            self._provider.fill(kind, id_, attributes, progress)

    def update(
        self, kind: str, id_: str, attributes: Attributes, tag: Tag, progress: Progress
    ) -> RemoteObject:
        """Make an object as the attributes say, with the values in their places."""
        with self._covered():
            made = self._provider.update(kind, id_, self._revealed(attributes), tag, progress)
        return self._concealed(made, attributes)

    def delete(self, kind: str, id_: str) -> None:
        """Delete an object."""
        with self._covered():
            self._provider.delete(kind, id_)

    def _revealed(self, attributes: Attributes) -> Attributes:
        """Put the values in; a placeholder must never be sent as if it were a text."""
        revealed: Attributes = self._veil.reveal(attributes)
        left = [".".join(map(str, path)) for path, text in texts(revealed) if is_veiled(text)]
        if left:
            raise ProviderError(
                "Sensitive value is unknown",
                f"Nobody here knows what stands behind the placeholder in {', '.join(left)}, so"
                " nothing was sent. Write the variable there instead, and give it its value.",
                code="R013",
            )
        return revealed

    def _concealed(self, live: RemoteObject, *sent: Attributes) -> RemoteObject:
        declared = self._by_address.get(live.owner.address, ()) if live.owner else ()
        forms = [*sent, *declared, *self._by_id.get(live.id, ())]
        return replace(live, attributes=self._veil.conceal(live.attributes, forms))

    @contextmanager
    def _covered(self) -> Iterator[None]:
        """Hide what the service repeats in its refusals."""
        try:
            yield
        except ProviderError as trouble:
            trouble.diagnostics = tuple(
                replace(each, detail=self._veil.covered(each.detail))
                for each in trouble.diagnostics
            )
            raise
