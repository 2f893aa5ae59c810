"""Rebuilding: a state that is lost, made anew from ownership tags and manifests alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, error, warning
from provisioner.errors import PlanError, StateError
from provisioner.export.files import sha256
from provisioner.kinds import KINDS
from provisioner.operations.connection import Connection
from provisioner.operations.observing import observe
from provisioner.operations.records import Rewritten
from provisioner.operations.veiling import veiled
from provisioner.operations.workspace import Workspace
from provisioner.providers.base import Provider
from provisioner.recognition import FILE, Evidence, Recognition, held, recognise, unproved
from provisioner.resource import RemoteObject, Resource, ResourceState
from provisioner.state.backend import Backend, Recorded
from provisioner.state.model import State
from provisioner.state.moved import is_no_damage

Live = Mapping[str, RemoteObject]


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """A state made anew."""

    rewritten: Rewritten
    warnings: tuple[Diagnostic, ...]
    """What could not be recognised, or is recorded although nothing declares it."""


def rebuild(
    workspace: Workspace, backend: Backend, connection: Connection, *, force: bool
) -> Rebuilt:
    """Record again what carries this environment's tag, and the files that it refers to.

    The caller holds the lock. Changes nothing at the service; what stood in the state's place is
    kept, the journal too. Raises StateError where a good state is there, unless `force`, and where
    nothing live is ours; PlanError where several objects carry the tag of one address.
    """
    if not force:
        _refuse_good(backend)
    project, environment = workspace.project, workspace.environment
    state = State.new(project.name, project.uid, environment.name, connection.service)
    declared = _declared(workspace)
    provider = veiled(connection.provider, environment, (), (), declared)
    observation = observe(provider, Recorded(None, None), state, declared, also=provider.kinds)
    ours = _ours(workspace, observation.live)
    if not ours:
        raise StateError(_nothing(workspace))
    evidence = _evidence(provider, ours, observation.live, workspace.resources)
    files = recognise(evidence)
    resources = _records(ours, files, evidence, declared)
    backend.set_aside_journal()
    made = replace(state, serial=1, resources=resources)
    rewritten = Rewritten(made, backend.write(made))
    return Rebuilt(rewritten, (*_undeclared(ours, declared), *_unrecognised(files, evidence)))


def _refuse_good(backend: Backend) -> None:
    """Refuse where there is nothing to be made good."""
    try:
        state = backend.read().state
    except StateError as trouble:
        if is_no_damage(trouble):
            raise
        return
    if state is not None:
        raise StateError(
            error(
                "S020",
                "State is good",
                f"{backend.state_place} can be read, and has serial {state.serial}, resources:"
                f" {len(state.resources)}. A rebuild knows less than it does. Leave it; --force"
                " rebuilds all the same, and keeps what stands there.",
            )
        )


def _declared(workspace: Workspace) -> Mapping[Address, Resource]:
    """Give what is declared, by the addresses too from which `moved` says that it came."""
    moved = workspace.project.refactoring.destinations
    former = {
        origin: workspace.resources[target]
        for origin, target in moved.items()
        if target in workspace.resources
    }
    return {**former, **workspace.resources}


def _ours(workspace: Workspace, live: Live) -> Mapping[Address, RemoteObject]:
    """Find the object of each address; what `removed` forgets is left out.

    Raises PlanError, with every address at once, where several carry its tag.
    """
    project, environment = workspace.project, workspace.environment
    found: dict[Address, list[RemoteObject]] = defaultdict(list)
    for each in live.values():
        owner = each.owner
        if owner is None or (owner.uid, owner.environment) != (project.uid, environment.name):
            continue
        if owner.address.kind == each.kind and owner.address not in project.refactoring.forgotten:
            found[owner.address].append(each)
    problems = [_ambiguous(address, each) for address, each in found.items() if len(each) > 1]
    if problems:
        raise PlanError(*problems)
    return {address: each for address, (each,) in sorted(found.items())}


def _ambiguous(address: Address, found: list[RemoteObject]) -> Diagnostic:
    ids = ", ".join(sorted(each.id for each in found))
    return error(
        "S021",
        "Several objects carry one ownership tag",
        f"{ids} all carry the tag of {address}, so nobody can say which was recorded. Nothing was"
        " changed. Delete in the portal what is not wanted, or its metadata pair `provisioner`,"
        " and rebuild again.",
        address=address,
    )


def _nothing(workspace: Workspace) -> Diagnostic:
    project, environment = workspace.project, workspace.environment
    return error(
        "S022",
        "There is nothing to rebuild from",
        f"No live object carries the tag of project {project.name} ({project.uid}), environment"
        f" {environment.name}. Nothing was changed. Correct the endpoint or the `uid`; if nothing"
        " was ever applied, there is nothing to record.",
    )


def _evidence(
    provider: Provider,
    ours: Mapping[Address, RemoteObject],
    live: Live,
    declared: Mapping[Address, Resource],
) -> Evidence:
    """Gather what tells files; bytes are downloaded only where declared ones don't explain all."""
    holders = [each for each in ours.values() if held(each)]
    evidence = Evidence(holders, live, declared, {})
    unknown = sorted(unproved(evidence))
    contents = ((each, provider.content(each)) for each in unknown)
    downloaded = {each: sha256(content) for each, content in contents if content is not None}
    return replace(evidence, downloaded=downloaded)


def _records(
    ours: Mapping[Address, RemoteObject],
    files: Recognition,
    evidence: Evidence,
    declared: Mapping[Address, Resource],
) -> Mapping[Address, ResourceState]:
    """Record every object as it is live: what was last applied nobody knows any more."""
    found = {**{address: each.id for address, each in ours.items()}, **files.found}
    addresses = {id_: address for address, id_ in found.items()}
    return {
        address: _record(address, evidence.live[id_], files, addresses, declared.get(address))
        for address, id_ in found.items()
    }


def _record(
    address: Address,
    live: RemoteObject,
    files: Recognition,
    addresses: Mapping[str, Address],
    resource: Resource | None,
) -> ResourceState:
    kind = KINDS[live.kind]
    form = dict(kind.normal_form(live.attributes))
    if live.kind == FILE:
        form = {**form, "sha256": files.sha256[live.id]}
    else:
        form = {key: value for key, value in form.items() if key in kind.members}
    used = {addresses[each] for each in held(live) if each in addresses}
    state = ResourceState(address, live.id, kind.normal_form(form), tuple(sorted(used)))
    if resource is None:
        return state
    ordered = resource.depends_on if set(resource.depends_on) == used else state.depends_on
    return replace(state, depends_on=ordered, labels=resource.labels, lifecycle=resource.lifecycle)


def _undeclared(
    ours: Mapping[Address, RemoteObject], declared: Mapping[Address, Resource]
) -> Iterator[Diagnostic]:
    for address, each in ours.items():
        if address not in declared:
            yield warning(
                "S103",
                "Recorded although nothing declares it",
                f"{each.id} carries the tag of {address}, which no manifest declares: the next"
                f" apply deletes it. If it was forgotten on purpose, run `provisioner state rm"
                f" {address}`.",
                address=address,
            )


def _unrecognised(files: Recognition, evidence: Evidence) -> Iterator[Diagnostic]:
    """Name the declared files that may be live, and can't be told."""
    taken = set(files.found.values())
    for resource in evidence.declared_files():
        address, name = resource.address, resource.attributes["filename"]
        if address in files.found:
            continue
        found = [
            each.id
            for each in evidence.live.values()
            if each.kind == FILE and each.attributes.get("filename") == name
        ]
        ids = sorted({*files.rivals.get(address, ()), *found} - taken)
        if ids:
            yield _unknown(resource, ids)


def _unknown(resource: Resource, ids: list[str]) -> Diagnostic:
    return warning(
        "S102",
        "File can't be recognised",
        f"{', '.join(ids)} may be {resource.address}: the name is the same, but no tag of an"
        " assistant or vector store that uses it tells that one of them is. It is not recorded, and"
        f" the next apply uploads it again. If you know the id, run `provisioner import"
        f" {resource.address} ID` first.",
        resource.origin,
        resource.address,
    )
