"""Environments: where a project is applied, with what differs from one to the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from provisioner.diagnostics import Diagnostic
from provisioner.json_texts import texts
from provisioner.manifest.document import Document
from provisioner.manifest.inputs import Given
from provisioner.manifest.provider_config import ProviderConfig, check_provider, provider_config
from provisioner.manifest.schema_check import check_filled
from provisioner.manifest.state_config import StateConfig, check_state, state_config
from provisioner.manifest.substitution import check_text
from provisioner.manifest.values import NO_VALUES, Values, Variable, values
from provisioner.manifest.variables import fill_all, has_special, references
from provisioner.veil import Veil

UNFILLED = ("variables", "patches")
"""Values of variables are never looked into; patches are filled where they are applied."""


@dataclass(frozen=True, slots=True)
class Environment:
    """One place to apply the project to."""

    name: str
    provider: ProviderConfig
    models: Mapping[str, str]
    """Alias to deployment name."""
    values: Values = NO_VALUES
    """What each variable stands for here."""
    patches: Mapping[str, Any] = field(default_factory=dict)
    """JSON merge patches, by address as it is written."""
    is_open: bool = False
    """Its own settings ask for a variable that has no value: nothing can be reached yet."""
    state: StateConfig | None = None
    """Where its state is kept; None: in local files."""


def environments(
    document: Document,
    uid: str,
    declared: Mapping[str, Variable],
    given: Sequence[Given],
) -> tuple[dict[str, Environment], list[Diagnostic]]:
    """Make the environments of a Project that its schema accepted; say what is wrong with them."""
    found: dict[str, Environment] = {}
    problems: list[Diagnostic] = []
    for name, written in document.spec["environments"].items():
        known = values(document, name, declared, given, Veil(f"{uid}/{name}"))
        data, troubles = _filled(document, name, written, known)
        problems.extend(troubles)
        path = ("spec", "environments", name, "provider")
        if not troubles:
            problems.extend(check_provider(document, path, data["provider"]))
            problems.extend(_check_state(document, name, data))
        found[name] = Environment(
            name,
            provider_config(data["provider"]),
            data.get("models", {}),
            known,
            data.get("patches", {}),
            is_open=_is_open(written, known),
            state=state_config(data.get("state"), document.data["metadata"]["name"], name),
        )
    return found, problems


def _filled(
    document: Document, name: str, data: Mapping[str, Any], known: Values
) -> tuple[Mapping[str, Any], list[Diagnostic]]:
    own = {key: each for key, each in data.items() if key not in UNFILLED}
    if not has_special(own):
        return data, []
    problems = list(_check(document, ("spec", "environments", name), own, known))
    made = {**data, **fill_all(own, known.scalars)}
    spec = {**document.spec, "environments": {name: made}}
    whole = replace(document, data={**document.data, "spec": spec})
    found, _ = check_filled(whole, known.absent, document.data)
    problems.extend(found)
    return (data if problems else made), problems


def _check_state(document: Document, name: str, data: Mapping[str, Any]) -> Iterator[Diagnostic]:
    if "state" in data:
        yield from check_state(document, ("spec", "environments", name, "state"), data["state"])


def _is_open(written: Mapping[str, Any], known: Values) -> bool:
    own = {key: written[key] for key in ("provider", "state") if key in written}
    return any(name in known.absent for _, text in texts(own) for name in references(text))


def _check(
    document: Document, path: tuple[str, ...], own: Mapping[str, Any], known: Values
) -> Iterator[Diagnostic]:
    for where, text in texts(own, path):
        yield from check_text(document, where, text, known, is_sent=False)
