"""Saving plans, and reading them again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from provisioner.address import Address
from provisioner.diagnostics import error
from provisioner.errors import PlanError
from provisioner.kinds import KINDS
from provisioner.kinds.forms import check_form
from provisioner.operations.connection import identity
from provisioner.operations.keeping import kept_state
from provisioner.operations.planning import Request
from provisioner.operations.workspace import Workspace
from provisioner.plan import Change, Plan
from provisioner.refactoring import Refactoring
from provisioner.resource import Attributes, Resource
from provisioner.saved_plan.document import BEGINNING, dump, is_ours, load, unreadable
from provisioner.state.files import replace_file
from provisioner.state.model import ServiceIdentity

MOST_BYTES = 256 << 20
"""Larger files are no plans."""

Sourced = TypeVar("Sourced", Change, Resource)


@dataclass(frozen=True, slots=True)
class SavedPlan:
    """A plan, and what it was made of besides what is recorded and live.

    Sensitive values are placeholders in all of it. Files are named by their paths in the project,
    with forward slashes.
    """

    uid: str
    """The project's."""
    service: ServiceIdentity
    lineage: str | None
    """Of the state that it was made with; None: nothing was recorded."""
    request: Request
    declared: tuple[Resource, ...]
    refactoring: Refactoring
    plan: Plan


def save_plan(path: Path, plan: Plan, workspace: Workspace, request: Request) -> str:
    """Write a plan, readable by its owner alone; give the SHA-256 of the file.

    Raises PlanError where that would overwrite something else, or where it can't be written.
    """
    refuse_overwriting(path)
    root = workspace.files.root
    saved = SavedPlan(
        workspace.project.uid,
        identity(workspace.environment.provider),
        plan.lineage if recorded_lineage(workspace) == plan.lineage else None,
        request,
        tuple(each for _, each in sorted(workspace.resources.items())),
        workspace.project.refactoring,
        plan,
    )
    text = dump(with_sources(saved, lambda source: Path(source).relative_to(root).as_posix()))
    try:
        replace_file(path, text)
    except OSError as trouble:
        detail = f"{path}: {trouble.strerror or trouble}. Name another file with --out."
        raise PlanError(error("P059", "Plan can't be saved", detail)) from trouble
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()


def recorded_lineage(workspace: Workspace) -> str | None:
    """Tell which lineage the state has; None where nothing is recorded yet."""
    state = kept_state(workspace.project, workspace.environment).read().state
    return state.lineage if state else None


def refuse_overwriting(path: Path) -> None:
    """Refuse a place where something else than a saved plan stands; an empty file is nothing."""
    if not path.exists() or (path.is_file() and not path.stat().st_size) or holds_plan(path):
        return
    raise PlanError(
        error(
            "P059",
            "Plan can't be saved",
            f"{path} exists and is no saved plan, so it is not overwritten. Name another file with"
            " --out.",
        )
    )


def holds_plan(path: Path) -> bool:
    """Say whether a file is a saved plan, be it damaged or newer."""
    try:
        with path.open("rb") as stream:
            return is_ours(stream.read(BEGINNING))
    except OSError:
        return False


def names_plan(path: Path, written: str) -> bool:
    """Say whether somebody who writes this means a file, and not an address."""
    try:
        known = Address.parse(written).kind in KINDS
    except ValueError:
        return True
    return holds_plan(path) or (path.is_file() and not known)


def read_plan(path: Path, expected: str | None = None) -> SavedPlan:
    """Read a saved plan; `expected` is the SHA-256 that the file must have, in hexadecimal.

    Raises PlanError for another file than that, and for one that is damaged or newer.
    """
    try:
        data = _beginning(path)
    except OSError as trouble:
        raise unreadable(str(path), trouble.strerror or str(trouble)) from trouble
    found = hashlib.sha256(data).hexdigest()
    if expected is not None and found != expected.lower():
        raise PlanError(
            error(
                "P052",
                "Saved plan doesn't have the expected digest",
                f"{path} has the SHA-256 {found}, not {expected}. Nothing was applied. Get the"
                " file that was reviewed; or plan again, and have the new plan reviewed.",
            )
        )
    saved = load(SavedPlan, data, str(path))
    for address, form in _forms(saved):
        _check_form(address, form, str(path))
    return saved


def _beginning(path: Path) -> bytes:
    """Read a file, and of what is no plan, or too large for one, no more than shows that."""
    with path.open("rb") as stream:
        begun = stream.read(BEGINNING)
        if not is_ours(begun):
            return begun
        data = begun + stream.read(MOST_BYTES)
    if len(data) > MOST_BYTES:
        raise unreadable(str(path), f"it has more than {MOST_BYTES:,} bytes")
    return data


def with_sources(saved: SavedPlan, change: Callable[[str], str]) -> SavedPlan:
    """Write the path of each file otherwise."""

    def sourced(each: Sourced) -> Sourced:
        return replace(each, source=change(each.source)) if each.source else each

    changes = tuple(sourced(each) for each in saved.plan.changes)
    return replace(
        saved,
        declared=tuple(sourced(each) for each in saved.declared),
        plan=replace(saved.plan, changes=changes),
    )


def _check_form(address: Address, form: Attributes, path: str) -> None:
    """Refuse attributes that no object of their kind can have."""
    try:
        check_form(KINDS[address.kind], form)
    except (KeyError, ValueError) as trouble:
        raise unreadable(path, f"it is damaged: {address} can't be so") from trouble


def _forms(saved: SavedPlan) -> Iterator[tuple[Address, Attributes]]:
    for each in saved.declared:
        yield each.address, each.attributes
    for change in (*saved.plan.changes, *saved.plan.drift):
        for form in (change.before, change.after):
            yield change.address, form or {}
