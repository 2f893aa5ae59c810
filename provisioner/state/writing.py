"""Writing a state: checked before and after, and never the only copy."""

from __future__ import annotations

from pathlib import Path

from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.state.clearing import reveals
from provisioner.state.files import encoded, unwritable, write_atomically
from provisioner.state.generations import Generations
from provisioner.state.integrity import refuse_contradictions
from provisioner.state.model import State, dump, load


def _cure() -> str:
    return "The state there is as it was. Report this as a bug, and keep the folder."


def write_state(path: Path, state: State) -> Path | None:
    """Write a state in the place of whatever stands there; on disk when this returns.

    Both are kept as generations; tells where the former one is. What hides a sensitive value that
    former ones have in clear takes these along. Raises StateError when it can't be written, or
    contradicts itself; what stood there then stands.
    """
    refuse_contradictions(state, str(path), _cure)
    text = dump(state)
    load(text, str(path), _cure)
    generations = Generations.beside(path.parent)
    former, kept = _keep_former(generations, path)
    generations.keep(encoded(text), state.serial)
    if former and reveals(former, state):
        # First, while the state still says that this is to be done: a crash must not leave them.
        generations.forget(lambda each: reveals(each, state))
        kept = None
    write_atomically(path, text)
    _verify(path, encoded(text))
    return kept


def _keep_former(generations: Generations, path: Path) -> tuple[State | None, Path | None]:
    try:
        content = path.read_bytes()
        former = load(content.decode("utf-8", errors="surrogatepass"), str(path))
    except FileNotFoundError:
        return None, None
    except (OSError, UnicodeDecodeError, StateError):
        return None, generations.keep_damaged(path)
    return former, generations.keep(content, former.serial)


def _verify(path: Path, content: bytes) -> None:
    try:
        found = path.read_bytes()
    except OSError as trouble:
        raise unwritable(path, trouble) from trouble
    if found != content:
        raise StateError(
            error(
                "S013",
                "State reads back otherwise than it was written",
                f"{path}: the disk, or whoever else writes there, gives back other bytes. A whole"
                f" copy is in {path.parent / 'generations'}, and the journal still has what was"
                " done. Check the disk, and run the command again.",
            )
        )
