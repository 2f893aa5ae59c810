"""Pushing: a state from a file put in the place of the present one."""

from __future__ import annotations

import sys
from pathlib import Path

from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.manifest.environments import Environment
from provisioner.manifest.project import Project
from provisioner.operations.current_state import refuse_foreign
from provisioner.operations.keeping import kept_state
from provisioner.operations.records import Rewritten
from provisioner.state.backend import Backend
from provisioner.state.cures import fitting
from provisioner.state.generations import FOLDER, Generations
from provisioner.state.integrity import refuse_contradictions
from provisioner.state.journal import header
from provisioner.state.model import State, damaged, load
from provisioner.state.moved import is_no_damage

STDIN = Path("-")


def read_pushed(path: Path) -> State:
    """Read the state that is to be pushed; raises StateError for what is no good state."""
    name = "standard input" if path == STDIN else str(path)
    try:
        content = sys.stdin.buffer.read() if path == STDIN else path.read_bytes()
        text = content.decode("utf-8", errors="surrogatepass")
    except OSError as trouble:
        raise damaged(name, trouble.strerror or str(trouble), _cure()) from trouble
    except UnicodeDecodeError as trouble:
        raise damaged(name, f"it is no UTF-8 ({trouble})", _cure()) from trouble
    state = load(text, name, _cure)
    refuse_contradictions(state, name, _cure)
    return state


def read_generation(project: Project, environment: Environment, name: str) -> State:
    """Read a generation that is kept beside the state; raises StateError where it is no good one.

    `name` is that in its folder, with or without `.json`.
    """
    storage = kept_state(project, environment).storage
    found = Generations(storage).find(f"{name.removesuffix('.json')}.json")
    if found is None:
        what = "there is no such generation, or it is damaged"
        raise damaged(storage.place(f"{FOLDER}/{name}"), what, _cure())
    return found.state


def _cure() -> str:
    return "Push another file; nothing was changed."


def push(
    project: Project, environment: Environment, backend: Backend, pushed: State, *, force: bool
) -> Rewritten:
    """Make a state the present one; the caller holds the lock. What stood there is kept.

    Raises StateError where it belongs to another project or environment, and, unless `force`, where
    it is of another lineage, older than what is there, or not what a journal continues. What can't
    be read is held to be as old as its newest good generation.
    """
    refuse_foreign(project, environment, pushed)
    continued = _is_continued(backend, pushed, force=force)
    if not force:
        if not continued:
            raise _beside_a_journal(backend)
        _refuse_older(_present(backend), pushed)
    elif not continued:
        # It belongs to what is replaced: beside another state it would be refused for ever.
        backend.set_aside_journal()
    return Rewritten(pushed, backend.write(pushed, clear=not continued))


def _is_continued(backend: Backend, pushed: State, *, force: bool) -> bool:
    """Say whether a journal, if there is one, leads on from the pushed state."""
    try:
        lines = backend.journal_lines()
    except StateError:
        if force:
            return False
        raise
    if not lines:
        return True
    first = header(lines) or {}
    best = fitting(backend.storage, first)
    base = first.get("lineage"), first.get("serial")
    return base == (pushed.lineage, pushed.serial) or (best is not None and best.state == pushed)


def _present(backend: Backend) -> State | None:
    try:
        return backend.read().stored
    except StateError as trouble:
        if is_no_damage(trouble):
            raise
        best = fitting(backend.storage, header(backend.journal_lines()))
        return best.state if best else None


def _refuse_older(present: State | None, pushed: State) -> None:
    if present is None or present == pushed:
        return
    if present.lineage != pushed.lineage:
        raise StateError(
            error(
                "S016",
                "Pushed state is of another lineage",
                f"It is of lineage {pushed.lineage}; the state there is of lineage"
                f" {present.lineage}, which was begun by itself. --force puts it there all the"
                " same; what stands there is kept.",
            )
        )
    if pushed.serial <= present.serial:
        raise StateError(
            error(
                "S017",
                "Pushed state is not newer",
                f"It has serial {pushed.serial}, and the state there has serial {present.serial}:"
                " it would forget what was done since. --force puts it there all the same; what"
                " stands there is kept.",
            )
        )


def _beside_a_journal(backend: Backend) -> StateError:
    first = header(backend.journal_lines()) or {}
    return StateError(
        error(
            "S018",
            "Journal continues another state",
            f"{backend.journal_place} has what an interrupted run has done, on from serial"
            f" {first.get('serial')} of lineage {first.get('lineage')}. Push that state, or run"
            " `provisioner apply` first; --force sets the journal aside, and what only it knows is"
            " forgotten.",
        )
    )
