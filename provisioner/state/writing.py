"""Writing a state: checked before and after, and never the only copy."""

from __future__ import annotations

from provisioner.diagnostics import error
from provisioner.errors import StateError
from provisioner.state.clearing import reveals
from provisioner.state.files import encoded, unwritable
from provisioner.state.generations import FOLDER, Generations
from provisioner.state.integrity import refuse_contradictions
from provisioner.state.model import State, dump, load
from provisioner.state.storage import STATE, Storage


def _cure() -> str:
    return "The state there is as it was. Report this as a bug, and keep the folder."


def write_state(storage: Storage, state: State) -> str | None:
    """Write a state in the place of whatever stands there; kept for good when this returns.

    Both are kept as generations; tells the name of the former one. What hides a sensitive value
    that former ones have in clear takes these along. Raises StateError when it can't be written, or
    contradicts itself; what stood there then stands.
    """
    place = storage.place(STATE)
    refuse_contradictions(state, place, _cure)
    text = dump(state)
    load(text, place, _cure)
    generations = Generations(storage)
    former, kept = _keep_former(generations)
    generations.keep(encoded(text), state.serial)
    if former and reveals(former, state):
        # First, while the state still says that this is to be done: a crash must not leave them.
        generations.forget(lambda each: reveals(each, state))
        kept = None
    _write(storage, encoded(text))
    return kept


def _keep_former(generations: Generations) -> tuple[State | None, str | None]:
    storage = generations.storage
    place = storage.place(STATE)
    try:
        content = storage.read(STATE)
    except FileNotFoundError:
        return None, None
    except OSError as trouble:
        raise unwritable(place, trouble) from trouble
    try:
        former = load(content.decode("utf-8", errors="surrogatepass"), place)
    except (UnicodeDecodeError, StateError):
        return None, generations.keep_damaged(STATE, content)
    return former, generations.keep(content, former.serial)


def _write(storage: Storage, content: bytes) -> None:
    place = storage.place(STATE)
    try:
        storage.write(STATE, [content])
        found = storage.read(STATE)
    except OSError as trouble:
        raise unwritable(place, trouble) from trouble
    if found != content:
        raise StateError(
            error(
                "S013",
                "State reads back otherwise than it was written",
                f"{place}: the disk, or whoever else writes there, gives back other bytes. A whole"
                f" copy is in {storage.place(FOLDER)}, and the journal still has what was done."
                " Check the disk, and run the command again.",
            )
        )
