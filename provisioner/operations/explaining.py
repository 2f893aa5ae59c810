"""Explaining: where each value of a resource comes from, and how it stands."""

from __future__ import annotations

from collections.abc import Mapping

from provisioner.address import Address
from provisioner.diagnostics import error
from provisioner.errors import PlanError
from provisioner.json_texts import with_texts
from provisioner.kinds import KINDS
from provisioner.manifest.provenance import Explanation, Fields, Provenance, Sources, members
from provisioner.manifest.suggestions import did_you_mean
from provisioner.operations.connection import connected
from provisioner.operations.current_state import current_state
from provisioner.operations.keeping import kept_state
from provisioner.operations.veiling import veiled, veiled_records
from provisioner.operations.workspace import Workspace
from provisioner.resource import Attributes, ResourceState
from provisioner.situation import live_form


def explain(workspace: Workspace, asked: str, *, refresh: bool) -> Explanation:
    """Explain ADDRESS[.FIELD]; raises PlanError where there is no such thing.

    With `refresh` the recorded object is read, and nothing else.
    """
    address, field = _asked(workspace, asked)
    sources = Sources(
        workspace.project,
        workspace.environment,
        workspace.written,
        workspace.effective,
        workspace.files,
    )
    fields = _chosen(tuple(sources.explain(workspace.resources[address])), address, field)
    state = kept_state(workspace.project, workspace.environment).read().state
    recorded = state.resources if state else {}
    recorded = veiled_records(workspace.environment, recorded, workspace.resources)
    names = {each.id: each.address for each in recorded.values()}
    mine = recorded.get(address)
    applied = mine.attributes if mine else None
    live = _live(workspace, mine) if refresh and mine else None
    return Explanation(
        address,
        fields,
        _fields(applied, address, names),
        _fields(live, address, names),
    )


def _asked(workspace: Workspace, asked: str) -> tuple[Address, str]:
    kind, _, rest = asked.partition(".")
    name, _, field = rest.partition(".")
    address = Address(kind, name)
    if address in workspace.resources:
        return address, field
    where = workspace.environment.name
    hint = did_you_mean(str(address), workspace.resources)
    raise _nothing(f"The manifests declare no {str(address)!r} for {where}.{hint}")


def _chosen(fields: tuple[Provenance, ...], address: Address, field: str) -> tuple[Provenance, ...]:
    """Take the fields at or below a dotted path."""
    texts = {".".join(each.path): each for each in fields}
    chosen = tuple(
        each for text, each in texts.items() if not field or f"{text}.".startswith(f"{field}.")
    )
    if not chosen:
        raise _nothing(f"Nothing says {address}.{field}.{did_you_mean(field, texts)}")
    return chosen


def _nothing(detail: str) -> PlanError:
    return PlanError(error("P009", "Nothing to explain", detail))


def _live(workspace: Workspace, mine: ResourceState) -> Attributes | None:
    project, environment = workspace.project, workspace.environment
    with connected(project, environment) as connection:
        recorded = kept_state(project, environment).read()
        current_state(project, environment, recorded, connection.service)
        provider = veiled(connection.provider, environment, [mine], (), workspace.resources)
        found = provider.read(mine.address.kind, mine.id)
        if found and KINDS[found.kind].read_singly:
            found = provider.complete(found)
    return live_form(KINDS[mine.address.kind], found, mine) if found else None


def _fields(
    attributes: Attributes | None, address: Address, names: Mapping[str, Address]
) -> Fields | None:
    """Take attributes apart as the declared ones are, ids of ours as addresses."""
    if attributes is None:
        return None
    named = with_texts(attributes, lambda text: names.get(text, text))
    return dict(members(KINDS[address.kind].keyed_form(named)))
