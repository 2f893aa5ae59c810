"""Generations: the last contents of a state, kept beside it, so that none is the only one.

Each is named by its serial and by a digest of its text: two never share a name, however fast they
are written, and one that was damaged doesn't fit its name any more.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from provisioner.errors import StateError
from provisioner.state.files import unwritable
from provisioner.state.integrity import contradictions
from provisioner.state.model import State, load
from provisioner.state.storage import Entry, Storage

FOLDER = "generations"
KEPT = 10
"""So many are kept, the present one among them."""

_NAME = re.compile(rf"{FOLDER}/(\d+)-([0-9a-f]{{16}})\.json")


@dataclass(frozen=True, slots=True)
class Generation:
    """One content of the state that can be trusted."""

    name: str
    """In the storage."""
    state: State


@dataclass(frozen=True, slots=True)
class Generations:
    """The generations of one state."""

    storage: Storage

    def keep(self, content: bytes, serial: int) -> str:
        """Keep a content as the newest generation, for good when this returns; give its name.

        The oldest ones go. Raises StateError when it can't be written.
        """
        name = f"{FOLDER}/{serial}-{_digest(content)}.json"
        others = [each for each in self._listed() if each.name != name]
        self._write(name, content, others)
        self._delete([each.name for each in others[: -KEPT + 1]])
        return name

    def keep_damaged(self, name: str, content: bytes) -> str:
        """Keep what is no good state or journal, under a name that no generation has; give it."""
        kept = f"{FOLDER}/damaged-{_digest(content)}-{name}"
        self._write(kept, content, ())
        return kept

    def lineage(self, content: bytes) -> str | None:
        """Tell the lineage of the newest one; None where it is just this content, or there is none.

        That is so after every write, and costs no more than a digest.
        """
        newest = self._listed()[-1:]
        if newest and newest[0].name.endswith(f"-{_digest(content)}.json"):
            return None
        return next((each.state.lineage for each in self.good()), None)

    def good(self) -> Iterator[Generation]:
        """Go through those that can be trusted, the newest first."""
        for each in reversed(self._listed()):
            state = self._trusted(each.name)
            if state:
                yield Generation(each.name, state)

    def find(self, name: str) -> Generation | None:
        """Find one that can be trusted, by its name in the folder; None where there is none."""
        return next((each for each in self.good() if each.name == f"{FOLDER}/{name}"), None)

    def forget(self, wanted: Callable[[State], bool]) -> None:
        """Delete those that are wanted to go, and whatever else here can't be read."""
        good = {each.name for each in self.good() if not wanted(each.state)}
        names = (each.name for each in self.storage.entries(FOLDER))
        self._delete([name for name in names if name not in good])

    def _write(self, name: str, content: bytes, others: Sequence[Entry]) -> None:
        # The newest, also within one tick of the clock, or after it was set back.
        order = max(time.time_ns(), max((each.order for each in others), default=0) + 1)
        try:
            if self._read(name) == content:
                self.storage.date(name, order)
            else:
                self.storage.write(name, [content], order)
        except OSError as trouble:
            raise unwritable(self.storage.place(name), trouble) from trouble

    def _read(self, name: str) -> bytes | None:
        try:
            return self.storage.read(name)
        except FileNotFoundError:
            return None

    def _delete(self, names: list[str]) -> None:
        try:
            self.storage.delete(*names)
        except OSError as trouble:
            raise unwritable(self.storage.place(FOLDER), trouble) from trouble

    def _listed(self) -> list[Entry]:
        """List the generations in the order in which they were kept."""
        named = ((each, _NAME.fullmatch(each.name)) for each in self.storage.entries(FOLDER))
        ordered = [(each.order, int(name[1]), each.name, each) for each, name in named if name]
        return [each for *_, each in sorted(ordered)]

    def _trusted(self, name: str) -> State | None:
        try:
            content = self.storage.read(name)
            state = load(content.decode("utf-8", errors="surrogatepass"), name)
        except (OSError, UnicodeDecodeError, StateError):
            return None
        wanted = f"{FOLDER}/{state.serial}-{_digest(content)}.json"
        return state if name == wanted and not contradictions(state) else None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
