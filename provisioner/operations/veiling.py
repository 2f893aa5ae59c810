"""The veil over a service: from here on nobody sees a sensitive value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from provisioner.address import Address
from provisioner.json_texts import texts
from provisioner.manifest.environments import Environment
from provisioner.providers.base import Provider
from provisioner.providers.veiled import Veiled
from provisioner.refactoring import Import
from provisioner.resource import Attributes, Resource, ResourceState
from provisioner.state.journal import Intent
from provisioner.veil import is_veiled


def veiled(
    provider: Provider,
    environment: Environment,
    recorded: Iterable[ResourceState],
    pending: Iterable[Intent],
    desired: Mapping[Address, Resource],
    imports: Iterable[Import] = (),
) -> Provider:
    """Put the environment's veil over a provider; where nothing is sensitive, none."""
    by_id: dict[str, list[Attributes]] = defaultdict(list)
    by_address: dict[Address, list[Attributes]] = defaultdict(list)
    for address, resource in desired.items():
        by_address[address].append(resource.attributes)
    for intent in pending:
        if intent.becomes:
            by_address[intent.address].append(intent.becomes.attributes)
            by_id[intent.id or ""].append(intent.becomes.attributes)
    for state in recorded:
        by_id[state.id].extend([*by_address.get(state.address, ()), state.attributes])
        by_address[state.address].append(state.attributes)
    for wanted in imports:
        by_id[wanted.id].extend(by_address.get(wanted.address, ()))
    veil = environment.values.veil
    if not veil.values and not any(_has_veiled(forms) for forms in by_address.values()):
        return provider
    return Veiled(provider, veil, by_id, by_address)


def veiled_records(
    environment: Environment,
    recorded: Mapping[Address, ResourceState],
    desired: Mapping[Address, Resource],
) -> Mapping[Address, ResourceState]:
    """Hide what was recorded in clear, before its variable became sensitive."""
    veil = environment.values.veil
    if not veil.values:
        return recorded
    return {
        address: replace(
            state, attributes=veil.conceal_record(state.attributes, desired[address].attributes)
        )
        if address in desired
        else state
        for address, state in recorded.items()
    }


def _has_veiled(forms: Iterable[Attributes]) -> bool:
    return any(is_veiled(text) for form in forms for _, text in texts(form))
