"""Commands that look at the state, edit it, or bring it back: those of `state`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from provisioner.cli import options
from provisioner.cli.terminal import color, print_diagnostics, result, say, say_locked

if TYPE_CHECKING:
    from provisioner.manifest.environments import Environment
    from provisioner.manifest.project import Project
    from provisioner.operations.records import Rewritten


@click.group()
def state() -> None:
    """Look at the state, edit it, or bring it back. Nothing at the service is changed."""


@state.command("list")
@options.common
@options.variables
@click.argument("prefix", default="", metavar="[PREFIX]")
def list_(prefix: str) -> None:
    """List the addresses that are recorded, or those that begin with PREFIX."""
    from provisioner.operations.inspecting import recorded

    found = recorded(options.folder(), options.environment(), options.inputs(), None)
    addresses = [str(each.address) for each in found]
    for each in addresses:
        if each.startswith(prefix):
            result(each)


@state.command()
@options.common
@options.variables
@click.argument("address", metavar="ADDR")
def show(address: str) -> None:
    """Show what is recorded at ADDR."""
    from provisioner.operations.inspecting import recorded
    from provisioner.views import state as view

    found = recorded(options.folder(), options.environment(), options.inputs(), address)
    result(view.text(found, color=color(sys.stdout)))


@state.command()
@options.common
@options.variables
@options.locking
@click.argument("origin", metavar="FROM")
@click.argument("target", metavar="TO")
def mv(origin: str, target: str, lock_timeout: float) -> None:
    """Record at TO what is recorded at FROM; the object stays the same."""
    from provisioner.operations.records import lock_state, move_record

    project, environment = _opened()
    with lock_state(project, environment, "state mv", lock_timeout, say_locked) as backend:
        rewritten = move_record(project, environment, backend, origin, target)
    result(f"Moved {origin} to {target}. Its ownership tag follows with the next apply.")
    _say_kept(rewritten)


@state.command()
@options.common
@options.variables
@options.locking
@click.argument("addresses", nargs=-1, required=True, metavar="ADDR...")
def rm(addresses: tuple[str, ...], lock_timeout: float) -> None:
    """Forget what is recorded at each ADDR; the objects stay at the service."""
    from provisioner.operations.records import forget, lock_state
    from provisioner.views import records as view

    project, environment = _opened()
    with lock_state(project, environment, "state rm", lock_timeout, say_locked) as backend:
        forgotten, rewritten = forget(project, environment, backend, addresses)
    result(view.forgotten(forgotten))
    _say_kept(rewritten)


@state.command()
@options.common
@options.variables
def pull() -> None:
    """Print the state as JSON."""
    from provisioner.operations.records import pulled
    from provisioner.state.model import dump

    result(dump(pulled(*_opened())))


@state.command()
@options.common
@options.variables
@options.locking
@click.option("--force", is_flag=True, help="Also of another lineage, or older than what is there.")
@click.option("--generation", metavar="NAME", help="A generation that is kept beside the state.")
@click.argument(
    "path", metavar="[FILE]", required=False, type=click.Path(path_type=Path, allow_dash=True)
)
def push(path: Path | None, generation: str | None, lock_timeout: float, *, force: bool) -> None:
    """Make FILE the state ("-": standard input), or a generation of it.

    What stands there is kept as a generation.
    """
    from provisioner.operations import pushing
    from provisioner.operations.records import lock_state

    if (path is None) is (generation is None):
        raise click.UsageError("Give a FILE, or a generation with --generation: one of the two.")
    project, environment = _opened()
    if path is None:
        pushed = pushing.read_generation(project, environment, generation or "")
    else:
        pushed = pushing.read_pushed(path if path == pushing.STDIN else options.folder() / path)
    with lock_state(project, environment, "state push", lock_timeout, say_locked) as backend:
        rewritten = pushing.push(project, environment, backend, pushed, force=force)
    result(f"Pushed serial {pushed.serial}, resources: {len(pushed.resources)}.")
    _say_kept(rewritten)


@state.command()
@options.common
@options.variables
@options.locking
def retarget(lock_timeout: float) -> None:
    """Let the state belong to the endpoint that the environment names now.

    Each recorded object is looked for there first; if one is missing, nothing is changed.
    """
    from provisioner.operations import retargeting
    from provisioner.operations.connection import connected
    from provisioner.operations.records import lock_state

    project, environment = _opened()
    with (
        connected(project, environment) as connection,
        lock_state(project, environment, "state retarget", lock_timeout, say_locked) as backend,
    ):
        done = retargeting.retarget(project, environment, backend, connection)
    now = connection.service
    if done.rewritten is None:
        result(f"The state belongs to {now.type} at {now.endpoint} already.")
        return
    result(
        f"Retargeted from {done.former.type} at {done.former.endpoint} to {now.type} at"
        f" {now.endpoint}. Objects found there: {done.found}, which is all."
    )
    _say_kept(done.rewritten)


@state.command()
@options.common
@options.variables
@options.locking
@click.option("--force", is_flag=True, help="Also where a good state is there.")
def rebuild(lock_timeout: float, *, force: bool) -> None:
    """Make the state anew from the manifests and from the ownership tags of live objects."""
    from provisioner.operations import rebuilding
    from provisioner.operations.connection import connected
    from provisioner.operations.records import lock_state
    from provisioner.operations.workspace import open_workspace
    from provisioner.views import records as view

    workspace = open_workspace(options.folder(), options.environment(), options.inputs())
    print_diagnostics(workspace.warnings)
    with (
        connected(workspace.project, workspace.environment) as connection,
        lock_state(
            workspace.project, workspace.environment, "state rebuild", lock_timeout, say_locked
        ) as backend,
    ):
        rebuilt = rebuilding.rebuild(workspace, backend, connection, force=force)
    print_diagnostics(rebuilt.warnings)
    result(view.rebuilt(rebuilt.rewritten.state.resources.values()))
    _say_kept(rebuilt.rewritten)


@state.command()
@options.common
@options.variables
@click.option("--force", is_flag=True, help="Also a lease in Azure Blob Storage that is held.")
def unlock(*, force: bool) -> None:
    """Clear what a dead run has left of its lock; a lock that is held says by whom."""
    from provisioner.operations.unlocking import unlock as clear

    unlocked = clear(*_opened(), force=force)
    if unlocked is None:
        result("Nothing is locked.")
    elif unlocked.was_held:
        result(
            f"Unlocked: the lock was taken from {unlocked.holder}. If that run is alive, it can"
            " record nothing more, and ends with S024."
        )
    else:
        result(f"Unlocked: {unlocked.holder} has ended without letting go.")


def _opened() -> tuple[Project, Environment]:
    from provisioner.operations.workspace import open_project

    return open_project(options.folder(), options.environment(), options.inputs())


def _say_kept(rewritten: Rewritten) -> None:
    say(f"The state has serial {rewritten.state.serial} now.")
    if rewritten.kept:
        say(f"What stood there before is kept as {rewritten.kept}.")
