"""Sensitive values that a plan would send, and that nobody has given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from provisioner.address import Address
from provisioner.json_texts import texts
from provisioner.operations.workspace import Workspace
from provisioner.plan import Action, Change
from provisioner.veil import PLACEHOLDER

_SENDS = (Action.CREATE, Action.UPDATE, Action.REPLACE)


def withheld(changes: Iterable[Change], workspace: Workspace) -> Mapping[str, Address]:
    """Find the variables whose values would be sent, and aren't those that are declared.

    In the order of their names, each with an address where it stands. Looked at is what is
    declared: what the service has beside it is known once it is read.
    """
    veil = workspace.environment.values.veil
    sent = {each.address for each in changes if each.action in _SENDS}
    used = {
        name: address
        for address in sorted(sent & workspace.resources.keys())
        for _, text in texts(workspace.resources[address].attributes)
        for placeholder, name in _placeholders(text)
        if not veil.knows(placeholder)
    }
    return dict(sorted(used.items()))


def _placeholders(text: str) -> Iterator[tuple[str, str]]:
    """Go through the placeholders in a text, each with the name of its variable."""
    return ((found[0], found[1]) for found in PLACEHOLDER.finditer(text))
