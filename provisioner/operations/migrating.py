"""Migrating: the state of an environment moved to where the Project says that it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.history.store import OBJECTS, REVISIONS
from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.manifest.state_config import StateConfig, as_written
from provisioner.operations.keeping import backend_at, local_folder
from provisioner.operations.records import present_state
from provisioner.state.backend import Backend
from provisioner.state.files import unwritable
from provisioner.state.generations import FOLDER as GENERATIONS
from provisioner.state.model import State, load
from provisioner.state.moved import NOTE, read_moved, write_moved
from provisioner.state.storage import JOURNAL, STATE, Entry, Held

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Migrated:
    """A state in its new place."""

    state: State
    origin: str | None
    """None: it was there before."""
    target: str


def migrate(project: Project, environment: Environment, timeout: float, held: Held) -> Migrated:
    """Move state, generations and revisions; both places are locked meanwhile.

    A move that was cut short is finished by the next one. Raises StateError where there is nothing
    to move, or something else stands in the new place.
    """
    origin, target = _origin(project, environment), backend_at(project, environment)
    if origin is None:
        return _found(target, environment)
    operation = "init --migrate-state"
    with (
        origin.storage.locked(operation, timeout, held),
        target.storage.locked(operation, timeout, held),
    ):
        state = present_state(project, environment, origin)
        if not _is_there(target, state):
            _copy(origin, target)
            target.write(state)
        _leave(origin, target, environment.state)
    return Migrated(state, origin.storage.place(), target.storage.place())


def _origin(project: Project, environment: Environment) -> Backend | None:
    """Find where the state is: in local files, or where these say that it went.

    None where nothing says that it is elsewhere than the Project does.
    """
    local = local_folder(project, environment)
    if environment.state and local.path.joinpath(STATE).exists():
        return Backend(local, environment.name)
    moved = read_moved(local)
    config = moved.config if moved else None
    place = StateConfig.read(config) if config is not None else None
    return None if place in (None, environment.state) else backend_at(project, environment, place)


def _found(target: Backend, environment: Environment) -> Migrated:
    """Say what is where the Project says; raises StateError where nothing is."""
    if state := target.read().state:
        return Migrated(state, None, target.storage.place())
    raise StateError(
        error(
            "S029",
            "There is no state to move",
            f"There is none in {target.storage.place()}, where the Project says that the state of"
            f" {environment.name} is, and nothing here says that it is elsewhere. Nothing was"
            " changed. To move one between two other places, `provisioner state pull` it at the"
            " one and `state push` it at the other.",
        )
    )


def _is_there(target: Backend, state: State) -> bool:
    """Say whether an earlier move has brought it; raises StateError for another state there."""
    try:
        text = target.storage.read(STATE).decode("utf-8", errors="surrogatepass")
    except FileNotFoundError:
        return False
    except OSError as trouble:
        raise unwritable(target.state_place, trouble) from trouble
    found = load(text, target.state_place, target.cure)
    if (found.lineage, found.serial) == (state.lineage, state.serial):
        return True
    if found.lineage == state.lineage and found.serial < state.serial:
        return False
    raise StateError(
        error(
            "S028",
            "Two states are there",
            f"{target.state_place} has lineage {found.lineage}, serial {found.serial}; the one to"
            f" be moved has lineage {state.lineage}, serial {state.serial}. Nothing was changed."
            " If the one in the new place is right, take the other one away; else push the right"
            " one there with `provisioner state push --force`, and do the same.",
        )
    )


def _copy(origin: Backend, target: Backend) -> None:
    """Copy what is kept beside a state; what is there already has the same bytes."""
    for folder in (GENERATIONS, OBJECTS, REVISIONS):
        there = {each.name for each in target.storage.entries(folder)}
        for each in origin.storage.entries(folder):
            if each.name not in there and not Path(each.name).name.startswith("."):
                _copy_one(origin, target, each)


def _copy_one(origin: Backend, target: Backend, entry: Entry) -> None:
    try:
        target.storage.write(entry.name, _chunks(origin.storage.file(entry.name)), entry.order)
    except OSError as trouble:
        raise unwritable(target.storage.place(entry.name), trouble) from trouble


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _leave(origin: Backend, target: Backend, config: StateConfig | None) -> None:
    """Leave a note where the state was, and only then take it away."""
    try:
        target.storage.delete(NOTE)
        write_moved(origin.storage, target.storage.place(), as_written(config))
        origin.storage.delete(STATE, JOURNAL)
    except OSError as trouble:
        raise unwritable(origin.storage.place(), trouble) from trouble
