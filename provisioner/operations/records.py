"""Records edited by hand: what the state says is changed, and nothing at the service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from provisioner.address import Address
from provisioner.diagnostics import Diagnostic, error
from provisioner.errors import StateError
from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.manifest.suggestions import did_you_mean
from provisioner.operations.current_state import refuse_foreign
from provisioner.operations.keeping import kept_state
from provisioner.refactoring import Refactoring, move
from provisioner.resource import ResourceState
from provisioner.state.backend import Backend, Recorded
from provisioner.state.integrity import without_lost_dependencies
from provisioner.state.model import State
from provisioner.state.storage import Held


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A state that was written by hand."""

    state: State
    kept: str | None
    """Where what stood there before is kept."""


@contextmanager
def lock_state(
    project: Project,
    environment: Environment,
    operation: str,
    timeout: float,
    held: Held = lambda _holder, _seconds: None,
) -> Iterator[Backend]:
    """Hold the lock of an environment's state; raises LockError that names the holder.

    `held` is told for whom it is waited.
    """
    backend = kept_state(project, environment)
    with backend.storage.locked(operation, timeout, held):
        yield backend


def pulled(project: Project, environment: Environment) -> State:
    """Give the state with what a journal has done since; raises StateError where there is none."""
    recorded = kept_state(project, environment).read()
    return _existing(recorded, environment)


def _existing(recorded: Recorded, environment: Environment) -> State:
    if recorded.state is None:
        raise StateError(
            error(
                "S010",
                "Nothing is recorded there",
                f"The environment {environment.name} has no state yet. Apply first.",
            )
        )
    return recorded.state


def present_state(project: Project, environment: Environment, backend: Backend) -> State:
    """Read the state that is to be edited, whatever service it belongs to.

    Raises StateError where there is none, where it isn't this environment's, and where an
    interrupted run has calls in it of which nobody knows the outcome.
    """
    recorded = backend.read()
    state = _existing(recorded, environment)
    refuse_foreign(project, environment, state)
    _refuse_unsettled(recorded, state)
    return state


def _refuse_unsettled(recorded: Recorded, state: State) -> None:
    """Refuse where it has to be found out first what became of calls."""
    if recorded.pending:
        addresses = ", ".join(sorted({str(each.address) for each in recorded.pending}))
        raise StateError(
            error(
                "S014",
                "An interrupted run is not settled",
                f"An earlier run never saw the answers of {state.service.endpoint} for {addresses}."
                f" Run `provisioner apply -e {state.environment}` there first: it finds out what"
                " became of them.",
            )
        )


def rewrite(backend: Backend, state: State) -> Rewritten:
    """Write a state as the next one of its history; the caller holds the lock."""
    following = replace(state, serial=state.serial + 1)
    return Rewritten(following, backend.write(following))


def move_record(
    project: Project, environment: Environment, backend: Backend, origin: str, target: str
) -> Rewritten:
    """Let what is recorded at one address stand at another; the caller holds the lock.

    Raises StateError where nothing is recorded, where the other one is taken or of another kind,
    and where `moved` blocks say otherwise.
    """
    state = present_state(project, environment, backend)
    (found,) = _find(state, [origin])
    to = _free(state, found.address, target, project.refactoring)
    resources = dict(state.resources)
    move(resources, found.address, to)
    return rewrite(backend, replace(state, resources=resources))


def _find(state: State, texts: Sequence[str]) -> list[ResourceState]:
    """Find what is recorded; raises StateError, with every unknown address at once."""
    known = {str(address): each for address, each in state.resources.items()}
    problems = [
        error(
            "S010",
            "Nothing is recorded there",
            f"The state of {state.environment} has no {text!r}.{did_you_mean(text, known)}",
        )
        for text in dict.fromkeys(texts)
        if text not in known
    ]
    if problems:
        raise StateError(*problems)
    return [known[text] for text in dict.fromkeys(texts)]


def _free(state: State, origin: Address, text: str, blocks: Refactoring) -> Address:
    """Read the address to move to; raises StateError where nothing can be moved there."""
    try:
        target = Address.parse(text)
    except ValueError as trouble:
        raise StateError(_unmovable(f"{trouble}.", origin)) from trouble
    reason = _reason(state, origin, target, blocks)
    if reason:
        raise StateError(_unmovable(reason, origin))
    return target


def _reason(state: State, origin: Address, target: Address, blocks: Refactoring) -> str | None:
    """Say why a record can't be moved; None where it can."""
    if target in state.resources:
        return f"{target} is recorded as {state.resources[target].id}. Choose a free address."
    if target.kind != origin.kind:
        return f"{target} is of another kind. Choose an address of the kind {origin.kind}."
    meant = blocks.destinations.get(origin, target)
    if meant != target:
        return f"`moved` in provisioner.yaml says that it is {meant} now. Change that first."
    if target in blocks.destinations:
        onward = blocks.destinations[target]
        return f"`moved` in provisioner.yaml would move it on to {onward}. Change that first."
    rivals = [each for each, to in blocks.destinations.items() if to == target and each != origin]
    taken = [str(each) for each in rivals if each in state.resources]
    if taken:
        return f"`moved` in provisioner.yaml moves {', '.join(taken)} there. Change that first."
    return None


def _unmovable(reason: str, origin: Address) -> Diagnostic:
    return error("S015", "Record can't be moved there", reason, address=origin)


def forget(
    project: Project, environment: Environment, backend: Backend, addresses: Sequence[str]
) -> tuple[list[ResourceState], Rewritten]:
    """Take records out of the state; their objects stay. The caller holds the lock.

    Gives what was recorded. Raises StateError, before anything is written, for every address at
    which nothing is.
    """
    state = present_state(project, environment, backend)
    found = _find(state, addresses)
    gone = {each.address for each in found}
    left = {address: each for address, each in state.resources.items() if address not in gone}
    return found, rewrite(backend, replace(state, resources=without_lost_dependencies(left)))
