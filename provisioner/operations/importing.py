"""Importing: a live object taken over at once, as it is."""

from __future__ import annotations

from dataclasses import replace

from provisioner.address import Address
from provisioner.diagnostics import error
from provisioner.errors import ManifestError, PlanError
from provisioner.kinds import KINDS
from provisioner.manifest.refactoring import wrong_id
from provisioner.manifest.suggestions import did_you_mean
from provisioner.operations.connection import Connection
from provisioner.operations.observing import Waiting
from provisioner.operations.planning import Planned, Request, make_plan
from provisioner.operations.veiling import veiled
from provisioner.operations.workspace import Workspace
from provisioner.providers.base import Provider
from provisioner.refactoring import Import
from provisioner.resource import Resource


def find_import(workspace: Workspace, address: str, id_: str) -> Import:
    """Check offline what is to be taken over; raises ManifestError.

    The address must be declared for the workspace's environment, and the id be one of its kind.
    """
    declared = {str(each): each for each in workspace.resources}
    if address not in declared:
        raise ManifestError(
            error(
                "P035",
                "Address to import to is not declared",
                f"No manifest declares {address!r} for {workspace.environment.name}."
                f"{did_you_mean(address, declared)} Declare it first; `provisioner export` writes"
                " live objects as manifests.",
            )
        )
    wanted = Import(declared[address], id_)
    problems = list(wrong_id(wanted, None))
    if problems:
        raise ManifestError(*problems)
    return wanted


def plan_import(
    workspace: Workspace, connection: Connection, wanted: Import, waiting: Waiting
) -> Planned:
    """Plan to take an object over with its live attributes: nothing of it changes but its tag.

    Without changes where that is done already. Raises PlanError where it can't be done.
    """
    address, declared = wanted.address, workspace.resources
    provider = veiled(connection.provider, workspace.environment, (), (), declared, (wanted,))
    blocks = replace(workspace.project.refactoring, imports=(wanted,))
    taken = replace(
        workspace,
        project=replace(workspace.project, refactoring=blocks),
        resources={address: _as_it_is(declared[address], provider, wanted)},
    )
    planned = make_plan(taken, connection, Request((str(address),)), waiting)
    imports = tuple(each for each in planned.plan.changes if each.importing)
    there = next((each.id for each in planned.plan.changes if not each.deposed), None)
    if not imports and there != wanted.id:
        raise _taken(address, there)
    return replace(planned, plan=replace(planned.plan, changes=imports))


def _as_it_is(declared: Resource, provider: Provider, wanted: Import) -> Resource:
    """Declare the object as it is live; what carries no tag is compared with what is declared."""
    kind = declared.address.kind
    found = provider.read(kind, wanted.id) if KINDS[kind].tagged else None
    live = provider.complete(found) if found else None
    if live is None:
        return declared
    return replace(declared, attributes=live.attributes, depends_on=())


def _taken(address: Address, id_: str | None) -> PlanError:
    what = f"as {id_}" if id_ else "already, and its object is gone"
    return PlanError(
        error(
            "P036",
            "Address to import to is taken",
            f"{address} is recorded {what}. Import to another address; or take this one out of the"
            " manifests and write `removed` for it, apply, and import then.",
            address=address,
        )
    )
