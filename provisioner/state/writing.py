"""Writing a state: checked before and after, and never the only copy."""

from __future__ import annotations

from pathlib import Path

from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.state.files import encoded, unwritable, write_atomically
from provisioner.state.generations import Generations
from provisioner.state.integrity import refuse_contradictions
from provisioner.state.model import State, dump, load


def _cure() -> str:
    return "The state there is as it was. Report this as a bug, and keep the folder."


def write_state(path: Path, state: State) -> Path | None:
    """Write a state in the place of whatever stands there; on disk when this returns.

    Both are kept as generations; tells where the former one is. Raises StateError when it can't be
    written, or contradicts itself; what stood there then stands.
    """
    refuse_contradictions(state, str(path), _cure)
    text = dump(state)
    load(text, str(path), _cure)
    generations = Generations.beside(path.parent)
    former = _keep_former(generations, path)
    generations.keep(encoded(text), state.serial)
    write_atomically(path, text)
    _verify(path, encoded(text))
    return former


def _keep_former(generations: Generations, path: Path) -> Path | None:
    try:
        content = path.read_bytes()
        serial = load(content.decode("utf-8", errors="surrogatepass"), str(path)).serial
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, StateError):
        return generations.keep_damaged(path)
    return generations.keep(content, serial)


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
